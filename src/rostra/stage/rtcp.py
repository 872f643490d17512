"""RTCP: as it leaves us, always compound, a report first, then who sends it (RFC 3550 section 6.1).

Only ``stage/receiver.py`` and ``stage/sender.py`` import this.
"""

from __future__ import annotations

from typing import Final, Protocol

from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSourceInfo, RtcpSrPacket

_CNAME: Final = 1


class Told(Protocol):
    """Either end of the sound, receiver and sender: each is told what the peer reports."""

    def note(self, packet: AnyRtcpPacket) -> None:
        """Take in what concerns this end."""


def compound(report: RtcpRrPacket | RtcpSrPacket, cname: str, *more: AnyRtcpPacket) -> bytes:
    """Return one datagram: ``report``, the canonical name of its source, and what else is to be said."""
    who = RtcpSourceInfo(ssrc=report.ssrc, items=[(_CNAME, cname.encode())])
    return b"".join(bytes(packet) for packet in (report, RtcpSdesPacket(chunks=[who]), *more))
