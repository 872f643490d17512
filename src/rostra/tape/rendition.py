"""One rendition's growing ``.mp4``: chunks go in at the end, at the end of a tape it is sealed.

Owns the file's layout and the sample tables kept as it goes. Knows nothing of the index; what it
holds beyond what the index says is cut when it is opened again. No chunk byte ever changes:
sealing appends a ``moov`` and turns the 16 reserved bytes before the first into an ``mdat`` header
over all that lies between.
"""

from __future__ import annotations

import mmap
import os
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rostra.core.errors import TapeDamaged
from rostra.media import cmaf
from rostra.media.boxes import MalformedMedia
from rostra.media.cmaf import Track
from rostra.media.movie import file_type, finished_movie
from rostra.tape import disk
from rostra.tape.index import Index

RESERVED_BYTES = 16
_RESERVED = struct.pack(">I4s8x", RESERVED_BYTES, b"free")
_MDAT_64 = struct.Struct(">I4sQ")
_MOOV_SLACK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk made, not yet written."""

    data: bytes
    sizes: tuple[int, ...]
    """Bytes of each frame."""


def media_name(track: Track) -> str:
    """The growing file of a rendition."""
    return f"{track.name}.mp4"


def init_name(track: Track) -> str:
    """The init segment of a rendition, kept alone."""
    return f"{track.name}.init.mp4"


def first_offset(init_bytes: int) -> int:
    """Where the first chunk lies, in a file whose init segment has ``init_bytes``."""
    return init_bytes + RESERVED_BYTES


class RenditionFile:
    """The open file of one rendition. Not safe for use by two threads at once, but for :meth:`sync`."""

    def __init__(self, track: Track, descriptor: int, end: int) -> None:
        self.track = track
        self.end = end
        """Where the next chunk goes, in bytes."""
        self._descriptor = descriptor
        self._reserved_at = int.from_bytes(disk.read_at(descriptor, 4, 0), "big")
        """Behind ``ftyp``, as this file has it."""
        self._sizes = array("I")
        self._data_offsets = array("Q")

    @classmethod
    def create(cls, folder: Path, track: Track) -> RenditionFile:
        """Write the file's beginning, and the init segment beside it."""
        init = cmaf.init_segment(track)
        disk.write_document(folder, init_name(track), init)
        descriptor = os.open(
            folder / media_name(track), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644
        )
        brands = len(file_type())
        disk.write_at(descriptor, init[:brands] + _RESERVED + init[brands:], 0)
        return cls(track, descriptor, first_offset(len(init)))

    @classmethod
    def reopen(cls, folder: Path, track: Track, chunks: Index, end: int) -> RenditionFile:
        """Open the file again: cut what lies behind ``end``, unseal it, read the tables from its chunks.

        Raises TapeDamaged when a chunk is not one.
        """
        descriptor = os.open(folder / media_name(track), os.O_RDWR | os.O_CLOEXEC)
        file = cls(track, descriptor, end)
        try:
            file.unseal()
            file._read_tables(chunks)
        except MalformedMedia as error:
            file.close()
            raise TapeDamaged from error
        return file

    def _read_tables(self, chunks: Index) -> None:
        """Learn every frame's size and place. Raises MalformedMedia."""
        if not len(chunks):
            return
        offsets, lengths = chunks["offset"].tolist(), chunks["length"].tolist()
        with mmap.mmap(self._descriptor, self.end, access=mmap.ACCESS_READ) as view:
            for offset, length in zip(offsets, lengths, strict=True):
                head = cmaf.head(view, offset, offset + length)
                self._sizes.extend(head.sizes)
                self._data_offsets.append(head.data_at)

    def write(self, pieces: list[Piece]) -> None:
        """Write chunks at the end, without counting them yet. Raises OSError; :meth:`cut` then undoes it."""
        disk.write_at(self._descriptor, b"".join(piece.data for piece in pieces), self.end)

    def accept(self, pieces: list[Piece]) -> None:
        """Count chunks that :meth:`write` has written."""
        for piece in pieces:
            self.end += len(piece.data)
            self._sizes.extend(piece.sizes)
            self._data_offsets.append(self.end - sum(piece.sizes))

    def cut(self) -> None:
        """Drop whatever lies behind the last chunk counted."""
        os.ftruncate(self._descriptor, self.end)

    def seal_bytes(self) -> int:
        """An upper bound of what :meth:`seal` appends."""
        return _MOOV_SLACK_BYTES + 4 * len(self._sizes) + 20 * len(self._data_offsets)

    def seal(self) -> int:
        """Make the file an ordinary ``.mp4``, durably; return its size in bytes.

        Done again after a failure it does the same again. The header turns last, in one write.
        """
        movie = finished_movie(
            self.track,
            np.frombuffer(self._sizes, np.uint32),
            np.frombuffer(self._data_offsets, np.uint64),
        )
        disk.write_at(self._descriptor, movie, self.end)
        os.fdatasync(self._descriptor)
        header = _MDAT_64.pack(1, b"mdat", self.end - self._reserved_at)
        disk.write_at(self._descriptor, header, self._reserved_at)
        os.fdatasync(self._descriptor)
        return self.end + len(movie)

    def unseal(self) -> None:
        """Undo :meth:`seal`, or half of it."""
        disk.write_at(self._descriptor, _RESERVED, self._reserved_at)
        self.cut()

    def sync(self) -> None:
        """Make what was written durable. May be called from another thread."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)
