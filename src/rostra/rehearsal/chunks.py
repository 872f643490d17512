"""Cut a stream of bytes into CMAF chunks, as they arrive, and read what each one states.

Reads ISO/IEC 14496-12 by itself instead of using the server's own writer, so that a listener's
measurements are a second opinion. Pure: bytes in, chunks out; limits before parsing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rostra.core.errors import RostraError

MAX_BOX_BYTES = 1 << 20
"""A chunk of 0.32 s is a few kB; whatever claims a megabyte is not one."""

_TFHD_BASE_OFFSET, _TFHD_DESCRIPTION, _TFHD_DURATION, _TFHD_SIZE = 0x1, 0x2, 0x8, 0x10
_TRUN_OFFSET, _TRUN_FIRST_FLAGS = 0x1, 0x4
_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_COMPOSITION = 0x100, 0x200, 0x400, 0x800


class BrokenMedia(RostraError):
    """What arrived is not the audio that was asked for."""

    code = "broken_media"
    status = 502


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the init segment says of frames that do not say it themselves (``trex``)."""

    frame_samples: int = 0
    frame_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """One ``emsg``* ``moof`` ``mdat``, whole."""

    start_sample: int
    samples: int
    frames: tuple[bytes, ...]
    events: tuple[bytes, ...]
    """The ``emsg`` boxes before it, whole."""
    data: bytes
    """All of its bytes as they came."""

    @property
    def end_sample(self) -> int:
        return self.start_sample + self.samples


class ChunkStream:
    """Bytes of one media segment, fed as they arrive. Holds at most one chunk and one read."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self._buffer = bytearray()
        self._at = 0
        self._events: list[bytes] = []
        self._moof = b""

    def feed(self, data: bytes) -> list[Chunk]:
        """Take bytes; return the chunks that they complete. BrokenMedia on anything else."""
        self._buffer += data
        chunks = []
        while (size := self._whole_box()) is not None:
            end = self._at + size
            chunk = self._take(bytes(self._buffer[self._at + 4 : self._at + 8]), self._at, end)
            self._at = end
            if chunk is not None:
                chunks.append(chunk)
                del self._buffer[:end]
                self._at = 0
        return chunks

    @property
    def torn(self) -> bool:
        """Whether the stream has stopped inside a chunk."""
        return bool(self._buffer)

    def _whole_box(self) -> int | None:
        if len(self._buffer) - self._at < 8:
            return None
        size = int.from_bytes(self._buffer[self._at : self._at + 4], "big")
        if not 8 <= size <= MAX_BOX_BYTES or self._at + size > MAX_BOX_BYTES:
            raise BrokenMedia
        return size if len(self._buffer) - self._at >= size else None

    def _take(self, kind: bytes, start: int, end: int) -> Chunk | None:
        if kind == b"mdat":
            moof, events = self._moof, tuple(self._events)
            self._moof, self._events = b"", []
            return read_chunk(
                moof, bytes(self._buffer[start:end]), events, bytes(self._buffer[:end]), self._defaults
            )
        if kind == b"emsg":
            self._events.append(bytes(self._buffer[start:end]))
        elif kind == b"moof":
            self._moof = bytes(self._buffer[start:end])
        return None


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, payload) of each box in ``data``. BrokenMedia when one does not fit."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            raise BrokenMedia
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def find(data: bytes, *path: bytes) -> bytes:
    """Return the payload of the first box at ``path``. BrokenMedia when there is none."""
    for kind in path:
        data = next((payload for name, payload in boxes(data) if name == kind), b"")
        if not data:
            raise BrokenMedia
    return data


def read_init(data: bytes) -> Defaults:
    """Read an init segment's defaults."""
    trex = _Fields(find(data, b"moov", b"mvex", b"trex"))
    _flags, _track, _description = trex.u32(), trex.u32(), trex.u32()
    return Defaults(frame_samples=trex.u32(), frame_bytes=trex.u32())


def read_chunk(moof: bytes, mdat: bytes, events: tuple[bytes, ...], data: bytes, defaults: Defaults) -> Chunk:
    """Read one chunk from its whole boxes. BrokenMedia unless its frames fill the ``mdat``."""
    traf = find(moof, b"moof", b"traf")
    known = _track_defaults(find(traf, b"tfhd"), defaults)
    tfdt = _Fields(find(traf, b"tfdt"))
    start_sample = tfdt.u64() if tfdt.u32() >> 24 else tfdt.u32()
    samples, frames, at = 0, [], 8
    for frame_samples, frame_bytes in _frames(find(traf, b"trun"), known):
        samples += frame_samples
        frames.append(mdat[at : at + frame_bytes])
        at += frame_bytes
    if at != len(mdat) or not samples:
        raise BrokenMedia
    return Chunk(start_sample, samples, tuple(frames), events, data)


def _track_defaults(tfhd: bytes, defaults: Defaults) -> Defaults:
    fields = _Fields(tfhd)
    flags, _track = fields.u32() & 0xFFFFFF, fields.u32()
    if flags & _TFHD_BASE_OFFSET:
        fields.u64()
    if flags & _TFHD_DESCRIPTION:
        fields.u32()
    frame_samples = fields.u32() if flags & _TFHD_DURATION else defaults.frame_samples
    frame_bytes = fields.u32() if flags & _TFHD_SIZE else defaults.frame_bytes
    return Defaults(frame_samples, frame_bytes)


def _frames(trun: bytes, defaults: Defaults) -> Iterator[tuple[int, int]]:
    """Yield samples and bytes of every frame of a ``trun``."""
    fields = _Fields(trun)
    flags, count = fields.u32() & 0xFFFFFF, fields.u32()
    if count > len(trun) and flags & _TRUN_SIZE:
        raise BrokenMedia
    for _ in range(bool(flags & _TRUN_OFFSET) + bool(flags & _TRUN_FIRST_FLAGS)):
        fields.u32()
    for _ in range(min(count, MAX_BOX_BYTES)):
        frame_samples = fields.u32() if flags & _TRUN_DURATION else defaults.frame_samples
        frame_bytes = fields.u32() if flags & _TRUN_SIZE else defaults.frame_bytes
        for _ in range(bool(flags & _TRUN_FLAGS) + bool(flags & _TRUN_COMPOSITION)):
            fields.u32()
        if not frame_samples or not frame_bytes:
            raise BrokenMedia
        yield frame_samples, frame_bytes


class _Fields:
    """Big-endian numbers read in order. BrokenMedia past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def u32(self) -> int:
        return self._number(4)

    def u64(self) -> int:
        return self._number(8)

    def _number(self, width: int) -> int:
        raw = self._data[self._at : self._at + width]
        if len(raw) != width:
            raise BrokenMedia
        self._at += width
        return int.from_bytes(raw, "big")
