"""The tape's index record: 128 fixed bytes that say what the tape holds and chain it by hash.

One record per chunk and rendition, in the order written; a genesis record first, an end record
last. A record is written only after the bytes it speaks of. Layout, big-endian:

    magic "RT" · version · kind · rendition · flags · reserved(2)
    number u64 · start_sample u64 · offset u64 · length u32 · samples u32
    sha256 of the chunk's bytes (32) · hash of the record before (32)
    reserved for a checkpoint's place (20) · crc32 of the 124 bytes before
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from hashlib import sha256

from rostra.core.errors import TapeDamaged
from rostra.media.events import tells_captions

_LAYOUT = struct.Struct(">2sBBBBHQQQII32s32s20sI")
RECORD_BYTES = _LAYOUT.size
KIND_AT = 3
"""Where in a record its kind stands."""
_MAGIC = b"RT"
_VERSION = 1
NO_HASH = bytes(32)


class Kind(IntEnum):
    """What a record speaks of."""

    GENESIS = 1
    """The genesis document, by its hash; always record 0."""
    CHUNK = 2
    """Programme audio."""
    GAP = 3
    """A silent chunk standing for time in which nothing was recorded."""
    END = 4
    """The end document, by its hash; always the last record."""


class Flag(IntFlag):
    """What else is true of a chunk."""

    NONE = 0
    SEGMENT_START = 1
    """First chunk of a segment: it carries a full snapshot of events."""
    EVENTS = 2
    """The chunk carries events; others need not be opened to read them."""
    CAPTIONS = 4
    """Captions are among them."""

    @classmethod
    def of_events(cls, boxes: bytes) -> Flag:
        """What is true of a chunk that carries these ``emsg`` boxes."""
        if not boxes:
            return cls.NONE
        return cls.EVENTS | cls.CAPTIONS if tells_captions(boxes) else cls.EVENTS


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the index. ``offset`` and ``length`` are bytes in the rendition's file."""

    kind: Kind
    rendition: int
    """Index into the genesis document's list of renditions."""
    flags: Flag
    number: int
    """Counts records from 0."""
    start_sample: int
    offset: int
    length: int
    samples: int
    sha256: bytes
    previous: bytes
    """SHA-256 of the whole record before; zeros for the first."""

    def pack(self) -> bytes:
        """Return the record's 128 bytes."""
        head = _LAYOUT.pack(
            _MAGIC,
            _VERSION,
            self.kind,
            self.rendition,
            self.flags,
            0,
            self.number,
            self.start_sample,
            self.offset,
            self.length,
            self.samples,
            self.sha256,
            self.previous,
            bytes(20),
            0,
        )[:-4]
        return head + zlib.crc32(head).to_bytes(4, "big")

    @classmethod
    def parse(cls, raw: bytes) -> Record:
        """Read 128 bytes. TapeDamaged when they are not a whole, intact record."""
        if len(raw) != RECORD_BYTES or zlib.crc32(raw[:-4]) != int.from_bytes(raw[-4:], "big"):
            raise TapeDamaged
        fields = _LAYOUT.unpack(raw)
        magic, version, kind, rendition, flags, _, number, start, offset, length = fields[:10]
        samples, digest, previous = fields[10:13]
        if magic != _MAGIC or version != _VERSION:
            raise TapeDamaged
        try:
            return cls(
                Kind(kind), rendition, Flag(flags), number, start, offset, length, samples, digest, previous
            )
        except ValueError as error:
            raise TapeDamaged from error

    def chain_hash(self) -> bytes:
        """What the next record's ``previous`` must be."""
        return sha256(self.pack()).digest()
