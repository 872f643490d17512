"""A speaker's sound from aiortc's sender to the mixer, and what the sender is told of it."""

from __future__ import annotations

import asyncio
import random
import re
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
)

from harness.clock import ManualClock
from harness.hall import Tone, stands_out
from harness.mixing_ear import MixingEar
from rostra.core.clock import Clock, SystemClock
from rostra.stage.ice import Network
from rostra.stage.microphone import MOST_SOURCES
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox
from rostra.stage.ration import MOST_BYTES, MOST_DATAGRAMS

HZ = 440


class Line:
    """A speaker's connection and the stage's end of it."""

    def __init__(self, browser: RTCPeerConnection, peer: Peer, postbox: Postbox) -> None:
        self.browser = browser
        self.peer = peer
        self.postbox = postbox
        self._ear = MixingEar(peer)
        self.running = asyncio.create_task(peer.run())

    @property
    def transport(self) -> RTCDtlsTransport:
        """Encrypts and sends whatever it is given."""
        return self.browser.getTransceivers()[0].sender.transport

    async def hears(self, seconds: float = 1.0) -> bool:
        """Listen for a while; say whether the tone is there in its second half."""
        heard = await self._ear.listen(seconds)
        return stands_out(heard[len(heard) // 2 :], HZ)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line(SystemClock()) as line:
        yield line


@asynccontextmanager
async def open_line(clock: Clock, *, listens: bool = False) -> AsyncIterator[Line]:
    postbox = Postbox()
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(Tone(HZ))
    await browser.setLocalDescription(await browser.createOffer())
    peer = await Peer.answer(
        browser.localDescription.sdp,
        one_way=False,
        listens=listens,
        network=Network(("127.0.0.1",)),
        postbox=postbox,
        stun_servers=[],
        clock=clock,
    )
    line = Line(browser, peer, postbox)
    await browser.setRemoteDescription(RTCSessionDescription(peer.answer_sdp, "answer"))
    await until(lambda: peer.connected)
    try:
        yield line
    finally:
        peer.hang_up()
        await line.running
        await browser.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(8):
        while not condition():
            await asyncio.sleep(0.02)


def rtp(payload: bytes, *, source: int, sequence: int = 0, extension: bytes = b"") -> bytes:
    header = struct.pack("!BBHII", 0x90 if extension else 0x80, 96, sequence, 0, source)
    extended = struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension if extension else b""
    return header + extended + payload


async def test_the_answer_asks_for_packets_that_remember_the_one_before(line: Line) -> None:
    formats = [line_ for line_ in line.peer.answer_sdp.splitlines() if line_.startswith("a=fmtp:")]
    assert formats == ["a=fmtp:96 minptime=10;useinbandfec=1;usedtx=1;stereo=0"]


async def test_the_sender_is_told_about_once_a_second_what_came(line: Line) -> None:
    assert await line.hears(3)
    stats = await line.browser.getStats()
    told = [each for each in stats.values() if each.type == "remote-inbound-rtp"]
    assert len(told) == 1
    assert told[0].packetsLost == 0
    assert told[0].fractionLost == 0
    assert told[0].jitter < 4800
    assert line.peer.measures().packets_received > 100


async def test_all_that_is_reported_says_first_what_came_and_who_reports_it_up_to_the_goodbye(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[list[AnyRtcpPacket]] = []
    taken = line.transport._handle_rtcp_data

    async def note(data: bytes) -> None:
        heard.append(RtcpPacket.parse(data))
        await taken(data)

    monkeypatch.setattr(line.transport, "_handle_rtcp_data", note)
    assert await line.hears(3)
    line.peer.hang_up()
    await until(lambda: any(isinstance(compound[-1], RtcpByePacket) for compound in heard))
    assert {type(compound[0]) for compound in heard} == {RtcpSrPacket, RtcpRrPacket}
    cnames = re.findall(r"a=ssrc:(\d+) cname:(\S+)", line.peer.answer_sdp)
    for report, who, *_ in heard:
        assert isinstance(report, RtcpSrPacket | RtcpRrPacket)
        assert isinstance(who, RtcpSdesPacket)
        assert [(str(each.ssrc), each.items) for each in who.chunks] == [
            (source, [(1, cname.encode())]) for source, cname in cnames
        ]
        assert str(report.ssrc) == cnames[0][0]


async def test_broken_packets_inside_the_encryption_cost_themselves_and_nothing_else(line: Line) -> None:
    assert await line.hears()
    chance = random.Random(5)
    for number in range(400):
        length = chance.randrange(200)
        extension = chance.randbytes(4 * chance.randrange(12))
        await line.transport._send_rtp(
            rtp(chance.randbytes(length), source=number % 5, sequence=number, extension=extension)
        )
        await line.transport._send_rtp(
            bytes([0x80 | chance.randrange(32), chance.randrange(200, 208)])
            + struct.pack("!HI", chance.randrange(8), number)
            + chance.randbytes(4 * chance.randrange(10))
        )
    assert await line.hears()
    assert line.peer.connected


async def test_a_source_for_every_packet_ends_the_connection(line: Line) -> None:
    for source in range(MOST_SOURCES + 1):
        await line.transport._send_rtp(rtp(b"\xf8\xff\xfe", source=source))
    await until(line.running.done)


NAMES = bytes.fromhex("81ca0002 00000007 01017800")
"""A source's name, as short as can be."""
FLOOD = NAMES * 110
"""As many as a datagram holds."""


@pytest.mark.parametrize("listens", [False, True])
async def test_of_a_flood_of_reports_little_is_read_and_the_next_seconds_reports_are(
    monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    clock, read = ManualClock(), 0
    parse = RtcpSdesPacket.parse.__func__  # type: ignore[attr-defined]

    def count(cls: type[RtcpSdesPacket], data: bytes, packets: int) -> RtcpSdesPacket:
        nonlocal read
        read += data == NAMES[4:]
        return parse(cls, data, packets)

    monkeypatch.setattr(RtcpSdesPacket, "parse", classmethod(count))
    async with open_line(clock, listens=listens) as line:
        clock.advance(ns=1_000_000_000)
        before = line.peer._ice.junk
        await flood(line, MOST_DATAGRAMS - 100)
        dropped = line.peer._ice.junk - before
        assert 0 < read <= MOST_BYTES // len(NAMES)
        assert dropped + read // 110 == MOST_DATAGRAMS - 100, "what is not read is counted"
        clock.advance(ns=1_000_000_000)
        await line.transport._send_rtp(bytes(report_on(line)))
        await until(lambda: line.peer.lost_share == 0.25)
        assert not line.running.done()


async def test_whoever_floods_the_stage_with_reports_is_hung_up_on() -> None:
    async with open_line(ManualClock()) as line:
        await flood(line, 4 * MOST_DATAGRAMS)
        await until(line.running.done)


async def flood(line: Line, datagrams: int) -> None:
    """Send reports, and have them read."""
    for _ in range(datagrams):
        await line.transport._send_rtp(FLOOD)
        line.postbox.collect()


def report_on(line: Line) -> RtcpRrPacket:
    """Of what the stage sends, a quarter was lost."""
    info = RtcpReceiverInfo(
        ssrc=line.peer._return._ssrc,
        fraction_lost=64,
        packets_lost=1,
        highest_sequence=4,
        jitter=0,
        lsr=0,
        dlsr=0,
    )
    return RtcpRrPacket(ssrc=7, reports=[info])


async def test_only_what_is_authentic_is_a_sign_of_life(line: Line) -> None:
    agent, srtp = line.peer._ice, line.transport._tx_srtp
    packets = [srtp.protect(rtp(b"\xf8\xff\xfe", source=7)), srtp.protect_rtcp(bytes(report_on(line)))]
    forged = [packet[:-1] + bytes([packet[-1] ^ 1]) for packet in packets]
    records = [bytes([23, 254, 253]) + bytes(60), b"\x00", b"\x7f" * 60]
    for datagram in (*forged, *records):
        before = agent.heard
        agent.data_received(datagram, 1)
        assert agent.heard == before
    for datagram in packets:
        before = agent.heard
        agent.data_received(datagram, 1)
        assert agent.heard == before + 1
        agent.data_received(datagram, 1)
        assert agent.heard == before + 1, "nobody lives by what they said before"
