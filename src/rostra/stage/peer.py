"""One person's WebRTC connection: their microphone into a ring, their return out of a queue.

The only file of the server that imports aiortc, whose errors, threads and habits end here. Takes
an offer, gives an answer, runs until the person is gone. Never mixes, never decides who may speak.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
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
from av import AudioFrame, AudioStream, Packet

from rostra.audio.frame import mono_from_pcm16
from rostra.audio.ring import SampleRing
from rostra.core.clock import Clock
from rostra.core.errors import BadSessionDescription, RostraError
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage.fragment import Act, Fragment, judge
from rostra.stage.guard import forgive, welcome_rsa
from rostra.stage.ice import Network, ServerConnection
from rostra.stage.liveness import Liveness, Verdict
from rostra.stage.offer import AudioOffer, read_offer

log = structlog.get_logger()

AudioPacket: TypeAlias = "Packet[AudioStream]"

RETURN_PACKETS = 5
"""Packets of the return kept for a connection that does not send: 100 ms, then the oldest goes."""
CLOSE_TIMEOUT_S = 2.0
_LOOK_EVERY_S = 1.0
_TIME_BASE = Fraction(1, SAMPLE_RATE)
_GONE = ("failed", "closed")


class Peer:
    """Made by :meth:`answer`; :meth:`run` must be awaited by somebody until it returns."""

    def __init__(
        self, connection: RTCPeerConnection, transceiver: RTCRtpTransceiver, *, clock: Clock
    ) -> None:
        self.ring = SampleRing()
        self.answer_sdp = ""
        self._connection = connection
        self._transceiver = transceiver
        self._clock = clock
        self._return = cast(_ReturnTrack | None, transceiver.sender.track)
        self._gone = asyncio.Event()
        self._told = (0, 0, 0)
        """Losses that are in the log."""
        self._mids: tuple[str, ...] = ()
        self._came = self._silent = False
        self.lost = False
        """Whether the connection broke, rather than that somebody hung up."""
        connection.on("connectionstatechange", self._note_state)

    @classmethod
    async def answer(
        cls,
        offer_sdp: str,
        *,
        one_way: bool,
        listens: bool = False,
        network: Network,
        stun_servers: Sequence[str],
        clock: Clock,
    ) -> Peer:
        """Answer an offer. BadSessionDescription when it is broken, NoFreePort when no port is left.

        ``one_way``: they send and hear nothing. ``listens``: they hear and send nothing.
        """
        offer = read_offer(offer_sdp, listens=listens)
        direction = "recvonly" if one_way else "sendonly" if listens else "sendrecv"
        connection, transceiver = _open(direction, network, stun_servers)
        peer = cls(connection, transceiver, clock=clock)
        peer._mids = offer.mids
        try:
            peer.answer_sdp = await _negotiate(connection, offer, discards=one_way)
        except BaseException:
            await peer.close()
            raise
        return peer

    @property
    def connected(self) -> bool:
        """Whether audio can flow now."""
        return self._connection.connectionState == "connected" and not self._silent

    @property
    def etag(self) -> str:
        """Names the ICE session of now."""
        return self._ice.etag

    async def patch(self, fragment: Fragment, if_match: str | None) -> str:
        """Take news of the ICE session: return nothing, or after a restart our own half of it.

        Raises as :func:`rostra.stage.fragment.judge`, and BadFragment.
        """
        act = judge(fragment, if_match=if_match, etag=self.etag, remote=self._ice.remote, mids=self._mids)
        answer = ""
        if act is Act.RESTART and fragment.credentials is not None:
            ours = self._ice.restart(fragment.credentials)
            answer = Fragment(ours, self._mids[:1], self._ice.candidate_lines()).sdp()
        await self._ice.add_candidates(fragment.candidates)
        return answer

    @property
    def _ice(self) -> ServerConnection:
        return cast(ServerConnection, self._transceiver.receiver.transport.transport._connection)

    @property
    def takes_return(self) -> bool:
        """Whether the person wants to hear the others and can."""
        return self._return is not None and self.connected

    def send(self, packet: bytes) -> None:
        """Send one 20 ms Opus packet of the return. Never waits; drops the oldest when none leave."""
        if self._return is not None:
            self._return.offer(packet)

    async def run(self) -> None:
        """Receive until the person is gone, then close. Also closes when cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                receiving = group.create_task(self._receive())
                await self._until_gone()
                receiving.cancel()
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

    async def _receive(self) -> None:
        track = self._transceiver.receiver.track
        if track is None:  # somebody who only listens
            return
        with suppress(MediaStreamError):
            while True:
                piece = cast(AudioFrame, await track.recv())
                samples = cast(npt.NDArray[np.int16], piece.to_ndarray())
                self.ring.push(mono_from_pcm16(samples.ravel(), piece.layout.nb_channels))

    async def _until_gone(self) -> None:
        ice = self._ice
        liveness = Liveness(self._clock.monotonic_ns())
        verdict = Verdict.ALIVE
        while not self._gone.is_set() and verdict in (Verdict.ALIVE, Verdict.SILENT):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _LOOK_EVERY_S)
            now_ns = self._clock.monotonic_ns()
            came = self._connection.connectionState == "connected"
            verdict = liveness.judge(connected=came, heard=ice.heard, now_ns=now_ns)
            self._silent, self._came = verdict is Verdict.SILENT, self._came or came
            self._tell_losses()
        broke = verdict is Verdict.LOST or self._connection.connectionState == "failed"
        self.lost = self._came and broke
        why = verdict.value if verdict in (Verdict.LOST, Verdict.NEVER_CAME) else "hung_up"
        log.info("peer_gone", why=why, dropped_samples=self.ring.dropped, missed_ticks=self.ring.missed)

    def _tell_losses(self) -> None:
        """Log what was lost since the last look."""
        losses = (self.ring.dropped, self.ring.missed, self._return.dropped if self._return else 0)
        if losses != self._told:
            dropped, missed, unsent = (now - before for now, before in zip(losses, self._told, strict=True))
            log.info("sound_lost", dropped_samples=dropped, missed_ticks=missed, unsent_packets=unsent)
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
    direction: str, network: Network, stun_servers: Sequence[str]
) -> tuple[RTCPeerConnection, RTCRtpTransceiver]:
    configuration = RTCConfiguration(
        iceServers=[RTCIceServer(urls=list(stun_servers))] if stun_servers else [],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )
    with _gathering_on(network):
        connection = RTCPeerConnection(configuration)
        transceiver = (
            connection.addTransceiver("audio", direction=direction)
            if direction == "recvonly"
            else connection.addTransceiver(_ReturnTrack(), direction=direction)
        )
    forgive(transceiver.receiver.transport)
    welcome_rsa(transceiver.receiver.transport)
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


async def _negotiate(connection: RTCPeerConnection, offer: AudioOffer, *, discards: bool) -> str:
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer.sdp(), "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return offer.answer(connection.localDescription.sdp, discards=discards)
    except (RostraError, asyncio.CancelledError):
        raise
    except Exception as error:
        # aiortc meets broken descriptions with whatever its parser trips over: AssertionError,
        # AttributeError, IndexError, KeyError, StopIteration, ValueError.
        raise BadSessionDescription from error
