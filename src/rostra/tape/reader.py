"""Read a tape while it is written, or afterwards. Trusts the index only; never writes.

Any number of readers, in any process. A record is handed out once its whole quantum is there, so
every rendition can be read up to the same sample. Nothing handed out is ever taken back by a
writer that resumes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rostra.core.errors import TapeDamaged
from rostra.core.samples import QUANTUM
from rostra.tape import disk
from rostra.tape.genesis import (
    END,
    GENESIS,
    INDEX,
    EndDocument,
    Genesis,
    UnknownTape,
    decode_end,
    decode_genesis,
    read_document,
)
from rostra.tape.index import record_number
from rostra.tape.record import KIND_AT, RECORD_BYTES, Kind, Record
from rostra.tape.rendition import init_name, media_name
from rostra.tape.watcher import watching

MAX_BATCH = 1024
"""Records in one batch of a tail: about 80 s of four renditions."""


class TapeReader:
    """An open tape. Made by :meth:`open`; close it, or use it in a ``with``."""

    def __init__(self, folder: Path, genesis: Genesis, index: int) -> None:
        self.folder = folder
        self.genesis = genesis
        self._index = index
        self._media: dict[int, int] = {}
        self._open = True

    @classmethod
    def open(cls, folder: Path) -> TapeReader:
        """Open the tape in ``folder``. Raises UnknownTape, TapeDamaged when genesis cannot be read."""
        genesis = decode_genesis(read_document(folder, GENESIS))
        try:
            return cls(folder, genesis, os.open(folder / INDEX, os.O_RDONLY | os.O_CLOEXEC))
        except FileNotFoundError as error:
            raise UnknownTape from error

    def __enter__(self) -> TapeReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the files. Ends no :meth:`tail`; cancel that first."""
        if self._open:
            self._open = False
            for descriptor in (self._index, *self._media.values()):
                os.close(descriptor)

    @property
    def count(self) -> int:
        """How many records can be read now: genesis, those of whole quanta, the end."""
        whole = os.fstat(self._index).st_size // RECORD_BYTES
        if whole == 0:
            return 0
        partial = (whole - 1) % len(self.genesis.tracks)
        if partial == 1 % len(self.genesis.tracks) and self._kind(whole - 1) == Kind.END:
            return whole
        return whole - partial

    @property
    def ended(self) -> bool:
        """Whether the tape has its end record."""
        count = self.count
        return count > 0 and self._kind(count - 1) == Kind.END

    @property
    def next_sample(self) -> int:
        """How many samples of programme the tape holds now."""
        return (self.count - 1) // len(self.genesis.tracks) * QUANTUM

    @property
    def end(self) -> EndDocument | None:
        """The end document; None while the tape is open. Raises TapeDamaged."""
        return decode_end(read_document(self.folder, END)) if self.ended else None

    def number_at(self, sample: int, rendition: int = 0) -> int:
        """The number of the record of the chunk that holds ``sample``, whether there yet or not."""
        return record_number(sample, rendition, len(self.genesis.tracks))

    def records(self, first: int = 0, last: int | None = None) -> list[Record]:
        """Return records ``first`` to before ``last``, as far as they are there now.

        Raises TapeDamaged when one is broken, or is not the one of its number.
        """
        end = self.count if last is None else min(last, self.count)
        raw = disk.read_at(self._index, max(0, end - first) * RECORD_BYTES, first * RECORD_BYTES)
        found = [
            Record.parse(raw[start : start + RECORD_BYTES])
            for start in range(0, len(raw) - RECORD_BYTES + 1, RECORD_BYTES)
        ]
        if any(record.number != number for number, record in enumerate(found, first)):
            raise TapeDamaged
        return found

    def read(self, record: Record) -> bytes:
        """Return the chunk that a record speaks of. TapeDamaged when the file ends before it."""
        data = disk.read_at(self._media_file(record.rendition), record.length, record.offset)
        if len(data) != record.length:
            raise TapeDamaged
        return data

    def init(self, name: str) -> bytes:
        """Return a rendition's init segment. Raises UnknownTape for a rendition there is not."""
        return read_document(self.folder, init_name(self.genesis.track(name)))

    @asynccontextmanager
    async def tail(self, first: int = 0) -> AsyncIterator[AsyncIterator[list[Record]]]:
        """Follow the tape from record ``first`` on: ``async with reader.tail(n) as batches``.

        A batch is what is new, in order, without holes or repeats, at most :data:`MAX_BATCH` records;
        nothing is queued, so a slow reader gets larger batches. Ends after the end record.
        """
        with watching(self.folder / INDEX) as changed:
            batches = self._batches(first, changed)
            try:
                yield batches
            finally:
                await batches.aclose()

    async def _batches(self, first: int, changed: asyncio.Event) -> AsyncGenerator[list[Record], None]:
        while True:
            changed.clear()
            records = self.records(first, self._batch_end(first))
            if not records:
                await changed.wait()
                continue
            yield records
            if records[-1].kind == Kind.END:
                return
            first += len(records)

    def _batch_end(self, first: int) -> int:
        """Where a batch from ``first`` on ends: behind a whole quantum."""
        end = first + MAX_BATCH
        return end - (end - 1) % len(self.genesis.tracks)

    def _kind(self, number: int) -> int:
        return disk.read_at(self._index, 1, number * RECORD_BYTES + KIND_AT)[0]

    def _media_file(self, rendition: int) -> int:
        descriptor = self._media.get(rendition)
        if descriptor is None:
            path = self.folder / media_name(self.genesis.tracks[rendition])
            descriptor = self._media[rendition] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return descriptor
