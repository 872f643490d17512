"""A whole stage on real parts: aiortc speakers, the bus, the worker, a tape that FFmpeg decodes.

The stage runs as a task of the test, so that a test can take its disk away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_END,
    STAGE_LEAVE,
    STAGE_LIVE,
    STAGE_MONITOR,
    STAGE_OFFER,
    Answer,
    Done,
    End,
    Ended,
    GoLive,
    Leave,
    Lifecycle,
    Monitor,
    Notice,
    Offer,
    Role,
    SpaceState,
    StageReport,
    WentLive,
    space_state,
    stage_report,
)
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SessionId, SpaceId, SpeakerId
from rostra.core.role import RoleContext, bus_path
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.core.settings import Settings
from rostra.stage import worker

SPACE = SpaceId("abcdefghjk")
ADA, BOB, EVE = SpeakerId("adaadaada"), SpeakerId("bobbobbob"), SpeakerId("eveeveeve")
ADA_HZ, BOB_HZ = 440, 1250
PATIENCE_S = 20.0
"""Where nothing is about speed; the machine may be busy."""

Samples = npt.NDArray[np.float32]


class Tone(MediaStreamTrack):
    """A microphone that hums one note, 20 ms at a time, in real time."""

    kind = "audio"

    def __init__(self, hertz: int, amplitude: float = 0.25) -> None:
        super().__init__()
        self._hertz, self._amplitude = hertz, amplitude
        self._pts = 0
        self._began = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0, self._began + self._pts / SAMPLE_RATE - time.monotonic()))
        at = (np.arange(TICK) + self._pts) / SAMPLE_RATE
        tone = self._amplitude * np.sin(2 * np.pi * self._hertz * at) * 32767
        piece = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None, :], format="s16", layout="mono")
        piece.sample_rate, piece.pts, piece.time_base = SAMPLE_RATE, self._pts, Fraction(1, SAMPLE_RATE)
        self._pts += TICK
        return piece


class Talker:
    """A person's browser: hums, and keeps what it hears."""

    def __init__(self, speaker: SpeakerId, hertz: int, *, muted: bool = False) -> None:
        self.speaker = speaker
        self.muted = muted
        self.heard: list[Samples] = []
        self.answer: Answer | None = None
        self._hertz = hertz
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._listening: asyncio.Task[None] | None = None

    async def offer(self, *, one_way: bool = False) -> Offer:
        direction = "sendonly" if one_way else "sendrecv"
        self._connection.addTransceiver(Tone(self._hertz), direction=direction)
        self._connection.on("track", self._listen)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        sdp = self._connection.localDescription.sdp
        return Offer(
            space=SPACE,
            speaker=self.speaker,
            name="Ada",
            role=Role.HOST,
            sdp=sdp,
            one_way=one_way,
            muted=self.muted,
        )

    async def join(self, bus: BusClient, *, one_way: bool = False) -> Answer:
        self.answer = await bus.request(STAGE_OFFER, await self.offer(one_way=one_way), Answer)
        await self._connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        return self.answer

    async def listen_in(self, bus: BusClient) -> SessionId:
        asked = Monitor(space=SPACE, sdp=(await self.offer()).sdp)
        self.answer = await bus.request(STAGE_MONITOR, asked, Answer)
        await self._connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        return self.answer.session

    @property
    def state(self) -> str:
        return self._connection.connectionState

    def hears(self, hertz: int, *, last_s: float = 0.4) -> bool:
        """Say whether ``hertz`` stands out in the last moments heard."""
        if sum(map(len, self.heard)) < last_s * SAMPLE_RATE:
            return False
        return stands_out(np.concatenate(self.heard)[-int(last_s * SAMPLE_RATE) :], hertz)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(keep(track, self.heard))

    async def hang_up(self) -> None:
        await self._connection.close()
        if self._listening is not None:
            self._listening.cancel()


