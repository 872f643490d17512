"""One waiting room's draw: its log of entries, the root that closes it, the ranks, and when the seed is told.

Writes the log into the journal ahead of what it tells. Holds no line and deals no numbers: whoever does takes
as many into each line as it has entries, once they are ranked.
"""

from __future__ import annotations

from typing import Final

from rostra.admission import draw
from rostra.admission.entries import Entries
from rostra.admission.room import Kind
from rostra.gateway.journal import Journal, Remembered

RANKED_AT_ONCE: Final = 5_000
"""Entries ranked in one turn, within some 10 ms: so many come before anybody else is answered."""


class RoomDraw:
    """Of one space. ``now_ms`` is UTC."""

    def __init__(self, seed: bytes, journal: Journal) -> None:
        """``seed``: 32 bytes that nobody knows."""
        self.closed = False
        """Whether the journal has the end of the log, or is to have it before anything else."""
        self.drawn = False
        self._seed = seed
        self._journal = journal
        self._entries = Entries(seed)
        self._seed_after_ms = 0
        self._seed_ms: int | None = None
        """When the seed is told: each process shows the root so long before it; None before the draw."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def counts(self) -> tuple[int, int]:
        """Entries in the first and in the second line."""
        return self._entries.counts[0], self._entries.counts[1]

    @property
    def commitment(self) -> str:
        """Of the seed, in hex."""
        return draw.commit(self._seed).hex()

    @property
    def root(self) -> str:
        """Of the log, in hex; empty until it is drawn."""
        return self._entries.root.hex() if self.drawn else ""

    def enter(self, line: Kind, nonce: bytes) -> tuple[int, bytes, bytes]:
        """Log an entry; return its index, the server's nonce and its id. NonceUnusable, OSError."""
        index = len(self._entries)
        server_nonce = draw.server_nonce(self._seed, index)
        entry = draw.place_id(nonce, server_nonce)
        self._journal.entered(line, entry)
        self._entries.add(line, entry)  # Though it may not be written yet: the log is as the journal will be.
        self._journal.flush()
        return index, server_nonce, entry

    def close(self, now_ms: int, *, seed_after_ms: int) -> None:
        """Close the log; the seed is told ``seed_after_ms`` after the draw. OSError: call again."""
        if not self.closed:
            self.closed, self._seed_after_ms = True, seed_after_ms
            self._journal.drawn(self._entries.close(), now_ms, seed_after_ms)
        if len(self._entries):  # A root that is told must be the end of the log, whatever dies.
            self._journal.flush()

    def rank(self) -> bool:
        """Rank some more of a log that is closed; return whether that is all, and the draw made."""
        self.drawn = self._entries.rank(RANKED_AT_ONCE)
        return self.drawn

    def number(self, line: Kind, entry: bytes) -> int | None:
        """Return the number that an entry drew in its line; None where it is not in the log."""
        return self._entries.number(line, entry)

    def count_down(self, now_ms: int) -> None:
        """From the draw on, let the time run until the seed is told."""
        if self.drawn and self._seed_ms is None:
            self._seed_ms = now_ms + self._seed_after_ms

    def tells_seed(self, now_ms: int) -> bool:
        """Whether the seed is no secret any more."""
        return self._seed_ms is not None and now_ms >= self._seed_ms

    def seed(self, now_ms: int) -> str:
        """In hex; empty while it is a secret."""
        return self._seed.hex() if self.tells_seed(now_ms) else ""

    def remember(self, known: Remembered, now_ms: int) -> bool:
        """Go on where an earlier process stopped, else write the seed down; return whether it is drawn."""
        if not known.seed:
            self._journal.opened(self._seed, now_ms)
            return False
        self._seed_after_ms = known.seed_after_ms
        for line, entry in known.entries:
            self._entries.add(line, entry)
        if known.root:
            self.closed = True
            self._entries.close()
            self.drawn = self._entries.rank(len(self._entries))
        return self.drawn
