"""CMAF chunks: one quantum of one rendition as ``emsg``* ``moof`` ``mdat``, written and parsed.

Owns the fragment's boxes; events are opaque bytes here (``media/events.py``). The parser reads
what the writer writes and refuses everything else: one track, one run, data at its place.
Sources: ISO/IEC 14496-12 §8.8, ISO/IEC 23000-19 §7.3.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from mmap import mmap

from rostra.media.boxes import HEADER_BYTES, MalformedMedia, unpack, walk
from rostra.media.movie import init_segment
from rostra.media.track import AAC, OPUS, Track

__all__ = [
    "AAC",
    "OPUS",
    "Chunk",
    "ChunkSplitter",
    "Head",
    "Track",
    "chunk",
    "frames",
    "head",
    "init_segment",
    "parse",
]

MAX_CHUNK_BYTES = 256 * 1024
MAX_FRAMES = 64
MAX_FRAME_BYTES = 8184
"""What an ADTS header can state (13 bits) less its own seven bytes."""

MAX_EVENTS = 64

Buffer = bytes | mmap

_U32 = struct.Struct(">I")
_VERSION_1 = 1 << 24
_TRACK_ID = 1
_TFHD_FLAGS = 0x020008
"""Offsets are from the moof; a default frame duration is stated."""
_TRUN_FLAGS = 0x000201
"""A data offset and each frame's size are stated."""


