"""One encoded packet goes to many people, each with the numbers of their own stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from av import AudioFrame

from rostra.audio.opus_encoder import OpusEncoder
from rostra.audio.returns import return_encoder
from rostra.core.clock import SystemClock
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

Hearer = tuple[RTCPeerConnection, Peer]


@asynccontextmanager
async def hearer(*, one_way: bool = False) -> AsyncIterator[Hearer]:
    """Somebody who is connected to the stage, and their connection's end there."""
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(AudioStreamTrack())
    await browser.setLocalDescription(await browser.createOffer())
    peer = await Peer.answer(
        browser.localDescription.sdp,
        one_way=one_way,
        network=Network(),
        postbox=Postbox(),
        stun_servers=[],
        clock=SystemClock(),
    )
    running = asyncio.create_task(peer.run())
    try:
        await browser.setRemoteDescription(RTCSessionDescription(peer.answer_sdp, "answer"))
        await until(lambda: peer.connected and browser.connectionState == "connected")
        yield browser, peer
    finally:
        await browser.close()
        peer.hang_up()
        await running


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


def tone(tick: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    time = (np.arange(TICK) + tick * TICK) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)


async def loudest_hz(browser: RTCPeerConnection) -> int:
    """What a person hears, from their tenth frame on."""
    track = browser.getReceivers()[0].track
    heard = []
    for _ in range(40):
        frame = await track.recv()
        assert isinstance(frame, AudioFrame)
        heard.append(frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0])
    spectrum = np.abs(np.fft.rfft(np.concatenate(heard[10:])))
    return round(int(np.argmax(spectrum)) * SAMPLE_RATE / (30 * TICK))


async def speak(peers: list[Peer], *, encoder: OpusEncoder) -> None:
    """Encode once every 20 ms, and send the same to everyone."""
    tick = 0
    while True:
        packet = encoder.encode(tone(tick))
        for peer in peers:
            if peer.takes_return:
                peer.send(packet, tick)
        tick += 1
        await asyncio.sleep(0.02)


async def hearing(tasks: list[Awaitable[int]]) -> list[int]:
    async with asyncio.timeout(20):
        return await asyncio.gather(*tasks)


async def test_everyone_hears_the_one_packet_and_reports_how_well_it_came() -> None:
    async with AsyncExitStack() as stack:
        pairs = [await stack.enter_async_context(hearer()) for _ in range(3)]
        peers = [peer for _, peer in pairs]
        speaking = asyncio.create_task(speak(peers, encoder=return_encoder()))
        try:
            assert await hearing([loudest_hz(browser) for browser, _ in pairs]) == [1000] * 3
            await until(lambda: all(peer.round_trip_s is not None for peer in peers))
            assert all(0 <= (peer.round_trip_s or 0) < 5 for peer in peers)
            assert all(peer.lost_share == 0 for peer in peers)
        finally:
            speaking.cancel()


async def test_ticks_left_out_are_a_gap_in_time_and_no_loss() -> None:
    async with hearer() as (browser, peer):
        receiver = browser.getReceivers()[0]
        encoder = return_encoder()
        stamps: list[tuple[int, int]] = []
        original = receiver._handle_rtp_packet

        async def note(packet, arrival_time_ms):  # type: ignore[no-untyped-def]  # aiortc's
            stamps.append((packet.sequence_number, packet.timestamp))
            await original(packet, arrival_time_ms)

        receiver._handle_rtp_packet = note
        await until(lambda: peer.takes_return)
        for tick in (7, 8, 58):
            peer.send(encoder.encode(tone(tick)), tick)
        await until(lambda: len(stamps) == 3)
        sequences, times = zip(*stamps, strict=True)
        assert np.diff(sequences).tolist() == [1, 1]
        assert np.diff(times).tolist() == [TICK, 50 * TICK]


async def test_somebody_who_only_sends_is_sent_nothing() -> None:
    async with hearer(one_way=True) as (_, peer):
        assert not peer.takes_return


async def test_what_cannot_leave_is_dropped_and_counted() -> None:
    async with hearer() as (_, peer):
        await until(lambda: peer.takes_return)
        await peer.close()
        for tick in range(3):
            peer.send(b"x", tick)
        assert peer.unsent == 3
