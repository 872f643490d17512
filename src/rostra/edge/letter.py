"""A text that differs from reader to reader in one place: the rest is rendered, and zipped, once for all."""

from __future__ import annotations

import struct
import zlib
from typing import Final

_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, of no system in particular (RFC 1952 section 2.3)."""
_RAW: Final = -15
"""Deflate without a frame of its own, as :mod:`zlib` counts."""
_STORED: Final = struct.Struct("<xHH")
"""Head of a stored block that is not the last: three bits and padding, its length, and the same inverted
(RFC 1951 section 3.2.4)."""
MOST_BYTES: Final = 0xFFFF
"""Of what is filled in."""


class Letter:
    """``before`` and ``after`` the place that is filled in."""

    def __init__(self, before: bytes, after: bytes) -> None:
        self._before = before
        self._after = after
        deflate = zlib.compressobj(level=6, wbits=_RAW)
        self._zipped_before = _GZIP_HEAD + deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
        deflate = zlib.compressobj(level=6, wbits=_RAW)
        self._zipped_after = deflate.compress(after) + deflate.flush()
        self._check_before = zlib.crc32(before)

    def plain(self, place: bytes) -> bytes:
        """Return the whole text."""
        return self._before + place + self._after

    def zipped(self, place: bytes) -> bytes:
        """Return it zipped, ``place`` as it is. ValueError beyond :data:`MOST_BYTES`."""
        length = len(place)
        if length > MOST_BYTES:
            raise ValueError("too long for one stored block")
        check = zlib.crc32(self._after, zlib.crc32(place, self._check_before))
        size = len(self._before) + length + len(self._after)
        stored = _STORED.pack(length, length ^ 0xFFFF) + place
        return self._zipped_before + stored + self._zipped_after + struct.pack("<II", check, size)
