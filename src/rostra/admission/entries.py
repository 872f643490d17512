"""The entries of one draw: taken in order, ranked once the log is closed, found by id afterwards.

A rank needs the root of the whole log, so none is known before. Ranking a million takes seconds: whoever has
others to answer does it in pieces. Pure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostra.admission.draw import ID_BYTES, leaf, rank, ranks
from rostra.core.merkle import Growing


class Entries:
    """Of one room; lines are 0 first, 1 second."""

    def __init__(self, seed: bytes) -> None:
        self.root = b""
        """Over the log; empty while it is open."""
        self.counts = [0, 0]
        """How many there are, by line."""
        self._seed = seed
        self._log = Growing()
        self._ids = bytearray()
        """In order, one after the other; empty once all are ranked."""
        self._lines = bytearray()
        self._ranks: list[NDArray[np.uint64]] = []
        self._sorted: tuple[NDArray[np.uint64], ...] = (np.empty(0, np.uint64),) * 2

    def __len__(self) -> int:
        return self._log.size

    def add(self, line: int, place: bytes) -> None:
        """Log an entry. The log is open."""
        self._log.append(leaf(place, line))
        self._ids += place
        self._lines.append(line)
        self.counts[line] += 1

    def close(self) -> bytes:
        """Take no more; return the root."""
        self.root = self._log.root()
        return self.root

    def rank(self, most: int) -> bool:
        """Rank at most so many more, once the log is closed; return whether all are."""
        piece = bytes(self._ids[: most * ID_BYTES])
        del self._ids[: len(piece)]
        self._ranks.append(ranks(self._seed, self.root, piece))
        if self._ids:
            return False
        everybody, lines = np.concatenate(self._ranks), np.frombuffer(self._lines, np.uint8)
        self._sorted = tuple(np.sort(everybody[lines == line]) for line in range(len(self.counts)))
        self._ranks, self._lines = [], bytearray()
        return True

    def number(self, line: int, place: bytes) -> int | None:
        """Return the number of an entry in its line, once all are ranked; None where it is not in the log."""
        ours = self._sorted[line]
        mine = np.uint64(rank(self._seed, self.root, place))
        at = int(np.searchsorted(ours, mine))
        return at if at < len(ours) and ours[at] == mine else None
