"""One person's WebRTC connection: their microphone in by a receiver, their return out by a sender.

With ``stage/receiver.py``, ``stage/sender.py`` and ``stage/rtcp.py`` the only file of the server that imports
aiortc, whose errors and habits end here. Takes an offer, gives an answer, runs until the person is gone.
Never mixes, never decides who may speak.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import cast

import structlog
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
    rtcicetransport,
)

from rostra.audio.measures import Measures
from rostra.core.clock import Clock
from rostra.core.errors import BadSessionDescription, RostraError
from rostra.stage.fragment import Fragment, IceNews, judge
from rostra.stage.ice import Network, ServerConnection
from rostra.stage.liveness import Liveness, Verdict
from rostra.stage.microphone import Microphone
from rostra.stage.offer import AudioOffer, read_offer
from rostra.stage.postbox import Postbox
from rostra.stage.receiver import receiver_of, receiving_into
from rostra.stage.rsa import welcome_rsa
from rostra.stage.sender import in_place, sender_of

log = structlog.get_logger()

CLOSE_TIMEOUT_S = 2.0
HANDSHAKE_S = 0.2
"""Longer than what ends a handshake waits in a socket."""
_LOOK_EVERY_S = 1.0
_GONE = ("failed", "closed")
_OPUS = re.compile(r"(a=rtpmap:(\d+) opus/48000/2\r?\n)", re.IGNORECASE)
_CNAME = re.compile(r"a=ssrc:\d+ cname:(\S+)")
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
        self._return = sender_of(transceiver)
        self._gone = asyncio.Event()
        self._settled = asyncio.Event()
        """Set once it was connected, or can be no more."""
        self._told = (0, 0, 0, 0)
        """Losses that are in the log."""
        self._mids: tuple[str, ...] = ()
        self._silent = False
        self.came = False
        """Whether it was ever connected."""
        self.lost = False
        """Whether the connection broke, rather than that somebody hung up."""
        self.silent_ns = 0
        """How long nobody had been heard when it broke."""
        connection.on("connectionstatechange", self._note_state)

    @classmethod
    async def answer(
        cls,
        offer_sdp: str,
        *,
        one_way: bool,
        listens: bool = False,
        network: Network,
        postbox: Postbox,
        stun_servers: Sequence[str],
        clock: Clock,
    ) -> Peer:
        """Answer an offer. BadSessionDescription when it is broken, NoFreePort, NoAddress.

        ``one_way``: they send and hear nothing, and are taken whole or not at all (NotWhole).
        ``listens``: they hear and send nothing.
        """
        offer = read_offer(offer_sdp, listens=listens)
        if one_way:
            offer.need_whole()
        direction = "recvonly" if one_way else "sendonly" if listens else "sendrecv"
        microphone = Microphone(clock)
        agent = partial(ServerConnection, network=network, postbox=postbox, clock=clock)
        connection, transceiver = _open(microphone, direction, agent, stun_servers, clock)
        peer = cls(connection, transceiver, microphone, clock=clock)
        peer._mids = offer.mids
        try:
            peer.answer_sdp = await _negotiate(connection, offer, discards=one_way)
            receiver_of(transceiver).cname = _cname(peer.answer_sdp)
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
        news = judge(fragment, if_match=if_match, etag=self.etag, remote=self._ice.remote, mids=self._mids)
        answer = ""
        if news is IceNews.RESTART and fragment.credentials is not None:
            ours = self._ice.restart(fragment.credentials)
            answer = Fragment(ours, self._mids[:1], self._ice.candidate_lines()).sdp()
        await self._ice.add_candidates(fragment.candidates)
        return answer

    @property
    def _ice(self) -> ServerConnection:
        return cast(ServerConnection, self._transceiver.receiver.transport.transport._connection)

    def measures(self) -> Measures:
        """How what they say arrives."""
        return self.ring.measures()

    @property
    def takes_return(self) -> bool:
        """Whether the person wants to hear the others and can."""
        return self._return.started and self.connected

    @property
    def round_trip_s(self) -> float | None:
        """Time to the person and back, once they have reported."""
        return self._return.round_trip_s

    @property
    def lost_share(self) -> float | None:
        """Of the return's packets lately, those that did not reach the person, 0 … 1, once they reported."""
        return self._return.lost_share

    @property
    def unsent(self) -> int:
        """Packets of the return that could not leave."""
        return self._return.dropped

    def send(self, packet: bytes, tick: int | None = None) -> None:
        """Send one Opus packet, from the stage's ``tick`` or the next on. Drops what cannot leave now."""
        self._return.put(packet, tick)

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
                try:
                    await self._shake_hands()
                finally:
                    await self._connection.close()

    async def _shake_hands(self) -> None:
        """Wait a moment for a handshake that is under way: no goodbye can be said before it is done."""
        if self._ice.heard and self._connection.connectionState == "connecting":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), HANDSHAKE_S)

    async def _until_gone(self) -> None:
        ice = self._ice
        liveness = Liveness(self._clock.monotonic_ns())
        verdict = Verdict.ALIVE
        while not self._gone.is_set() and verdict in (Verdict.ALIVE, Verdict.SILENT):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _LOOK_EVERY_S)
            now_ns = self._clock.monotonic_ns()
            connected = self._connection.connectionState == "connected"
            verdict = liveness.judge(connected=connected, heard=ice.heard, now_ns=now_ns)
            self._silent = verdict is Verdict.SILENT
            self._tell_losses()
        # The agent may find before Liveness does that nobody is there; aiortc then calls itself closed.
        broke = verdict is Verdict.LOST or ice.expired or self._connection.connectionState == "failed"
        self.lost = self.came and broke
        self.silent_ns = liveness.silent_ns(self._clock.monotonic_ns())
        log.info("peer_gone", why=self._why(verdict), junk=ice.junk, **asdict(self.measures()))

    def _why(self, verdict: Verdict) -> str:
        if self.lost:
            return Verdict.LOST.value
        # Whoever came is not connected either once they have hung up.
        return verdict.value if verdict is Verdict.NEVER_CAME and not self.came else "hung_up"

    def _tell_losses(self) -> None:
        """Log what was lost since the last look."""
        heard = self.measures()
        losses = (heard.packets_lost, heard.packets_late, heard.concealed_ms, self.unsent)
        if losses != self._told:
            lost, late, concealed_ms, unsent = (
                now - then for now, then in zip(losses, self._told, strict=True)
            )
            log.info("sound_lost", lost=lost, late=late, concealed_ms=concealed_ms, unsent=unsent)
            self._told = losses

    def _note_state(self) -> None:
        if self._connection.connectionState == "connected":
            self.came = True
            self._settled.set()
        if self._connection.connectionState in _GONE:
            self._settled.set()
            self._gone.set()


