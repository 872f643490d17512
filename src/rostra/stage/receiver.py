"""aiortc's receiving side, cut off after decryption: RTP and RTCP are taken in as they come.

aiortc's own jitter buffer, decoder and thread are left out, and the task that each datagram would wake, which
reads on without a pause as long as there is something. Nothing that a datagram says can end the connection
but too many sources and too many reports. Imported by ``stage/peer.py`` alone.
"""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, cast

import structlog
from aiortc import RTCRtpReceiver, RTCRtpTransceiver, rtcpeerconnection
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtcpReceiverInfo, RtcpRrPacket, RtcpSrPacket, is_rtcp
from pylibsrtp import Error as SrtpError

from rostra.core.clock import Clock
from rostra.stage.ice import ServerConnection
from rostra.stage.microphone import Microphone, TooManySources
from rostra.stage.ration import Ration, TooManyReports
from rostra.stage.rtcp import Told, compound

log = structlog.get_logger()

_REPORT_EVERY_S: Final = 1.0
_STUMBLES: Final = (AssertionError, IndexError, KeyError, OverflowError, ValueError, struct.error)
"""What aiortc's parsers meet broken bytes with."""


class SpeechTransport(RTCDtlsTransport):
    """DTLS as ever; RTP and RTCP are decrypted as they come and go to the one receiver, and the sender."""

    def __init__(self, *args: Any, clock: Clock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = clock
        self._receiver: SpeechReceiver | None = None
        self._ration = Ration()

    def receive_into(self, receiver: SpeechReceiver | None) -> None:
        """Give ``receiver`` the RTP that comes from now on. What comes before, or with None, nobody hears."""
        self._receiver = receiver

    @property
    def _ice(self) -> ServerConnection:
        return cast(ServerConnection, self.transport._connection)

    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self._rx_srtp is not None:
            self._ice.takes_media = self._take

    def _take(self, data: bytes, waited_ns: int) -> None:
        """Take in one datagram, the one way in for RTP and RTCP."""
        try:
            if is_rtcp(data):
                self._take_reports(self._rx_srtp.unprotect_rtcp(data))
            else:
                self._take_sound(self._rx_srtp.unprotect(data), waited_ns)
        except TooManySources:
            log.warning("too_many_sources")
            self._ice.give_up()
        except TooManyReports:
            log.warning("too_many_reports")
            self._ice.give_up()
        except (SrtpError, *_STUMBLES) as error:
            self._ice.junk += 1
            log.debug("datagram_dropped", error=repr(error))

    def _take_sound(self, data: bytes, waited_ns: int) -> None:
        self._ice.heard += 1
        if self._receiver is not None:
            self._receiver.take(data, waited_ns)

    def _take_reports(self, data: bytes) -> None:
        self._ice.heard += 1
        if not self._ration.admits(len(data), self._clock.monotonic_ns()):
            self._ice.junk += 1
            return
        for packet in RtcpPacket.parse(data):
            for end in self._rtp_router.route_rtcp(packet):
                cast(Told, end).note(packet)

    async def _recv_next(self) -> None:
        try:
            await super()._recv_next()
        except _STUMBLES as error:
            # Anybody who knows the port can send an empty datagram: it costs itself and nothing else.
            log.debug("datagram_dropped", error=repr(error))


class SpeechReceiver(RTCRtpReceiver):
    """Hands RTP on and reports on it about once a second (RFC 3550, section 6.2)."""

    def __init__(self, kind: str, transport: RTCDtlsTransport, *, microphone: Microphone) -> None:
        super().__init__(kind, transport)
        self.cname = ""
        """Who reports: the name that stands in our description."""
        self._microphone = microphone
        self._own_source: int | None = None
        self._last_report: dict[int, tuple[int, float]] = {}
        """By source: the middle of the NTP time in its last sender report, and when that came."""
        self._reporting: asyncio.Task[None] | None = None

    def take(self, data: bytes, waited_ns: int) -> None:
        """Take in one decrypted RTP packet that came so long ago. Raises TooManySources."""
        if self._microphone.take(data, waited_ns):
            for source in self._microphone.sources:
                self.transport._rtp_router.ssrc_table[source] = self

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin; asked again, go on."""
        if self._reporting is None:
            self._microphone.formats = frozenset(
                codec.payloadType for codec in parameters.codecs if codec.payloadType is not None
            )
            self.transport._register_rtp_receiver(self, parameters)
            cast(SpeechTransport, self.transport).receive_into(self)
            self._reporting = asyncio.create_task(self._report())

    async def stop(self) -> None:
        """Receive nothing any more."""
        if self._reporting is not None:
            cast(SpeechTransport, self.transport).receive_into(None)
            self.transport._unregister_rtp_receiver(self)
            self._reporting.cancel()
            with suppress(asyncio.CancelledError):
                await self._reporting

    def _handle_disconnect(self) -> None:
        """Nothing waits for sound: the mixer gets silence."""

    def note(self, packet: AnyRtcpPacket) -> None:
        """Take in when the sender of what is heard sent it, by its own clock."""
        if isinstance(packet, RtcpSrPacket) and packet.ssrc in self._microphone.sources:
            middle = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF
            self._last_report[packet.ssrc] = (middle, time.monotonic())

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        super()._set_rtcp_ssrc(ssrc)
        self._own_source = ssrc

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_EVERY_S * random.uniform(0.5, 1.5))
            block, source = self._microphone.report(), self._microphone.source
            if block is None or source is None or self._own_source is None:
                continue
            middle, came = self._last_report.get(source, (0, 0.0))
            info = RtcpReceiverInfo(
                ssrc=source,
                fraction_lost=block.fraction_lost,
                packets_lost=block.packets_lost,
                highest_sequence=block.highest_sequence,
                jitter=block.jitter,
                lsr=middle,
                dlsr=min(0xFFFFFFFF, int((time.monotonic() - came) * 65536)) if middle else 0,
            )
            report = RtcpRrPacket(ssrc=self._own_source, reports=[info])
            with suppress(ConnectionError):
                await self.transport._send_rtp(compound(report, self.cname))


def receiver_of(transceiver: RTCRtpTransceiver) -> SpeechReceiver:
    """Return the receiver that a connection made inside :func:`receiving_into` has."""
    return cast(SpeechReceiver, transceiver.receiver)


@contextmanager
def receiving_into(microphone: Microphone, clock: Clock) -> Iterator[None]:
    """Have aiortc make its receivers and transports of our kind. Nothing may be awaited inside."""
    names: dict[str, Any] = vars(rtcpeerconnection)
    ours = {
        "RTCDtlsTransport": partial(SpeechTransport, clock=clock),
        "RTCRtpReceiver": partial(SpeechReceiver, microphone=microphone),
    }
    originals = {name: names[name] for name in ours}
    names.update(ours)
    try:
        yield
    finally:
        names.update(originals)
