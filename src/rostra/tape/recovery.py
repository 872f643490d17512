"""Where the sound part of an interrupted tape ends, and opening it there again.

A process that dies leaves at most a torn tail: bytes without a record, part of a record, a quantum
without all its renditions, half of a seal. A machine that dies may also lose bytes whose records
it kept, back to the last sync; so the newest chunks are compared with their hashes. An index that is
worse than torn is rebuilt first (``salvage.py``).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import structlog

from rostra.core.errors import Conflict, TapeDamaged
from rostra.tape import chain, disk, salvage
from rostra.tape.genesis import END, GENESIS, INDEX, Genesis, decode_genesis, init_hashes, read_document
from rostra.tape.index import COLUMNS, Index, of_rendition
from rostra.tape.record import NO_HASH, RECORD_BYTES, Kind, Record
from rostra.tape.rendition import RenditionFile, first_offset, init_name, media_name

log = structlog.get_logger()

CHECKED_QUANTA = 512
"""Quanta at the tail (164 s) that are hashed again; fewer than that may be cut. Where the oldest of them is
not sound, that is no torn tail but damage: nothing is cut, and a person must look."""


class TapeEnded(Conflict):
    """This tape has ended; nothing can be added to it."""

    code = "tape_ended"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A tape cut to its sound part, its files open for writing."""

    genesis: Genesis
    files: tuple[RenditionFile, ...]
    index: int
    """Descriptor of the index."""
    quanta: int
    gaps: int
    chain: bytes
    """Hash of the last record."""


def recover(folder: Path, undo: ExitStack) -> Recovered:
    """Cut an interrupted tape to its sound part and open it; ``undo`` learns how to close it again.

    The caller holds the lock. Raises UnknownTape, TapeEnded, DiskFull, or TapeDamaged when genesis, an
    init segment or chunks before the newest are not what they were.
    """
    document = read_document(folder, GENESIS)
    genesis = decode_genesis(document)
    raw = _index(folder, genesis, document)
    sound = _sound_quanta(folder, genesis, raw)
    whole = 1 + sound * len(genesis.tracks)
    raw = raw[: whole * RECORD_BYTES]
    index = np.frombuffer(raw, COLUMNS)
    descriptor = _cut_index(folder, len(raw), undo)
    return Recovered(
        genesis=genesis,
        files=_reopen_files(folder, genesis, index, undo),
        index=descriptor,
        quanta=sound,
        gaps=int(np.count_nonzero(index["kind"] == Kind.GAP)) // len(genesis.tracks),
        chain=sha256(raw[-RECORD_BYTES:]).digest(),
    )


def _index(folder: Path, genesis: Genesis, document: bytes) -> bytes:
    """The index as it is, or rebuilt. Raises TapeDamaged, DiskFull."""
    path = folder / INDEX
    raw = path.read_bytes() if path.exists() else b""
    _check_genesis(folder, genesis, document, raw)
    offsets = first_offsets(folder, genesis)
    if salvage.is_damaged(folder, genesis, raw, chain.sound_records(raw, offsets)):
        return salvage.rebuild(folder, genesis, document, raw, offsets)
    return raw


def _sound_quanta(folder: Path, genesis: Genesis, raw: bytes) -> int:
    """How many quanta stand. Raises TapeEnded, TapeDamaged. Changes nothing."""
    count = len(genesis.tracks)
    records = chain.sound_records(raw, first_offsets(folder, genesis))
    if records and _kind(raw, records - 1) == Kind.END:
        raise TapeEnded
    chained = max(0, records - 1) // count
    present = (len(raw) // RECORD_BYTES - 1) // count
    index = np.frombuffer(raw[: records * RECORD_BYTES], COLUMNS)
    sound = _hashed(folder, genesis, index, chained)
    if records == 0 or present - sound > CHECKED_QUANTA or 0 < sound == chained - CHECKED_QUANTA:
        raise TapeDamaged
    if sound < present:
        log.warning("tape_tail_cut", space=genesis.space, run=genesis.run, quanta=present - sound)
    return sound


def _kind(raw: bytes, number: int) -> Kind:
    return Record.parse(raw[number * RECORD_BYTES : (number + 1) * RECORD_BYTES]).kind


def _check_genesis(folder: Path, genesis: Genesis, document: bytes, raw: bytes) -> None:
    """Raise TapeDamaged when a document is not the one that the index, or genesis, speaks of."""
    if chain.is_intact(raw[:RECORD_BYTES]):
        first = Record.parse(raw[:RECORD_BYTES])
        if (first.kind, first.previous, first.sha256) != (Kind.GENESIS, NO_HASH, sha256(document).digest()):
            raise TapeDamaged
    stated = init_hashes(document)
    for track in genesis.tracks:
        if sha256(read_document(folder, init_name(track))).digest() != stated[track.name]:
            raise TapeDamaged


def first_offsets(folder: Path, genesis: Genesis) -> tuple[int, ...]:
    """Where each rendition's first chunk lies."""
    return tuple(first_offset((folder / init_name(track)).stat().st_size) for track in genesis.tracks)


def _hashed(folder: Path, genesis: Genesis, index: Index, chained: int) -> int:
    """Of ``chained`` quanta, how many are sound when the newest are compared with their hashes."""
    sound = chained
    for rendition, track in enumerate(genesis.tracks):
        rows = of_rendition(index, rendition, len(genesis.tracks))[:chained]
        with (folder / media_name(track)).open("rb") as file:
            for quantum in range(max(0, chained - CHECKED_QUANTA), min(sound, chained)):
                row = rows[quantum]
                data = disk.read_at(file.fileno(), int(row["length"]), int(row["offset"]))
                if sha256(data).digest() != row["sha256"].tobytes():
                    sound = quantum
                    break
    return sound


def _cut_index(folder: Path, length: int, undo: ExitStack) -> int:
    """Cut the index, which readers trust, before the files; a half-written end goes with it."""
    descriptor = os.open(folder / INDEX, os.O_RDWR | os.O_CLOEXEC)
    undo.callback(os.close, descriptor)
    if os.fstat(descriptor).st_size != length:
        os.ftruncate(descriptor, length)
    for name in (END, f"{END}.new"):
        (folder / name).unlink(missing_ok=True)
    return descriptor


def _reopen_files(folder: Path, genesis: Genesis, index: Index, undo: ExitStack) -> tuple[RenditionFile, ...]:
    files = []
    for rendition, track in enumerate(genesis.tracks):
        rows = of_rendition(index, rendition, len(genesis.tracks))
        start = first_offset((folder / init_name(track)).stat().st_size)
        end = int(rows[-1]["offset"]) + int(rows[-1]["length"]) if len(rows) else start
        files.append(RenditionFile.reopen(folder, track, rows, end))
        undo.callback(files[-1].close)
    return tuple(files)
