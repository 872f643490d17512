"""Numbers of one room's lines, written into its journal before anybody has them: a crowd costs few writes.

Decides nothing. A kill skips one at most that nobody has, or an eighth of those given out since the last
turn.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.room import Kind, Room
from rostra.gateway.journal import Journal

AHEAD: Final = 8
"""For so many numbers given out since the last turn one more is written ahead."""


class NumbersAhead:
    """Of one space."""

    def __init__(self, room: Room, journal: Journal) -> None:
        self._room = room
        self._journal = journal
        self._given = [0 for _ in Kind]
        """By line: numbers given out since the last turn."""
        self._written = [0 for _ in Kind]
        """By line: numbers below may be given out, as the journal has it."""

    def next(self, line: Kind) -> int:
        """Give out the next number of a line; those that come by reserved links one by one. OSError."""
        theirs = self._room[line]
        number = theirs.entered
        if number >= self._written[line]:
            below = number + max(1, self._given[line] // AHEAD)
            self._journal.give(line, below)
            self._journal.flush()
            self._written[line] = below
        if line is not Kind.RESERVED:
            self._given[line] += 1
        theirs.enter(1)
        return number

    def write(self, line: Kind, below: int) -> None:
        """Numbers below may be given out, whoever gives them; written with what is written next."""
        self._written[line] = below
        self._journal.give(line, below)

    def take_back(self) -> None:
        """Say of numbers that were written ahead that nobody has them; written with the turn."""
        for line in Kind:
            self._given[line], entered = 0, self._room[line].entered
            if self._written[line] > entered:
                self.write(line, entered)
