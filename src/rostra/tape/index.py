"""The index as a table: many records at once, as columns, without parsing each.

Owns where a record lies and which sample it speaks of. A tape has no holes and every rendition a
chunk in every quantum, so that is arithmetic: record 0 is genesis, then come the renditions of
quantum 0 in the order of genesis, then those of quantum 1, and so on; the end record is last.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rostra.core.samples import QUANTUM
from rostra.tape.genesis import INDEX, UnknownTape
from rostra.tape.record import RECORD_BYTES, Kind

COLUMNS = np.dtype(
    [
        ("magic", "S2"),
        ("version", "u1"),
        ("kind", "u1"),
        ("rendition", "u1"),
        ("flags", "u1"),
        ("reserved", ">u2"),
        ("number", ">u8"),
        ("start_sample", ">u8"),
        ("offset", ">u8"),
        ("length", ">u4"),
        ("samples", ">u4"),
        ("sha256", "V32"),
        ("previous", "V32"),
        ("checkpoint", "V20"),
        ("crc32", ">u4"),
    ]
)
"""``tape/record.py``'s layout for numpy; a test holds the two together."""

Index = npt.NDArray[np.void]


def load(folder: Path) -> Index:
    """Read a tape's whole index, as far as it consists of whole records. Raises UnknownTape."""
    try:
        raw = (folder / INDEX).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownTape from error
    return np.frombuffer(raw[: len(raw) - len(raw) % RECORD_BYTES], COLUMNS)


def has_end(index: Index) -> bool:
    """Say whether the last record is the end record."""
    return len(index) > 1 and int(index[-1]["kind"]) == Kind.END


def quanta(index: Index, track_count: int) -> int:
    """How many quanta the index holds of which every rendition has its record."""
    chunk_records = len(index) - 1 - has_end(index)
    return max(0, chunk_records) // track_count


def of_rendition(index: Index, rendition: int, track_count: int) -> Index:
    """Return the rows of one rendition's chunks, in order, without copying; whole quanta only."""
    end = 1 + quanta(index, track_count) * track_count
    return index[1 + rendition : end : track_count]


def record_number(sample: int, rendition: int, track_count: int) -> int:
    """Return the number of the record of the chunk that holds ``sample``."""
    return 1 + sample // QUANTUM * track_count + rendition
