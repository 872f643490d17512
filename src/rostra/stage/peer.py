"""One person's WebRTC connection: their microphone in, their return out of a queue.

With ``stage/receiver.py`` the only file of the server that imports aiortc, whose errors and habits end
here. Takes an offer, gives an answer, runs until the person is gone. Never mixes, never decides who may
speak.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from typing import TypeAlias, cast

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
    rtcicetransport,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioStream, Packet

from rostra.audio.measures import Measures
from rostra.core.clock import Clock
from rostra.core.errors import BadSessionDescription, RostraError
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage.ice import Network, ServerConnection
from rostra.stage.liveness import Liveness, Verdict
from rostra.stage.microphone import Microphone
from rostra.stage.offer import AudioOffer, read_offer
from rostra.stage.receiver import receiving_into

log = structlog.get_logger()

AudioPacket: TypeAlias = "Packet[AudioStream]"

RETURN_PACKETS = 5
"""Packets of the return kept for a connection that does not send: 100 ms, then the oldest goes."""
CLOSE_TIMEOUT_S = 2.0
_LOOK_EVERY_S = 1.0
_TIME_BASE = Fraction(1, SAMPLE_RATE)
_GONE = ("failed", "closed")
_OPUS = re.compile(r"(a=rtpmap:(\d+) opus/48000/2\r?\n)", re.IGNORECASE)
_WISHES = "minptime=10;useinbandfec=1;usedtx=1;stereo=0"
"""RFC 7587, section 6.1: packets that remember the one before, nothing while nobody speaks, one channel."""


class Peer:
    """Made by :meth:`answer`; :meth:`run` must be awaited by somebody until it returns."""

    def __init__(
        self,
        connection: RTCPeerConnection,
        transceiver: RTCRtpTransceiver,
        microphone: Microphone,
        *,
        clock: Clock,
    ) -> None:
        self.ring = microphone
        """What they say, for the mixer."""
        self.answer_sdp = ""
        self._connection = connection
        self._transceiver = transceiver
        self._clock = clock
        self._return = cast(_ReturnTrack | None, transceiver.sender.track)
        self._gone = asyncio.Event()
        self._told = (0, 0, 0, 0)
        """Losses that are in the log."""
        connection.on("connectionstatechange", self._note_state)

    @classmethod
    async def answer(
        cls, offer_sdp: str, *, one_way: bool, network: Network, stun_servers: Sequence[str], clock: Clock
    ) -> Peer:
        """Answer an offer. BadSessionDescription when it is broken, NoFreePort when no port is left."""
        offer = read_offer(offer_sdp)
        microphone = Microphone(clock)
        connection, transceiver = _open(microphone, one_way, network, stun_servers)
        peer = cls(connection, transceiver, microphone, clock=clock)
        try:
            peer.answer_sdp = await _negotiate(connection, offer)
        except BaseException:
            await peer.close()
            raise
        return peer

    @property
    def connected(self) -> bool:
        """Whether audio can flow now."""
        return self._connection.connectionState == "connected"

    def measures(self) -> Measures:
        """How what they say arrives."""
        return self.ring.measures()

    @property
    def takes_return(self) -> bool:
        """Whether the person wants to hear the others and can."""
        return self._return is not None and self.connected

    def send(self, packet: bytes) -> None:
        """Send one 20 ms Opus packet of the return. Never waits; drops the oldest when none leave."""
        if self._return is not None:
            self._return.offer(packet)

    async def run(self) -> None:
        """Return when the person is gone, closed. Also closes when cancelled."""
        try:
            await self._until_gone()
        finally:
            await self.close()

    def hang_up(self) -> None:
        """Have :meth:`run` return soon."""
        self._gone.set()

    async def close(self) -> None:
        """Hang up now. Takes at most two seconds; the other side is told."""
        self._gone.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._connection.close()

    async def _until_gone(self) -> None:
        ice = cast(ServerConnection, self._transceiver.receiver.transport.transport._connection)
        liveness = Liveness(self._clock.monotonic_ns())
        verdict = Verdict.ALIVE
        while not self._gone.is_set() and verdict is Verdict.ALIVE:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _LOOK_EVERY_S)
            now_ns = self._clock.monotonic_ns()
            verdict = liveness.judge(connected=self.connected, heard=ice.heard, now_ns=now_ns)
            self._tell_losses()
        why = "hung_up" if verdict is Verdict.ALIVE else verdict.value
        log.info("peer_gone", why=why, **asdict(self.measures()))

    def _tell_losses(self) -> None:
        """Log what was lost since the last look."""
        heard = self.measures()
        unsent = self._return.dropped if self._return else 0
        losses = (heard.packets_lost, heard.packets_late, heard.concealed_ms, unsent)
        if losses != self._told:
            lost, late, concealed_ms, unsent = (
                now - then for now, then in zip(losses, self._told, strict=True)
            )
            log.info("sound_lost", lost=lost, late=late, concealed_ms=concealed_ms, unsent=unsent)
            self._told = losses

    def _note_state(self) -> None:
        if self._connection.connectionState in _GONE:
            self._gone.set()


class _ReturnTrack(MediaStreamTrack):
    """Packets already encoded, in the form in which aiortc asks for them."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0
        self._packets: asyncio.Queue[AudioPacket] = asyncio.Queue(RETURN_PACKETS)
        self._pts = 0

    def offer(self, raw: bytes) -> None:
        packet = cast(AudioPacket, Packet(raw))
        packet.pts, packet.time_base = self._pts, _TIME_BASE
        self._pts += TICK
        if self._packets.full():
            self._packets.get_nowait()
            self.dropped += 1
        self._packets.put_nowait(packet)

    async def recv(self) -> AudioPacket:
        if self.readyState != "live":
            raise MediaStreamError
        return await self._packets.get()


def _open(
    microphone: Microphone, one_way: bool, network: Network, stun_servers: Sequence[str]
) -> tuple[RTCPeerConnection, RTCRtpTransceiver]:
    configuration = RTCConfiguration(
        iceServers=[RTCIceServer(urls=list(stun_servers))] if stun_servers else [],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )
    with _gathering_on(network), receiving_into(microphone):
        connection = RTCPeerConnection(configuration)
        transceiver = (
            connection.addTransceiver("audio", direction="recvonly")
            if one_way
            else connection.addTransceiver(_ReturnTrack(), direction="sendrecv")
        )
    capabilities = RTCRtpReceiver.getCapabilities("audio")
    codecs = capabilities.codecs if capabilities else []
    transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "audio/opus"])
    return connection, transceiver


@contextmanager
def _gathering_on(network: Network) -> Iterator[None]:
    """Have aiortc make its ICE agents of our kind. Nothing may be awaited inside."""
    names = vars(rtcicetransport)
    original = names["Connection"]
    names["Connection"] = partial(ServerConnection, network=network)
    try:
        yield
    finally:
        names["Connection"] = original


async def _negotiate(connection: RTCPeerConnection, offer: AudioOffer) -> str:
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer.sdp(), "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return offer.answer(_OPUS.sub(rf"\1a=fmtp:\2 {_WISHES}\r\n", connection.localDescription.sdp))
    except (RostraError, asyncio.CancelledError):
        raise
    except Exception as error:
        # aiortc meets broken descriptions with whatever its parser trips over: AssertionError,
        # AttributeError, IndexError, KeyError, StopIteration, ValueError.
        raise BadSessionDescription from error
