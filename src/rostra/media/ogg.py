"""Opus packets as an endless Ogg stream. Values in, bytes out; no clock.

A listener who joins late gets the two header pages and then pages numbered as the programme has them, the
same bytes for everybody: readers take the jump for lost pages and go on, as with Icecast.
Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from rostra.core.samples import SAMPLE_RATE

PRE_SKIP: Final = 3840
"""Samples that a decoder throws away while it settles: 80 ms, for who joins in the middle (section 4.6)."""
FIRST, LAST = 2, 4
"""Flags of a page: begins the stream, ends it."""
_VENDOR = b"rostra"
_MOST_SEGMENTS = 255
_PAGE = struct.Struct("<4sBBqIIIB")
_CRC_AT = 22


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7) if crc & 0x80000000 else crc << 1
        table.append(crc & 0xFFFFFFFF)
    return tuple(table)


_CRC = _crc_table()


def page(packets: Sequence[bytes], *, serial: int, sequence: int, granule: int, flags: int = 0) -> bytes:
    """Return whole packets as one page (RFC 3533 section 6). ValueError when they do not fit.

    ``granule`` is the number of samples up to the end of the last packet, pre-skip included.
    """
    lacing = b"".join(b"\xff" * (len(each) // 255) + bytes((len(each) % 255,)) for each in packets)
    if len(lacing) > _MOST_SEGMENTS:
        raise ValueError("a page holds at most 255 lacing values")
    head = _PAGE.pack(b"OggS", 0, flags, granule, serial, sequence, 0, len(lacing))
    bare = b"".join((head, lacing, *packets))
    return bare[:_CRC_AT] + struct.pack("<I", _checksum(bare)) + bare[_CRC_AT + 4 :]


def _checksum(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _CRC[crc >> 24 ^ byte]
    return crc


def opus_head(*, channels: int = 1) -> bytes:
    """The identification header (RFC 7845 section 5.1)."""
    return struct.pack("<8sBBHIhB", b"OpusHead", 1, channels, PRE_SKIP, SAMPLE_RATE, 0, 0)


def opus_tags(comments: Mapping[str, str]) -> bytes:
    """The comment header (RFC 7845 section 5.2); names are upper-case ASCII."""
    fields = [f"{name}={value}".encode() for name, value in comments.items()]
    parts = [struct.pack("<I", len(each)) + each for each in fields]
    return b"".join(
        (b"OpusTags", struct.pack("<I", len(_VENDOR)), _VENDOR, struct.pack("<I", len(parts)), *parts)
    )


class Pages:
    """The pages of one programme, in order."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._sequence = 2
        """0 and 1 are the headers."""
        self._granule = PRE_SKIP

    def opening(self, comments: Mapping[str, str]) -> bytes:
        """The header pages with which every listener begins."""
        head, tags = opus_head(), opus_tags(comments)
        return page([head], serial=self._serial, sequence=0, granule=0, flags=FIRST) + page(
            [tags], serial=self._serial, sequence=1, granule=0
        )

    def audio(self, packets: Sequence[bytes], *, samples: int) -> bytes:
        """The next page, which holds so many samples."""
        self._granule += samples
        return self._next(packets, 0)

    def closing(self) -> bytes:
        """The page that ends the stream, without audio."""
        return self._next((), LAST)

    def _next(self, packets: Sequence[bytes], flags: int) -> bytes:
        sequence, self._sequence = self._sequence, self._sequence + 1
        return page(packets, serial=self._serial, sequence=sequence, granule=self._granule, flags=flags)
