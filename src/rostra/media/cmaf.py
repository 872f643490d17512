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

from rostra.media.boxes import HEADER_BYTES, Box, MalformedMedia, only, unpack, walk
from rostra.media.movie import init_segment
from rostra.media.track import AAC, OPUS, Track

__all__ = ["AAC", "OPUS", "Chunk", "ChunkSplitter", "Track", "chunk", "frames", "init_segment", "parse"]

MAX_CHUNK_BYTES = 256 * 1024
MAX_FRAMES = 64
MAX_FRAME_BYTES = 8184
"""What an ADTS header can state (13 bits) less its own seven bytes."""

_U32 = struct.Struct(">I")
_MFHD = struct.Struct(">II")
_TFHD = struct.Struct(">III")
_TFDT_V1 = struct.Struct(">IQ")
_TRUN_HEAD = struct.Struct(">III")
_TFHD_FLAGS = 0x020008
"""Offsets are from the moof; a default frame duration is stated."""
_TRUN_FLAGS = 0x000201
"""A data offset and each frame's size are stated."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk taken apart."""

    sequence: int
    start_sample: int
    """Programme time of the first sample decoded."""
    frame_samples: int
    frames: tuple[bytes, ...]
    data_offset: int
    """Where the first frame lies, in bytes from the chunk's start."""
    events: tuple[bytes, ...]
    """Whole ``emsg`` boxes, in order."""


@cache
def _moof_layout(frame_count: int) -> struct.Struct:
    """The whole of moof and the header of mdat, for a run of ``frame_count`` frames."""
    header = "I4s"
    return struct.Struct(f">{header}{header}II{header}{header}III{header}IQ{header}III{frame_count}I{header}")


def chunk(
    track: Track, *, sequence: int, start_sample: int, frames: Sequence[bytes], events: bytes = b""
) -> bytes:
    """Return ``frames`` as one chunk whose first decoded sample is ``start_sample``.

    ``sequence`` counts chunks from 1; ``events`` are whole ``emsg`` boxes. ValueError when a frame is
    empty or over :data:`MAX_FRAME_BYTES`, or there are none or over :data:`MAX_FRAMES`.
    """
    sizes = [len(frame) for frame in frames]
    if not 0 < len(sizes) <= MAX_FRAMES or min(sizes) == 0 or max(sizes) > MAX_FRAME_BYTES:
        raise ValueError("a chunk holds 1 to 64 frames of 1 to 8184 bytes")
    layout = _moof_layout(len(sizes))
    trun_bytes = 20 + 4 * len(sizes)
    traf_bytes = 8 + 20 + 20 + trun_bytes
    head = layout.pack(
        *(layout.size - HEADER_BYTES, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(traf_bytes, b"traf"),
        *(20, b"tfhd", _TFHD_FLAGS, 1, track.frame_samples),
        *(20, b"tfdt", 1 << 24, start_sample),
        *(trun_bytes, b"trun", _TRUN_FLAGS, len(sizes), layout.size, *sizes),
        *(HEADER_BYTES + sum(sizes), b"mdat"),
    )
    return b"".join((events, head, *frames))


def data_offset(frame_count: int) -> int:
    """Bytes from a moof's start to the first frame's, in a chunk of ``frame_count`` frames."""
    return _moof_layout(frame_count).size


def parse(data: bytes) -> Chunk:
    """Take one whole chunk apart. MalformedMedia when it is anything but what :func:`chunk` writes."""
    if len(data) > MAX_CHUNK_BYTES:
        raise MalformedMedia
    found = list(walk(data))
    kinds = [each.kind for each in found]
    if kinds[-2:] != [b"moof", b"mdat"] or any(kind != b"emsg" for kind in kinds[:-2]):
        raise MalformedMedia
    moof, mdat = found[-2:]
    run = _parse_run(data, moof, mdat)
    return Chunk(
        sequence=_parse_sequence(data, moof),
        start_sample=run.start_sample,
        frame_samples=run.frame_samples,
        frames=_cut(data, mdat, run.sizes),
        data_offset=mdat.body,
        events=tuple(data[each.start : each.end] for each in found[:-2]),
    )


def frames(data: bytes) -> list[bytes]:
    """Return the encoded frames of one chunk, in order. Raises MalformedMedia."""
    return list(parse(data).frames)


@dataclass(frozen=True, slots=True)
class _Run:
    start_sample: int
    frame_samples: int
    sizes: tuple[int, ...]


def _parse_sequence(data: bytes, moof: Box) -> int:
    mfhd = only(data, b"mfhd", moof.body, moof.end)
    _, sequence = unpack(_MFHD, data, mfhd.body, mfhd.end)
    return sequence


def _parse_run(data: bytes, moof: Box, mdat: Box) -> _Run:
    traf = only(data, b"traf", moof.body, moof.end)
    tfhd = only(data, b"tfhd", traf.body, traf.end)
    tfdt = only(data, b"tfdt", traf.body, traf.end)
    trun = only(data, b"trun", traf.body, traf.end)
    flags, _, frame_samples = unpack(_TFHD, data, tfhd.body, tfhd.end)
    version, start_sample = unpack(_TFDT_V1, data, tfdt.body, tfdt.end)
    run_flags, count, offset = unpack(_TRUN_HEAD, data, trun.body, trun.end)
    if (flags, version, run_flags) != (_TFHD_FLAGS, 1 << 24, _TRUN_FLAGS):
        raise MalformedMedia
    if not 0 < count <= MAX_FRAMES or moof.start + offset != mdat.body:
        raise MalformedMedia
    sizes = unpack(struct.Struct(f">{count}I"), data, trun.body + _TRUN_HEAD.size, trun.end)
    return _Run(start_sample, frame_samples, sizes)


def _cut(data: bytes, mdat: Box, sizes: tuple[int, ...]) -> tuple[bytes, ...]:
    if sum(sizes) != mdat.end - mdat.body or min(sizes) == 0 or max(sizes) > MAX_FRAME_BYTES:
        raise MalformedMedia
    cut, position = [], mdat.body
    for size in sizes:
        cut.append(data[position : position + size])
        position += size
    return tuple(cut)


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