@dataclass(frozen=True, slots=True)
class Head:
    """A chunk without its audio: what it says of itself, and where its frames lie."""

    sequence: int
    start_sample: int
    """Programme time of the first sample decoded."""
    frame_samples: int
    sizes: tuple[int, ...]
    """Bytes of each frame, in order; they follow one another from ``data_at``."""
    moof_at: int
    """Where ``moof`` begins; events lie before it."""
    data_at: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk taken apart."""

    sequence: int
    start_sample: int
    """Programme time of the first sample decoded."""
    frame_samples: int
    frames: tuple[bytes, ...]
    events: tuple[bytes, ...]
    """Whole ``emsg`` boxes, in order."""


@cache
def _layout(frame_count: int) -> struct.Struct:
    """The whole of ``moof`` and the header of ``mdat``, around a run of ``frame_count`` frames."""
    moof_mfhd, traf, tfhd, tfdt, trun, mdat = "I4sI4sII", "I4s", "I4sIII", "I4sIQ", "I4sIII", "I4s"
    return struct.Struct(f">{moof_mfhd}{traf}{tfhd}{tfdt}{trun}{frame_count}I{mdat}")


def _fields(sequence: int, start_sample: int, frame_samples: int, sizes: Sequence[int]) -> tuple[object, ...]:
    """The values of :func:`_layout`, in order: what is written, and what must be found."""
    trun_bytes = 20 + 4 * len(sizes)
    traf_bytes = 8 + 20 + 20 + trun_bytes
    moof_bytes = 8 + 16 + traf_bytes
    return (
        *(moof_bytes, b"moof"),
        *(16, b"mfhd", 0, sequence),
        *(traf_bytes, b"traf"),
        *(20, b"tfhd", _TFHD_FLAGS, _TRACK_ID, frame_samples),
        *(20, b"tfdt", _VERSION_1, start_sample),
        *(trun_bytes, b"trun", _TRUN_FLAGS, len(sizes), moof_bytes + HEADER_BYTES, *sizes),
        *(HEADER_BYTES + sum(sizes), b"mdat"),
    )


def chunk(
    track: Track, *, sequence: int, start_sample: int, frames: Sequence[bytes], events: bytes = b""
) -> bytes:
    """Return ``frames`` as one chunk whose first decoded sample is ``start_sample``.

    ``sequence`` counts chunks from 1; ``events`` are whole ``emsg`` boxes. ValueError when a frame is
    empty or over :data:`MAX_FRAME_BYTES`, or there are none or over :data:`MAX_FRAMES`.
    """
    sizes = [len(frame) for frame in frames]
    if not _sizes_allowed(sizes):
        raise ValueError("a chunk holds 1 to 64 frames of 1 to 8184 bytes")
    head = _layout(len(sizes)).pack(*_fields(sequence, start_sample, track.frame_samples, sizes))
    return b"".join((events, head, *frames))


def _sizes_allowed(sizes: Sequence[int]) -> bool:
    return 0 < len(sizes) <= MAX_FRAMES and min(sizes) > 0 and max(sizes) <= MAX_FRAME_BYTES


def head(data: Buffer, start: int, end: int) -> Head:
    """Read the head of the chunk that fills ``data[start:end]``, without its audio.

    Raises MalformedMedia when it is anything but what :func:`chunk` writes.
    """
    moof_at = _skip_events(data, start, end)
    moof_bytes = unpack(_U32, data, moof_at, end)[0]
    frame_count, rest = divmod(moof_bytes + HEADER_BYTES - _layout(0).size, 4)
    if rest or not 0 < frame_count <= MAX_FRAMES:
        raise MalformedMedia
    layout = _layout(frame_count)
    found = unpack(layout, data, moof_at, end)
    sequence, frame_samples, start_sample = found[5], found[12], found[16]
    sizes = found[22 : 22 + frame_count]
    if found != _fields(sequence, start_sample, frame_samples, sizes) or not _sizes_allowed(sizes):
        raise MalformedMedia
    if moof_at + layout.size + sum(sizes) != end:
        raise MalformedMedia
    return Head(sequence, start_sample, frame_samples, sizes, moof_at, moof_at + layout.size)


def _skip_events(data: Buffer, start: int, end: int) -> int:
    """Where the ``emsg`` boxes at ``start`` end."""
    for _ in range(MAX_EVENTS + 1):
        if bytes(data[start + 4 : start + HEADER_BYTES]) != b"emsg":
            return start
        size = unpack(_U32, data, start, end)[0]
        if size < HEADER_BYTES or start + size > end:
            raise MalformedMedia
        start += size
    raise MalformedMedia


def parse(data: bytes) -> Chunk:
    """Take one whole chunk apart. MalformedMedia when it is anything but what :func:`chunk` writes."""
    if len(data) > MAX_CHUNK_BYTES:
        raise MalformedMedia
    found = head(data, 0, len(data))
    cuts = accumulate(found.sizes, initial=found.data_at)
    return Chunk(
        sequence=found.sequence,
        start_sample=found.start_sample,
        frame_samples=found.frame_samples,
        frames=tuple(data[start:end] for start, end in pairwise(cuts)),
        events=tuple(data[each.start : each.end] for each in walk(data, 0, found.moof_at)),
    )


def frames(data: bytes) -> list[bytes]:
    """Return the encoded frames of one chunk, in order. Raises MalformedMedia."""
    return list(parse(data).frames)


class ChunkSplitter:
    """Cut a stream of chunks, as it arrives, into whole chunks. Holds at most one unfinished chunk."""

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def pending_bytes(self) -> int:
        """Bytes of a chunk not yet whole; 0 at the end of a whole segment."""
        return len(self._pending)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes, return the chunks they complete.

        Raises MalformedMedia when a chunk would be larger than :data:`MAX_CHUNK_BYTES`.
        """
        self._pending += data
        whole: list[bytes] = []
        while end := self._chunk_end():
            whole.append(bytes(self._pending[:end]))
            del self._pending[:end]
        return whole

    def _chunk_end(self) -> int:
        """Where the first pending chunk ends; 0 when it is not whole yet."""
        position = 0
        while position + HEADER_BYTES <= len(self._pending):
            size = _U32.unpack_from(self._pending, position)[0]
            kind = self._pending[position + 4 : position + HEADER_BYTES]
            position += size
            if size < HEADER_BYTES or position > MAX_CHUNK_BYTES:
                raise MalformedMedia
            if kind == b"mdat":
                return position if position <= len(self._pending) else 0
        return 0
