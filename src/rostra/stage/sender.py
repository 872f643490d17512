"""Send packets that are encoded already to one person: RTP headers, SRTP, one datagram, at once.

Takes the place of aiortc's sender in a connection (``with in_place:``), which would wake a task, make
objects and encode for every person by itself. One encoded packet may so go to many people, each with the
numbers of their own stream (RFC 3550 section 5.1). Never encodes, never waits, keeps no queue: what
cannot leave now is dropped and counted. Only ``stage/peer.py`` imports this.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCDtlsTransport,
    RTCRtpSender,
    RTCRtpTransceiver,
    clock,
    rtcpeerconnection,
)
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    AnyRtcpPacket,
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpByePacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)
from pylibsrtp import Error as SrtpError

from rostra.core.samples import TICK
from rostra.stage.ice import ServerConnection
from rostra.stage.postbox import Wire
from rostra.stage.rtcp import compound

log = structlog.get_logger()

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_EXTENDED = 0x10
_MARKER = 0x80
_FIRST_SEQUENCES = 0x8000
"""Sequence numbers begin in the lower half: a receiver meets no wrap before its SRTP has settled."""
_REPORT_S = (0.5, 1.5)
"""Sender reports go out at random intervals, 1 s in the mean (RFC 3550 section 6.2)."""


class ReturnSender(RTCRtpSender):
    """One person's way to hear the others. Sends nothing until the connection asks it to begin."""

    def __init__(self, track_or_kind: MediaStreamTrack | str, transport: RTCDtlsTransport) -> None:
        super().__init__("audio", transport)
        self.dropped = 0
        """Packets that could not leave."""
        self.round_trip_s: float | None = None
        """To the person and back, by their newest report."""
        self.lost_share: float | None = None
        """Of the packets sent lately, those that did not come, by their newest report: 0 … 1."""
        self._header_bits = _VERSION
        self._extension = b""
        self._payload_type = 0
        self._sequence = random.randrange(_FIRST_SEQUENCES)
        self._origin = random.getrandbits(32)
        self._packets = self._octets = self._tick = 0
        self._timestamp = self._origin
        self._sent_ntp = 0
        self._cname = ""
        self._agreed = transport
        self._agent: ServerConnection | None = None
        """Both are found once: the way there goes over four others, for every packet."""
        self._reporting: asyncio.Task[None] | None = None

    @property
    def started(self) -> bool:
        """Whether both sides agreed that the person hears the others."""
        return self._reporting is not None

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begin: aiortc calls this once the connection stands."""
        if self._reporting is not None:
            return
        self._agreed = self.transport
        self._agent = cast(ServerConnection, self._agreed.transport._connection)
        self._agreed._register_rtp_sender(self, parameters)
        extensions = HeaderExtensionsMap()
        extensions.configure(parameters)
        profile, value = extensions.set(HeaderExtensions(mid=parameters.muxId))
        if value:
            self._header_bits = _VERSION | _EXTENDED
            self._extension = struct.pack("!HH", profile, len(value) >> 2) + value
        self._payload_type = parameters.codecs[0].payloadType or 0
        self._cname = parameters.rtcp.cname or ""
        self._reporting = asyncio.ensure_future(self._report())

    async def stop(self) -> None:
        """Say goodbye (RTCP BYE) and stop; nothing leaves afterwards."""
        if self._reporting is None:
            return
        self.transport._unregister_rtp_sender(self)
        self._reporting.cancel()
        with suppress(asyncio.CancelledError):
            await self._reporting

    def put(self, payload: bytes, tick: int | None = None) -> None:
        """Send the packet from the ``tick``-th 20 ms on, or of the next. Those left out are a gap in time."""
        self._tick = self._tick + 1 if tick is None else tick
        if self._agent is None or self._reporting is None or self._reporting.done():
            self.dropped += 1
            return
        pair, srtp = self._agent._nominated.get(1), self._agreed._tx_srtp
        if pair is None or srtp is None:
            self.dropped += 1
            return
        self._timestamp = (self._origin + self._tick * TICK) & 0xFFFFFFFF
        marker = 0 if self._packets else _MARKER
        header = _HEADER.pack(
            self._header_bits, marker | self._payload_type, self._sequence, self._timestamp, self._ssrc
        )
        self._sequence = (self._sequence + 1) & 0xFFFF
        try:
            wire = cast(Wire, pair.protocol.transport)
            wire.send(srtp.protect(header + self._extension + payload), pair.remote_addr)
        except (SrtpError, OSError):
            self.dropped += 1
            return
        self._packets += 1
        self._octets += len(payload)

    def note(self, packet: AnyRtcpPacket) -> None:
        """Take in what the person reports of the return."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._hear(report)

    def _hear(self, report: RtcpReceiverInfo) -> None:
        self.lost_share = report.fraction_lost / 256
        if report.lsr:
            now = (clock.current_ntp_time() >> 16) & 0xFFFFFFFF
            trip = (now - report.lsr - report.dlsr) & 0xFFFFFFFF
            if trip < 1 << 31:  # a peer that counts wrongly answers before it was asked
                self.round_trip_s = trip / 65536

    async def _report(self) -> None:
        """Tell the person now and then what was sent when, until stopped; goodbye then."""
        try:
            while True:
                await asyncio.sleep(random.uniform(*_REPORT_S))
                await self._send_report()
        finally:
            await self._send_report(RtcpByePacket(sources=[self._ssrc]))

    def _sender_report(self) -> RtcpSrPacket:
        return RtcpSrPacket(
            ssrc=self._ssrc,
            sender_info=RtcpSenderInfo(
                ntp_timestamp=clock.current_ntp_time(),
                rtp_timestamp=self._timestamp,
                packet_count=self._packets & 0xFFFFFFFF,
                octet_count=self._octets & 0xFFFFFFFF,
            ),
        )

    async def _send_report(self, *more: AnyRtcpPacket) -> None:
        with suppress(ConnectionError):
            await self.transport._send_rtp(compound(self._sender_report(), self._cname, *more))


def sender_of(transceiver: RTCRtpTransceiver) -> ReturnSender:
    """Return the sender that a connection made inside :func:`in_place` has."""
    return cast(ReturnSender, transceiver.sender)


@contextmanager
def in_place() -> Iterator[None]:
    """Have aiortc make its senders of our kind. Nothing may be awaited inside."""
    names = vars(rtcpeerconnection)
    original = names["RTCRtpSender"]
    names["RTCRtpSender"] = ReturnSender
    try:
        yield
    finally:
        names["RTCRtpSender"] = original
