"""A speaker against a small stage in the same process: real ICE, DTLS and Opus on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import msgspec
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from harness.clock import ManualClock
from rostra.core.clock import SystemClock
from rostra.rehearsal import speakers
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.replies import Refused
from rostra.rehearsal.sound import Silence, Tone
from rostra.rehearsal.speakers import Microphone, Speaker
from rostra.rehearsal.timeline import Timeline

LINK = StudioLink("http://backstage:8002", "abcdefgh23", "secret")


class SmallStage:
    """Answers offers, hears the speaker, plays them a 1,000 Hz tone."""

    def __init__(self) -> None:
        self.peers: list[RTCPeerConnection] = []
        self.consents: list[dict[str, object]] = []
        self.authorizations: set[str] = set()
        self.refuse: list[int] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stage"):
            return httpx.Response(200, json={"consent": {"id": "v1", "text": "You will be heard."}})
        self.authorizations.add(request.headers["authorization"])
        body = msgspec.json.decode(request.content)
        if request.url.path.endswith("/consent"):
            self.consents.append(body)
            return httpx.Response(200, json={"speaker": "ssssssss"})
        if self.refuse:
            return httpx.Response(self.refuse.pop(0), json={"error": {"code": "no", "message": "Not now."}})
        return httpx.Response(200, json={"session": "x", "sdp": await self.take_in(body["sdp"])})

    async def take_in(self, sdp: str) -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peers.append(peer)
        clock = SystemClock()
        tone = Timeline(clock)
        tone.begin()
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        peer.addTrack(Microphone(Tone(1000.0), tone, clock))
        await peer.setLocalDescription(await peer.createAnswer())
        return peer.localDescription.sdp

    async def frequency_heard(self) -> float:
        """The strongest frequency in a half second of what the newest speaker sends."""
        track = self.peers[-1].getTransceivers()[0].receiver.track
        return await strongest(track, ticks=25)

    async def die(self) -> None:
        for peer in self.peers:
            await peer.close()


async def strongest(track: MediaStreamTrack, *, ticks: int) -> float:
    pcm = []
    while len(pcm) < ticks:
        frame = await track.recv()
        assert isinstance(frame, AudioFrame)
        samples = frame.to_ndarray().reshape(-1, 2)[:, 0].astype(float)
        if pcm or np.abs(samples).max() > 1000:
            pcm.append(samples)
    spectrum = np.abs(np.fft.rfft(np.concatenate(pcm) * np.hanning(ticks * 960)))
    return float(np.argmax(spectrum)) * 48_000 / (ticks * 960)


@pytest.fixture
async def stage() -> AsyncIterator[SmallStage]:
    stage = SmallStage()
    yield stage
    await stage.die()


@contextlib.asynccontextmanager
async def speaking(stage: SmallStage) -> AsyncIterator[Speaker]:
    clock = SystemClock()
    timeline = Timeline(clock)
    timeline.begin()
    async with stage.client() as http:
        speaker = Speaker(http, LINK, name="Nora", source=Tone(440.0), timeline=timeline, clock=clock)
        task = asyncio.create_task(speaker.run())
        try:
            yield speaker
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def nora(stage: SmallStage) -> Speaker:
    """Somebody who says nothing."""
    clock = SystemClock()
    return Speaker(stage.client(), LINK, name="Nora", source=Silence(), timeline=Timeline(clock), clock=clock)


async def test_a_speaker_consents_is_heard_and_hears_the_stage(stage: SmallStage) -> None:
    async with asyncio.timeout(10), speaking(stage) as speaker:
        await speaker.connected.wait()
        assert await stage.frequency_heard() == pytest.approx(440, abs=4)
        while speaker.heard.loudest_dbfs < -40:
            await asyncio.sleep(0.02)
    (accepted,) = stage.consents
    assert accepted.pop("browser")
    assert accepted == {"text_id": "v1", "accepted": True, "name": "Nora"}
    assert stage.authorizations == {"Speaker secret"}


async def test_a_speaker_comes_back_by_itself_when_the_stage_goes_away(
    stage: SmallStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "SILENT_STAGE_S", 0.3)
    stage.refuse = [503]
    async with asyncio.timeout(15), speaking(stage) as speaker:
        await speaker.connected.wait()
        await stage.die()
        while speaker.sessions < 2:
            await asyncio.sleep(0.02)
        assert await stage.frequency_heard() == pytest.approx(440, abs=4)


async def test_a_speaker_leaves_when_the_space_is_over(
    stage: SmallStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "SILENT_STAGE_S", 0.3)
    speaker = nora(stage)
    async with asyncio.timeout(10):
        running = asyncio.create_task(speaker.run())
        await speaker.connected.wait()
        stage.refuse = [409]
        await stage.die()
        await running


@pytest.mark.parametrize("status", [401, 403])
async def test_a_speaker_who_is_taken_off_the_stage_leaves_and_says_so(
    stage: SmallStage, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(speakers, "SILENT_STAGE_S", 0.3)
    speaker = nora(stage)
    async with asyncio.timeout(10):
        running = asyncio.create_task(speaker.run())
        await speaker.connected.wait()
        assert not speaker.left.is_set()
        stage.refuse = [status]
        await stage.die()
        await running
    assert speaker.left.is_set()


async def test_a_used_or_wrong_link_is_not_tried_again(stage: SmallStage) -> None:
    stage.refuse = [403]
    speaker = Speaker(
        stage.client(),
        LINK,
        name="Nora",
        source=Silence(),
        timeline=Timeline(ManualClock()),
        clock=SystemClock(),
    )
    with pytest.raises(Refused, match="Not now"):
        await speaker.run()


async def test_a_microphone_sends_one_channel_at_the_rate_of_a_browser() -> None:
    clock = ManualClock()
    timeline = Timeline(clock)
    timeline.begin()
    microphone = Microphone(Tone(440.0), timeline, clock)
    packets = []
    for _ in range(100):
        clock.advance(ms=20)
        packets.append(await microphone.recv())
    assert not any(bytes(packet)[0] & 4 for packet in packets)  # RFC 6716 section 3.1: not stereo
    assert sum(packet.size for packet in packets) * 8 / 2 < 48_000
    assert [packet.pts for packet in packets] == [960 * tick for tick in range(1, 101)]


async def test_a_microphone_that_was_held_up_drops_the_time_it_missed() -> None:
    clock = ManualClock()
    timeline = Timeline(clock)
    timeline.begin()
    microphone = Microphone(Silence(), timeline, clock)
    clock.advance(ms=5_000)
    first = await microphone.recv()
    assert first.pts == 250 * 960
    microphone.stop()
    with pytest.raises(MediaStreamError):
        await microphone.recv()
