"""A tape that has ended, opened quickly: its index as columns, its segments as byte ranges.

Made for recordings: nothing here reads audio, except for events and captions, which opens only the
chunks that carry some.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rostra.core.errors import Conflict
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM
from rostra.media import events
from rostra.media.events import Caption, Event
from rostra.tape import disk
from rostra.tape.genesis import (
    END,
    GENESIS,
    EndDocument,
    Genesis,
    decode_end,
    decode_genesis,
    read_document,
)
from rostra.tape.index import Index, has_end, load, of_rendition
from rostra.tape.record import Flag, Kind
from rostra.tape.rendition import init_name, media_name


class TapeStillOpen(Conflict):
    """This conversation has no recording yet: its tape has not ended."""

    code = "tape_open"


@dataclass(frozen=True, slots=True)
class Range:
    """A segment of a recording: programme time, and bytes in the rendition's ``.mp4``."""

    start_sample: int
    samples: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Programme time in which nothing was recorded."""

    start_sample: int
    samples: int


@dataclass(frozen=True, slots=True)
class FinishedTape:
    """What a recording is read from. Holds no open files."""

    folder: Path
    genesis: Genesis
    end: EndDocument
    index: Index
    """All records, in columns (``tape/index.py``)."""

    @classmethod
    def open(cls, folder: Path) -> FinishedTape:
        """Open a tape that has ended. Raises UnknownTape, TapeStillOpen, TapeDamaged."""
        genesis = decode_genesis(read_document(folder, GENESIS))
        index = load(folder)
        if not has_end(index):
            raise TapeStillOpen
        return cls(folder, genesis, decode_end(read_document(folder, END)), index)

    def media_path(self, name: str) -> Path:
        """The finished ``.mp4`` of a rendition. Raises UnknownTape."""
        return self.folder / media_name(self.genesis.track(name))

    def init(self, name: str) -> bytes:
        """A rendition's init segment. Raises UnknownTape."""
        return read_document(self.folder, init_name(self.genesis.track(name)))

    def chunks(self, name: str) -> Index:
        """The index rows of one rendition's chunks, in order. Raises UnknownTape."""
        return of_rendition(self.index, self.genesis.number_of(name), len(self.genesis.tracks))

    def segments(self, name: str) -> list[Range]:
        """A rendition's segments, in order; the last may be short. Raises UnknownTape."""
        rows = self.chunks(name)
        offsets, lengths = rows["offset"], rows["length"].astype(np.int64)
        starts = np.arange(0, len(rows), CHUNKS_PER_SEGMENT)
        sizes = np.add.reduceat(lengths, starts) if len(rows) else lengths
        return [
            Range(
                start_sample=int(start) * QUANTUM,
                samples=min(CHUNKS_PER_SEGMENT, len(rows) - int(start)) * QUANTUM,
                offset=int(offsets[start]),
                length=int(size),
            )
            for start, size in zip(starts, sizes, strict=True)
        ]

    def gaps(self) -> list[Gap]:
        """Stretches in which nothing was recorded, in order."""
        silent = of_rendition(self.index, 0, len(self.genesis.tracks))["kind"] == Kind.GAP
        edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0))
        return [
            Gap(int(begin) * QUANTUM, int(end - begin) * QUANTUM)
            for begin, end in zip(edges[::2], edges[1::2], strict=True)
        ]

    def events(self, name: str) -> Iterator[Event]:
        """Yield the events of one rendition, in order. Raises UnknownTape, MalformedMedia."""
        yield from self._events(name, Flag.EVENTS)

    def captions(self) -> list[Caption]:
        """Every line of captions, in the order in which they came. Raises MalformedMedia."""
        told = self._events(self.genesis.tracks[0].name, Flag.CAPTIONS)
        return [line for event in told for line in event.captions]

    def _events(self, name: str, flag: Flag) -> Iterator[Event]:
        rows = self.chunks(name)
        rows = rows[(rows["flags"] & flag) != 0]
        with self.media_path(name).open("rb") as file:
            for offset, length in zip(rows["offset"].tolist(), rows["length"].tolist(), strict=True):
                yield from events.read(disk.read_at(file.fileno(), length, offset))