async def keep(track: MediaStreamTrack, heard: list[Samples]) -> None:
    """Append what a track plays, both channels as one, until it ends."""
    try:
        while True:
            piece = await track.recv()
            both = piece.to_ndarray().reshape(-1, piece.layout.nb_channels)
            heard.append(both.mean(axis=1).astype(np.float32) / 32768)
    except MediaStreamError:
        return


def stands_out(sound: Samples, hertz: int) -> bool:
    """Say whether a tone of ``hertz`` carries at least 5 % of the sound's power, and is audible."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    bin_ = round(hertz * len(sound) / SAMPLE_RATE)
    near = spectrum[max(0, bin_ - 3) : bin_ + 4].sum()
    return bool(near > 0.05 * spectrum.sum() and np.abs(sound).max() > 0.02)


class Hall:
    """A running stage with a bus, as control and the audience see it."""

    def __init__(self, settings: Settings, bus: BusClient) -> None:
        self.settings = settings
        self.bus = bus
        self.report: StageReport | None = None
        self.reports = 0
        self._stopping = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._talkers: list[Talker] = []

    def start(self) -> None:
        self._stopping.clear()
        context = RoleContext(self.settings, SystemClock(), 0, (), self._stopping)
        self._worker = asyncio.create_task(worker.run(context))

    async def stop(self) -> None:
        assert self._worker is not None
        self._stopping.set()
        await asyncio.wait_for(self._worker, 5)

    async def talker(
        self, speaker: SpeakerId, hertz: int, *, one_way: bool = False, muted: bool = False
    ) -> Talker:
        talker = Talker(speaker, hertz, muted=muted)
        self._talkers.append(talker)
        await talker.join(self.bus, one_way=one_way)
        return talker

    async def go_live(self) -> WentLive:
        return await self.bus.request(STAGE_LIVE, GoLive(space=SPACE, title="An evening"), WentLive)

    async def end(self, run: RunId) -> Ended:
        return await self.bus.request(STAGE_END, End(space=SPACE, run=run), Ended)

    def tell(self, lifecycle: Lifecycle, live: WentLive | None = None, *notices: Notice) -> None:
        state = SpaceState(
            space=SPACE,
            revision=1,
            lifecycle=lifecycle,
            title="An evening",
            description="",
            host=AccountId("hosthost"),
            host_name="Ada",
            starts_at=0,
            time_zone="UTC",
            run=live.run if live else None,
            notices=notices,
        )
        self.bus.publish(space_state(SPACE), state, retain=True)

    def folder(self, run: RunId) -> Path:
        return self.settings.data / "tapes" / SPACE / run

    async def follow(self) -> None:
        async with self.bus.subscribe(stage_report(SPACE), StageReport) as reports:
            async for _, report in reports:
                self.report = report
                self.reports += 1

    async def hang_up(self) -> None:
        for talker in self._talkers:
            await talker.hang_up()


async def until(condition: Callable[[], object], *, timeout_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def open_hall(folder: Path, **knobs: object) -> AsyncIterator[Hall]:
    settings = Settings.model_validate({"data": folder, "min_free_bytes": 0, **knobs})
    async with Broker(bus_path(folder)), BusClient(bus_path(folder), name="control") as bus:
        hall = Hall(settings, bus)
        following = asyncio.create_task(hall.follow())
        hall.start()
        await until(lambda: bus.connected)
        await _answered(bus)
        try:
            yield hall
        finally:
            await hall.stop()
            await hall.hang_up()
            following.cancel()


async def _answered(bus: BusClient) -> None:
    """Wait until the stage serves requests."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await bus.request(STAGE_LEAVE, Leave(space=SPACE, session=SessionId("nobody")), Done)
            except Exception:
                await asyncio.sleep(0.02)
            else:
                return


def decode(file: Path) -> Samples:
    """Return a finished recording as FFmpeg decodes it."""
    with av.open(str(file)) as container:
        return np.concatenate([piece.to_ndarray()[0] for piece in container.decode(audio=0)])
