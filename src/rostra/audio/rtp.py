"""Take an RTP packet apart (RFC 3550, section 5.1): just what a receiver of speech needs.

Bytes in, one value out; never a guess. Header extensions (section 5.3.1) are stepped over unread. Pure.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MOST_BYTES = 1500
"""Longer than any datagram that a browser sends: an Ethernet frame's."""
_HEADER = struct.Struct("!BBHII")


class Rtp(NamedTuple):
    """One packet."""

    payload_type: int
    sequence: int
    """16 bits, wraps."""
    timestamp: int
    """32 bits, wraps; of the first sample, at 48 kHz for Opus (RFC 7587, section 4.1)."""
    source: int
    """SSRC."""
    payload: bytes


def parse(data: bytes) -> Rtp | None:
    """Return the packet, or None when ``data`` is not one: too short, too long, of another version, torn."""
    if not _HEADER.size <= len(data) <= MOST_BYTES:
        return None
    first, second, sequence, timestamp, source = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        return None
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = len(data) - data[-1] if first & 0x20 else len(data)
    if start > end or (first & 0x20 and data[-1] == 0):
        return None
    return Rtp(second & 0x7F, sequence, timestamp, source, data[start:end])