def _open(
    microphone: Microphone,
    direction: str,
    agent: Callable[..., ServerConnection],
    stun_servers: Sequence[str],
    clock: Clock,
) -> tuple[RTCPeerConnection, RTCRtpTransceiver]:
    configuration = RTCConfiguration(
        iceServers=[RTCIceServer(urls=list(stun_servers))] if stun_servers else [],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )
    with _gathering_by(agent), in_place(), receiving_into(microphone, clock):
        connection = RTCPeerConnection(configuration)
        transceiver = connection.addTransceiver("audio", direction=direction)
    welcome_rsa(transceiver.receiver.transport)
    capabilities = RTCRtpReceiver.getCapabilities("audio")
    codecs = capabilities.codecs if capabilities else []
    transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "audio/opus"])
    return connection, transceiver


@contextmanager
def _gathering_by(agent: Callable[..., ServerConnection]) -> Iterator[None]:
    """Have aiortc make its ICE agents of our kind. Nothing may be awaited inside."""
    names = vars(rtcicetransport)
    original = names["Connection"]
    names["Connection"] = agent
    try:
        yield
    finally:
        names["Connection"] = original


def _cname(sdp: str) -> str:
    """The name that a description of ours gives its source."""
    found = _CNAME.search(sdp)
    return found[1] if found is not None else ""


async def _negotiate(connection: RTCPeerConnection, offer: AudioOffer, *, discards: bool) -> str:
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer.sdp(), "offer"))
        if len(connection.getTransceivers()) != 1 or connection.sctp is not None:
            raise BadSessionDescription  # aiortc finds more in it than we do, and would open what we refuse
        await connection.setLocalDescription(await connection.createAnswer())
        ours = _OPUS.sub(rf"\1a=fmtp:\2 {_WISHES}\r\n", connection.localDescription.sdp)
        return offer.answer(ours, discards=discards)
    except (RostraError, asyncio.CancelledError):
        raise
    except Exception as error:
        # aiortc meets broken descriptions with whatever its parser trips over: AssertionError,
        # AttributeError, IndexError, KeyError, StopIteration, ValueError.
        raise BadSessionDescription from error
