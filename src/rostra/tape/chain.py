"""How far an index holds: record by record, by checksum, hash chain and arithmetic.

Owns the one statement of what a sound index is; the writer cuts behind it, the verifier reports
it. Reads nothing but the bytes it is given, never the chunks.
"""

from __future__ import annotations

import zlib
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM
from rostra.tape.index import COLUMNS, Index
from rostra.tape.record import NO_HASH, RECORD_BYTES, Flag, Kind

_PREVIOUS_AT = COLUMNS.fields["previous"][1] if COLUMNS.fields else 0
_CRC_AT = RECORD_BYTES - 4


def sound_records(raw: bytes, first_offsets: tuple[int, ...]) -> int:
    """Return how many records at the start of ``raw`` are sound, each following from the one before.

    ``first_offsets`` says, per rendition, where in its file the first chunk lies. An end record
    counts when it is sound; whatever stands behind it does not.
    """
    chained = _chained(raw)
    index = np.frombuffer(raw[: chained * RECORD_BYTES], COLUMNS)
    if chained == 0 or int(index[0]["kind"]) != Kind.GENESIS:
        return 0
    ends = np.flatnonzero(index["kind"] == Kind.END)
    chunk_records = index[1 : ends[0]] if len(ends) else index[1:]
    placed = _placed(chunk_records, first_offsets)
    if len(ends) and placed == len(chunk_records) and _is_end(index, int(ends[0]), len(first_offsets)):
        return placed + 2
    return placed + 1


def is_intact(record: bytes) -> bool:
    """Whether these are a record's bytes with their checksum."""
    return len(record) == RECORD_BYTES and zlib.crc32(record[:_CRC_AT]).to_bytes(4, "big") == record[_CRC_AT:]


def _chained(raw: bytes) -> int:
    """How many records have their checksum and the hash of the record before."""
    previous = NO_HASH
    for start in range(0, len(raw) - RECORD_BYTES + 1, RECORD_BYTES):
        record = raw[start : start + RECORD_BYTES]
        states = record[_PREVIOUS_AT : _PREVIOUS_AT + 32]
        if states != previous or not is_intact(record):
            return start // RECORD_BYTES
        previous = sha256(record).digest()
    return len(raw) // RECORD_BYTES


def _placed(rows: Index, first_offsets: tuple[int, ...]) -> int:
    """How many chunk records at the start of ``rows`` stand where arithmetic wants them."""
    count = len(first_offsets)
    order = np.arange(len(rows), dtype=np.uint64)
    quantum = order // count
    starts = quantum % CHUNKS_PER_SEGMENT == 0
    right = (
        (rows["magic"] == b"RT")
        & (rows["version"] == 1)
        & np.isin(rows["kind"], (Kind.CHUNK, Kind.GAP))
        & (rows["number"] == order + 1)
        & (rows["rendition"] == order % count)
        & (rows["start_sample"] == quantum * QUANTUM)
        & (rows["samples"] == QUANTUM)
        & (((rows["flags"] & Flag.SEGMENT_START) != 0) == starts)
        & (rows["offset"] == _offsets(rows["length"], first_offsets))
    )
    wrong = np.flatnonzero(~right)
    return int(wrong[0]) if len(wrong) else len(rows)


def _offsets(lengths: npt.NDArray[np.uint32], first_offsets: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    """Where each chunk must lie when every rendition's chunks follow one another."""
    offsets = np.empty(len(lengths), np.uint64)
    for rendition, first in enumerate(first_offsets):
        mine = lengths[rendition :: len(first_offsets)].astype(np.uint64)
        offsets[rendition :: len(first_offsets)] = first + np.cumsum(mine) - mine
    return offsets


def _is_end(index: Index, at: int, track_count: int) -> bool:
    """Whether the record at ``at`` closes a tape of whole quanta."""
    row = index[at]
    whole, rest = divmod(at - 1, track_count)
    return rest == 0 and int(row["number"]) == at and int(row["start_sample"]) == whole * QUANTUM
