"""A person on a stage, played by a program: real WebRTC, from a studio link.

Owns the peer connection of one rehearsal speaker: consents, offers, sends a source's sound, hears
its return mix, and comes back by itself when the stage goes away. Never knows what is said.
"""

from __future__ import annotations

import asyncio
import fractions
from dataclasses import dataclass

import httpx
import numpy as np
import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, CodecContext, Packet
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.rehearsal.backoff import Backoff
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.loopback import reach_own_machine
from rostra.rehearsal.replies import Refused
from rostra.rehearsal.sound import SILENCE_DBFS, Pcm, Source, rms_dbfs
from rostra.rehearsal.timeline import TICK_NS, Timeline

log = structlog.get_logger()

CONNECT_S = 10.0
"""Time for ICE and DTLS; on a local network it takes 0.1 s."""
SILENT_STAGE_S = 2.5
"""A stage sends its mix every 20 ms, silence included; so much without any means that it is gone."""
STALL_NS = 10 * TICK_NS
"""Behind by more than this, a microphone drops the time that it missed."""
_UNWANTED = (401, 403)
"""To whoever was on stage: removed, made a listener or blocked; or the link was taken back."""
_TIME_BASE = fractions.Fraction(1, SAMPLE_RATE)
_BIT_RATE = 32_000
"""What browsers send of one voice."""
_HEARD_TICKS = 25
"""The level heard is that of the last half second."""


class StageGone(RostraError):
    """The stage stopped answering."""

    code = "stage_gone"
    status = 503


class Microphone(MediaStreamTrack):
    """A source, paced at 20 ms on the monotonic clock, as a WebRTC track: encoded as a browser would.

    A stage asks for one channel (RFC 7587 section 6.1); aiortc by itself would send two at 96 kbit/s to
    anybody. Copies of what was lost are left out, as browsers do while they hear of no loss.
    """

    kind = "audio"

    def __init__(self, source: Source, timeline: Timeline, clock: Clock) -> None:
        super().__init__()
        self._source = source
        self._timeline = timeline
        self._clock = clock
        self._due_ns = clock.monotonic_ns()
        self._pts = 0
        self._encoder = _encoder()

    async def recv(self) -> Packet[AudioStream]:
        """Wait for the next tick and return its 960 samples, encoded. MediaStreamError once stopped."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._tick()
        pcm = self._source.read(self._timeline.position(self._due_ns), TICK)
        frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = _TIME_BASE
        frame.pts = self._pts
        (packet,) = self._encoder.encode(frame)
        packet.pts, packet.time_base = self._pts, _TIME_BASE
        return packet

    async def _tick(self) -> None:
        self._due_ns += TICK_NS
        self._pts += TICK
        behind_ns = self._clock.monotonic_ns() - self._due_ns
        if behind_ns > STALL_NS:
            missed = behind_ns // TICK_NS
            self._due_ns += missed * TICK_NS
            self._pts += missed * TICK
        elif behind_ns < 0:
            await asyncio.sleep(-behind_ns / 1e9)


def _encoder() -> AudioCodecContext:
    encoder = CodecContext.create("libopus", "w")
    encoder.sample_rate = SAMPLE_RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = _BIT_RATE
    encoder.options = {"application": "voip"}
    return encoder


@dataclass(slots=True)
class Heard:
    """The return mix as one speaker hears it."""

    ticks: int = 0
    level_dbfs: float = SILENCE_DBFS
    loudest_dbfs: float = SILENCE_DBFS

    def take(self, pcms: list[Pcm]) -> None:
        """Take half a second of frames."""
        self.ticks += len(pcms)
        self.level_dbfs = round(rms_dbfs(np.concatenate(pcms).astype(np.float64) / 32768), 1)
        self.loudest_dbfs = max(self.loudest_dbfs, self.level_dbfs)


class Speaker:
    """One person. ``run`` does the work; everything else may be read at any time."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        link: StudioLink,
        *,
        name: str,
        source: Source,
        timeline: Timeline,
        clock: Clock,
    ) -> None:
        self.name = name
        self.heard = Heard()
        self.sessions = 0
        """Times that the stage took this speaker in."""
        self.connected = asyncio.Event()
        self.left = asyncio.Event()
        """Set once somebody took this speaker off the stage."""
        self._backstage = Backstage.of_speaker(http, link)
        self._space = link.space
        self._source = source
        self._timeline = timeline
        self._clock = clock

    async def run(self) -> None:
        """Stay on stage until the space is over, or until somebody takes this speaker off it.

        A refusal of who never was on it comes out as Refused; an outage is waited for.
        """
        backoff = Backoff()
        while True:
            try:
                await self._backstage.consent(self._space, self.name)
                await self._speak(backoff)
            except Refused as error:
                if error.http_status == 409 and self.sessions:
                    return  # the stage that was open has closed: the space is over
                if error.http_status in _UNWANTED and self.sessions:
                    self.left.set()
                    return
                if error.http_status < 500 and error.http_status != 429:
                    raise
                reason = error.code
            except RostraError as error:
                reason = error.code
            wait_s = backoff.next_s()
            log.info("speaker_back_off", speaker=self.name, reason=reason, wait_s=round(wait_s, 2))
            await asyncio.sleep(wait_s)

    async def _speak(self, backoff: Backoff) -> None:
        """One session, from the offer until the stage is gone; always ends by raising."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        microphone = Microphone(self._source, self._timeline, self._clock)
        try:
            peer.addTrack(microphone)
            reach_own_machine(peer)
            await _gather(peer)
            answer = await self._backstage.offer(self._space, peer.localDescription.sdp)
            await self._accept(peer, answer.sdp)
            self.sessions += 1
            self.connected.set()
            backoff.reset()
            await self._hear(peer.getTransceivers()[0].receiver.track)
        finally:
            self.connected.clear()
            microphone.stop()
            await peer.close()

    async def _accept(self, peer: RTCPeerConnection, sdp: str) -> None:
        """Take the stage's answer and wait until sound can flow. StageGone when it cannot."""
        settled = asyncio.Event()
        peer.on("connectionstatechange", lambda: _settle(peer, settled))
        try:
            await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            async with asyncio.timeout(CONNECT_S):
                await settled.wait()
        except (TimeoutError, ValueError) as error:
            raise StageGone from error
        if peer.connectionState != "connected":
            raise StageGone

    async def _hear(self, mix: MediaStreamTrack) -> None:
        """Listen to the return mix until none comes; StageGone then."""
        frames: list[Pcm] = []
        while True:
            try:
                async with asyncio.timeout(SILENT_STAGE_S):
                    frame = await mix.recv()
            except (MediaStreamError, TimeoutError) as error:
                raise StageGone from error
            if isinstance(frame, AudioFrame):
                frames.append(frame.to_ndarray().reshape(-1).astype(np.int16, copy=False))
            if len(frames) == _HEARD_TICKS:
                self.heard.take(frames)
                frames.clear()


async def _gather(peer: RTCPeerConnection) -> None:
    """Make the offer, to the end though cancelled: nobody would close sockets that are half opened."""
    gathering = asyncio.create_task(peer.setLocalDescription(await peer.createOffer()))
    try:
        await asyncio.shield(gathering)
    finally:
        await gathering


def _settle(peer: RTCPeerConnection, settled: asyncio.Event) -> None:
    if peer.connectionState in ("connected", "failed", "closed"):
        settled.set()
