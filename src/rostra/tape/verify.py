"""Walk a whole tape and compare everything with its hashes. Reads only; names the first thing wrong.

Holds for a tape in the making (up to its last whole record) as for a finished one.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from rostra.core.errors import RostraError
from rostra.core.samples import QUANTUM, seconds
from rostra.tape import chain, disk
from rostra.tape.genesis import END, GENESIS, INDEX, Genesis, decode_genesis, init_hashes, read_document
from rostra.tape.index import COLUMNS, Index, of_rendition
from rostra.tape.record import RECORD_BYTES, Kind
from rostra.tape.recovery import first_offsets
from rostra.tape.rendition import RESERVED_BYTES, init_name, media_name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found."""

    records: int
    """Sound ones, from the start."""
    ended: bool
    bad_record: int | None = None
    """The first that does not hold; None when all do."""
    bad_second: float | None = None
    """Where in the programme that is."""
    reason: str = ""

    @property
    def sound(self) -> bool:
        return self.bad_record is None


def verify_chain(folder: Path) -> Verdict:
    """Check genesis, init segments, every record, every chunk's bytes and the end document.

    Raises UnknownTape when there is no tape; whatever is wrong with one is in the verdict.
    """
    document = read_document(folder, GENESIS)
    raw = (folder / INDEX).read_bytes()
    try:
        genesis = decode_genesis(document)
        begins = _begins_well(folder, genesis, document, raw)
    except (RostraError, OSError):
        begins = False
    if not begins:
        return Verdict(0, False, 0, 0.0, "the genesis document or an init segment was changed")
    return _verify_records(folder, genesis, raw)


def _begins_well(folder: Path, genesis: Genesis, document: bytes, raw: bytes) -> bool:
    """Whether genesis is the one in the index, and every file begins with the init it names."""
    first = np.frombuffer(raw[:RECORD_BYTES], COLUMNS)
    if not len(first) or first[0]["sha256"].tobytes() != sha256(document).digest():
        return False
    stated = init_hashes(document)
    for track in genesis.tracks:
        init = read_document(folder, init_name(track))
        with (folder / media_name(track)).open("rb") as file:
            beginning = file.read(len(init) + RESERVED_BYTES)
        brands = int.from_bytes(init[:4], "big")
        without_reserved = beginning[:brands] + beginning[brands + RESERVED_BYTES :]
        if sha256(init).digest() != stated[track.name] or without_reserved != init:
            return False
    return True


def _verify_records(folder: Path, genesis: Genesis, raw: bytes) -> Verdict:
    count = len(genesis.tracks)
    sound = chain.sound_records(raw, first_offsets(folder, genesis))
    index = np.frombuffer(raw[: sound * RECORD_BYTES], COLUMNS)
    changed = _first_changed_chunk(folder, genesis, index)
    if changed is not None:
        return _bad(changed, count, "a chunk's bytes are not those recorded")
    if sound * RECORD_BYTES < len(raw) - len(raw) % RECORD_BYTES:
        return _bad(sound, count, "a record does not follow from the one before")
    ended = int(index[-1]["kind"]) == Kind.END
    if ended and index[-1]["sha256"].tobytes() != sha256(read_document(folder, END)).digest():
        return _bad(sound - 1, count, "the end document was changed")
    return Verdict(sound, ended)


def _bad(number: int, track_count: int, reason: str) -> Verdict:
    return Verdict(number, False, number, seconds((number - 1) // track_count * QUANTUM), reason)


def _first_changed_chunk(folder: Path, genesis: Genesis, index: Index) -> int | None:
    """The number of the first chunk record whose bytes have another hash."""
    changed = []
    for rendition, track in enumerate(genesis.tracks):
        rows = of_rendition(index, rendition, len(genesis.tracks))
        with (folder / media_name(track)).open("rb") as file:
            for row in rows:
                data = disk.read_at(file.fileno(), int(row["length"]), int(row["offset"]))
                if sha256(data).digest() != row["sha256"].tobytes():
                    changed.append(int(row["number"]))
                    break
    return min(changed, default=None)
