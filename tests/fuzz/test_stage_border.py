"""Whatever a speaker's program sends, in words or by UDP: an answer or one refusal, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from contextlib import suppress
from pathlib import Path

import pylibsrtp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.hall import ADA, ADA_HZ, BOB, BOB_HZ, open_hall, until
from rostra.core.clock import SystemClock
from rostra.core.errors import BadSessionDescription, RostraError
from rostra.stage.errors import NotWhole
from rostra.stage.fragment import Credentials, Fragment, read_fragment
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

LOOPBACK = Network(("127.0.0.1",))
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\na=sendonly\r\na=rtpmap:97 VP8/90000\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdab\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n"
)


async def _offer() -> tuple[str, RTCPeerConnection]:
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(AudioStreamTrack())
    await browser.setLocalDescription(await browser.createOffer())
    return browser.localDescription.sdp, browser


async def _good() -> str:
    sdp, browser = await _offer()
    await browser.close()
    return sdp.replace("BUNDLE 0", "BUNDLE 0 1") + VIDEO


GOOD = asyncio.run(_good())
ENDS = [*"\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", "\r\r\n", "\t", "\x00", "\x1f"]
"""Characters that end a line, for somebody."""
ODD = ["", "0", "-1", "65536", "99999999999999999999", "é", "\x00", "a" * 300, "opus/0/0", "::", "/", " "]


def mangled(draw: random.Random) -> str:
    """A good offer with lines lost, doubled, moved, run together, or a word put in another's place."""
    lines = GOOD.split("\r\n")
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(lines))
        match draw.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(draw.randrange(len(lines)), lines[at])
            case 2:
                words = lines[at].split(" ")
                words[draw.randrange(len(words))] = draw.choice(ODD)
                lines[at] = " ".join(words)
            case 3:
                name, colon, _ = lines[at].partition(":")
                lines[at] = name + colon + draw.choice(ODD)
            case 4:
                end = draw.randint(at + 1, len(lines))
                lines[at:end] = [draw.choice(ENDS).join(lines[at:end])]
            case 5:
                within = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:within] + draw.choice(ENDS) + lines[at][within:]
            case _:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
    return "\r\n".join(lines)


