"""AAC frames as an endless stream: each behind its seven-byte ADTS header. Pure.

Source: ISO/IEC 13818-7 section 6.2 and ISO/IEC 14496-3 annex 1.A.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADER_BYTES = 7
MAX_FRAME_BYTES = (1 << 13) - 1 - HEADER_BYTES
"""The header counts frame and itself in 13 bits."""
_MAX_OBJECT_TYPE = 4


@dataclass(frozen=True, slots=True)
class Format:
    """What every header of a stream repeats, read from the AudioSpecificConfig."""

    object_type: int
    """2 is AAC-LC."""
    frequency_index: int
    """3 is 48 kHz."""
    channels: int

    @classmethod
    def parse(cls, config: bytes) -> Format:
        """Read an AudioSpecificConfig. ValueError for what ADTS cannot carry."""
        if len(config) < 2:
            raise ValueError("an AudioSpecificConfig has at least two bytes")
        bits = int.from_bytes(config[:2], "big")
        found = cls(bits >> 11, bits >> 7 & 0xF, bits >> 3 & 0xF)
        if not 1 <= found.object_type <= _MAX_OBJECT_TYPE or found.frequency_index > 12 or found.channels > 7:
            raise ValueError("ADTS cannot carry this AAC")
        return found

    def header(self, frame_bytes: int) -> bytes:
        """Return the header of a frame without CRC. ValueError when the frame is too large."""
        if not 0 < frame_bytes <= MAX_FRAME_BYTES:
            raise ValueError("an ADTS frame has 1 to 8184 bytes")
        bits = 0xFFF1 << 40
        bits |= (self.object_type - 1) << 38 | self.frequency_index << 34 | self.channels << 30
        bits |= (frame_bytes + HEADER_BYTES) << 13
        return (bits | 0x7FF << 2).to_bytes(HEADER_BYTES, "big")

    def wrap(self, frames: Sequence[bytes]) -> bytes:
        """Return frames as a piece of an ADTS stream."""
        return b"".join(part for frame in frames for part in (self.header(len(frame)), frame))
