"""One connection: what is offered beside audio, hidden addresses, and people who vanish."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Callable

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from harness.clock import ManualClock
from rostra.core.clock import Clock, SystemClock
from rostra.core.errors import BadSessionDescription
from rostra.stage.ice import Network
from rostra.stage.liveness import HALF_OPEN_NS, LOST_NS, SILENT_NS
from rostra.stage.offer import AudioOffer
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\na=rtpmap:97 VP8/90000\r\na=rtcp-mux\r\na=sendonly\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdab\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n"
)


@pytest.fixture
async def browser() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    yield connection
    await connection.close()


async def offer(browser: RTCPeerConnection) -> str:
    browser.addTrack(AudioStreamTrack())
    await browser.setLocalDescription(await browser.createOffer())
    return browser.localDescription.sdp


async def answer(sdp: str, *, clock: Clock | None = None) -> Peer:
    return await Peer.answer(
        sdp,
        one_way=False,
        network=Network(),
        postbox=Postbox(),
        stun_servers=[],
        clock=clock or SystemClock(),
    )


async def accept(browser: RTCPeerConnection, peer: Peer) -> None:
    await browser.setRemoteDescription(RTCSessionDescription(peer.answer_sdp, "answer"))
    async with asyncio.timeout(5):
        while not peer.connected:
            await asyncio.sleep(0.02)


async def test_a_browser_that_hides_its_addresses_is_answered_at_once_and_connects(
    browser: RTCPeerConnection,
) -> None:
    sdp = re.sub(
        r"(a=candidate:\S+ \d \S+ \d+ )\S+",
        r"\g<1>5f2c9b0a-1111-4000-8000-0123456789ab.local",
        await offer(browser),
    )
    began = time.monotonic()
    peer = await answer(sdp)
    assert time.monotonic() - began < 0.9
    await accept(browser, peer)
    await peer.close()


async def test_video_and_data_offered_along_are_not_taken(browser: RTCPeerConnection) -> None:
    browser.addTrack(AudioStreamTrack())
    browser.addTransceiver("video")
    browser.createDataChannel("chat")
    await browser.setLocalDescription(await browser.createOffer())
    peer = await answer(browser.localDescription.sdp)
    media = [line.split()[:2] for line in peer.answer_sdp.splitlines() if line.startswith("m=")]
    assert [kind for kind, _ in media] == ["m=audio", "m=video", "m=application"]
    assert [port == "0" for _, port in media] == [False, True, True]
    await peer.close()


@pytest.mark.parametrize(
    "damage", ["opus/48000", "a=fingerprint:", "a=ice-pwd:", "a=rtcp-mux", "a=setup:actpass"]
)
async def test_an_offer_without_what_it_needs_is_a_bad_description(
    browser: RTCPeerConnection, damage: str
) -> None:
    sdp = (await offer(browser)).replace(damage, "a=nothing")
    with pytest.raises(BadSessionDescription):
        await answer(sdp)


HIDING = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Each ends a line for aiortc."""


@pytest.mark.parametrize("end", HIDING)
async def test_sections_hidden_in_a_line_are_refused_whatever_seems_to_end_it(
    browser: RTCPeerConnection, end: str
) -> None:
    sdp = await two_sections(browser)
    head, audio, data = re.split(r"(?m)^(?=m=)", sdp)
    way = re.findall(r"a=(?:candidate|end-of|ice-|fingerprint|setup)[^\r]*", audio)
    hidden = end.join(("a=x", *way, *data.splitlines()))
    with pytest.raises(BadSessionDescription):
        await answer(f"{head}{audio}{hidden}\r\n")


async def test_what_the_library_finds_more_in_a_description_than_the_stage_is_refused_and_all_closed(
    browser: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = await two_sections(browser)
    tasks, descriptors = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
    video = data[: data.index("m=application")] + VIDEO
    for found in (data, video):
        monkeypatch.setattr(AudioOffer, "sdp", lambda _, found=found: found)
        with pytest.raises(BadSessionDescription):
            await answer(data)
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > tasks or len(os.listdir("/proc/self/fd")) > descriptors:
            await asyncio.sleep(0.01)


async def two_sections(browser: RTCPeerConnection) -> str:
    """A microphone, and a data channel beside it."""
    browser.createDataChannel("chat")
    return await offer(browser)


async def test_somebody_who_vanishes_without_a_word_is_given_up(browser: RTCPeerConnection) -> None:
    clock = ManualClock()
    peer = await answer(await offer(browser), clock=clock)
    running = asyncio.create_task(peer.run())
    await accept(browser, peer)
    for protocol in browser.getTransceivers()[0].receiver.transport.transport._connection._protocols:
        protocol.transport.abort()
    await asyncio.sleep(1.2)
    clock.advance(ns=SILENT_NS)
    async with asyncio.timeout(5):
        while peer.connected:
            await asyncio.sleep(0.02)
    assert not running.done(), "they may come back"
    clock.advance(ns=LOST_NS)
    async with asyncio.timeout(5):
        await running
    assert peer.lost
    assert peer.silent_ns >= LOST_NS


async def test_bytes_from_where_somebody_was_keep_nobody_alive(browser: RTCPeerConnection) -> None:
    clock = ManualClock()
    peer = await answer(await offer(browser), clock=clock)
    running = asyncio.create_task(peer.run())
    await accept(browser, peer)
    path = peer._ice._nominated[1]
    for protocol in browser.getTransceivers()[0].receiver.transport.transport._connection._protocols:
        protocol.transport.abort()
    await asyncio.sleep(1.2)
    ours = (path.local_candidate.host, path.local_candidate.port)
    nothing = (
        bytes([0]),
        bytes([22, 254, 253]) + bytes(60),
        b"\x80\x60" + bytes(60),
        b"\x81\xc9" + bytes(60),
    )
    with socket.socket(path.protocol.transport.get_extra_info("socket").family, socket.SOCK_DGRAM) as forger:
        forger.bind(path.remote_addr)

        async def forging(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(5):
                while not holds():
                    for datagram in nothing:
                        forger.sendto(datagram, ours)
                    await asyncio.sleep(0.02)

        clock.advance(ns=SILENT_NS)
        await forging(lambda: not peer.connected)
        clock.advance(ns=LOST_NS)
        await forging(running.done)
    assert peer.lost


async def test_whose_consent_expires_before_the_stage_has_missed_them_has_lost_the_line_too(
    browser: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr(aioice.ice, "CONSENT_FAILURES", 2)
    peer = await answer(await offer(browser))
    running = asyncio.create_task(peer.run())
    await accept(browser, peer)
    for protocol in browser.getTransceivers()[0].receiver.transport.transport._connection._protocols:
        protocol.transport.abort()
    async with asyncio.timeout(8):
        await running
    assert peer.lost


async def test_whoever_closes_their_browser_has_hung_up(browser: RTCPeerConnection) -> None:
    peer = await answer(await offer(browser))
    running = asyncio.create_task(peer.run())
    await accept(browser, peer)
    await browser.close()
    async with asyncio.timeout(5):
        await running
    assert peer.came
    assert not peer.lost


async def test_somebody_who_never_comes_is_given_up_after_half_a_minute(browser: RTCPeerConnection) -> None:
    clock = ManualClock()
    peer = await answer(await offer(browser), clock=clock)
    running = asyncio.create_task(peer.run())
    await asyncio.sleep(0.05)
    clock.advance(ns=HALF_OPEN_NS)
    async with asyncio.timeout(4):
        await running