async def _answered(sdp: str, *, one_way: bool) -> None:
    before = len(asyncio.all_tasks())
    try:
        peer = await Peer.answer(
            sdp, one_way=one_way, network=LOOPBACK, postbox=Postbox(), stun_servers=[], clock=SystemClock()
        )
    except (BadSessionDescription, NotWhole):
        pass
    else:
        assert peer.answer_sdp.startswith("v=0")
        assert len(peer._connection.getTransceivers()) == 1
        assert peer._connection.sctp is None
        running = asyncio.create_task(peer.run())
        await asyncio.sleep(0)
        peer.hang_up()
        await running
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.005)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_mangled_offer_is_answered_or_refused_and_leaves_no_session(
    draw: random.Random, one_way: bool
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(_answered(mangled(draw), one_way=one_way))
    assert len(os.listdir("/proc/self/fd")) <= before


FRAGMENT = Fragment(
    Credentials("abcd", "abcdabcdabcdabcdabcdab"),
    ("0",),
    (
        "candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host",
        "candidate:2 1 tcp 1 ::1 9 typ host tcptype active",
    ),
).sdp()


async def _patched(texts: list[str], if_match: str) -> None:
    peer = await Peer.answer(
        GOOD, one_way=True, network=LOOPBACK, postbox=Postbox(), stun_servers=[], clock=SystemClock()
    )
    running = asyncio.create_task(peer.run())
    refusals: list[int] = []
    for text in texts:
        try:
            await peer.patch(read_fragment(text), peer.etag if if_match == "etag" else if_match)
        except RostraError as error:
            refusals.append(error.status)
    assert all(400 <= status < 500 for status in refusals)
    await asyncio.sleep(0.03)
    assert not running.done()
    peer.hang_up()
    await running


def damaged(parts: list[str]) -> str:
    return FRAGMENT if not parts else FRAGMENT.replace(parts[0], parts[-1])


WORDS = st.sampled_from([*FRAGMENT.replace("\r\n", " ").split(), "5000", ":", *ODD[1:]])


@settings(max_examples=60)
@given(
    st.lists(st.lists(WORDS, max_size=2).map(damaged), min_size=1, max_size=4),
    st.sampled_from(["*", "etag", '"x"', ""]),
)
def test_mangled_fragments_never_end_a_session(texts: list[str], if_match: str) -> None:
    asyncio.run(_patched(texts, if_match))


async def test_junk_by_udp_neither_ends_a_session_nor_piles_up() -> None:
    sdp, browser = await _offer()
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    postbox = Postbox()
    peer = await Peer.answer(
        sdp, one_way=True, network=LOOPBACK, postbox=postbox, stun_servers=[], clock=SystemClock()
    )
    running = asyncio.create_task(peer.run())
    port = peer._ice.local_candidates[0].port
    draw = random.Random(7)
    binding = bytes.fromhex("000100502112a442") + bytes(12)
    stun = [binding[:20] + draw.randbytes(draw.randrange(84)) for _ in range(200)]
    short = [_stun(type_, draw.randbytes(length)) for type_ in range(0x40) for length in (0, 1, 3, 5)]
    media = [bytes([draw.randrange(20, 192)]) + draw.randbytes(draw.randrange(1400)) for _ in range(2000)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (*stun, *short, *media):
            stranger.sendto(datagram, ("127.0.0.1", port))
            postbox.collect()
    await browser.setRemoteDescription(RTCSessionDescription(peer.answer_sdp, "answer"))
    async with asyncio.timeout(8):
        while not peer.connected:
            await asyncio.sleep(0.02)
    assert peer._ice.junk > 1500
    assert peer._ice._queue.qsize() < 20
    assert troubles == []
    await browser.close()
    await running


def _stun(type_: int, value: bytes) -> bytes:
    """A binding request with one attribute, as long as it says."""
    attribute = type_.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
    return b"\x00\x01" + len(attribute).to_bytes(2, "big") + bytes.fromhex("2112a442") + bytes(12) + attribute


async def test_mangled_sound_of_somebody_on_stage_is_dropped_and_they_are_heard_again(tmp_path: Path) -> None:
    async with open_hall(tmp_path, rtc_address="127.0.0.1") as hall:
        ada, bob = await hall.talker(ADA, ADA_HZ), await hall.talker(BOB, BOB_HZ)
        await until(lambda: bob.hears(ADA_HZ), timeout_s=20)
        draw = random.Random(7)
        transport = ada._connection.getSenders()[0].transport
        for number in range(300):
            with suppress(pylibsrtp.Error):  # its own numbers do not fit: it never leaves
                await transport._send_rtp(_rtp(draw, number))
            await asyncio.sleep(0.002)
        for _ in range(100):
            await transport._send_rtp(_rtcp(draw))
        await until(lambda: bob.hears(ADA_HZ), timeout_s=20)
        assert hall.report is not None
        assert {one.speaker for one in hall.report.speakers if one.connected} == {ADA, BOB}


def _rtp(draw: random.Random, number: int) -> bytes:
    """A packet with a header that SRTP can protect, and anything behind it."""
    extension = draw.random() < 0.3
    first = 0x80 | (0x20 if draw.random() < 0.2 else 0) | (0x10 if extension else 0)
    head = bytes([first, draw.choice([96, 97, 111, 0, 8, 127]) | draw.choice([0, 0x80])])
    sequence = draw.choice([number, number, draw.randrange(65_536)]).to_bytes(2, "big")
    source = draw.randrange(20).to_bytes(4, "big")  # more than 64 and they are hung up on
    head += sequence + draw.randbytes(4) + source
    if extension:
        words = draw.randrange(4)
        head += draw.choice([b"\xbe\xde", b"\x10\x00"]) + words.to_bytes(2, "big") + draw.randbytes(4 * words)
    return head + draw.randbytes(draw.randrange(1, 900))


def _rtcp(draw: random.Random) -> bytes:
    """A report, a goodbye or feedback that lies about its length or its content."""
    words = draw.randrange(1, 12)
    kind = draw.choice([200, 201, 202, 204, 205, 206, 207])
    return bytes([0x80 | draw.randrange(32), kind]) + words.to_bytes(2, "big") + draw.randbytes(4 * words)
