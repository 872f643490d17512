"""One space's room: its places, its lines, and who is called each tick. Columns in, columns out.

Three lines: *reserved* links, whose places are set apart; *first*, and *second* for entries beyond a few from
one network prefix, which gets every tenth call while the first waits, however few come free at a time. When
all fit nobody stands in any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission.line import Line, Numbers, Verdict

SECOND_SHARE: Final = 10
"""One call in so many is the second line's while the first waits."""


class Kind(IntEnum):
    """Which line."""

    FIRST = 0
    SECOND = 1
    RESERVED = 2


@dataclass(frozen=True, slots=True)
class Places:
    """What there is in one tick."""

    all: int
    """How many may be inside."""
    reserved: int
    """Of those set apart for reserved links."""
    inside: int
    """Who listens or holds a ticket that is still to be used, but for those who came by reserved links."""
    inside_reserved: int
    joins: int
    """Newcomers whom the rate allows in this tick."""
    resuming: int = 0
    """Kept for those who dropped out and come in again past the door."""
    closed: bool = False
    """Nobody else is let in, whatever is free."""

    def taken(self, others: int, reserved: int) -> Places:
        """Return what there is once so many more are inside, ``reserved`` of them by reserved links."""
        return replace(self, inside=self.inside + others, inside_reserved=self.inside_reserved + reserved)

    @property
    def open(self) -> int:
        """Places for those without a reserved link."""
        return max(0, self.all - self.reserved) - self.inside - self.resuming

    @property
    def left(self) -> int:
        """Places of either kind; below zero once there are fewer than people inside."""
        return 0 if self.closed else self.all - self.inside - self.inside_reserved - self.resuming

    @property
    def open_reserved(self) -> int:
        """Places for those with one; never more than there are at all."""
        return min(self.reserved, self.all) - self.inside_reserved


@dataclass(slots=True)
class Straight:
    """How many newcomers may still come straight in."""

    joins: int = 0
    """By the rate, of all together."""
    others: int = 0
    """Of both lines together: without a reserved link."""
    firsts: int = 0
    """Of these, not for whom the second line would have: for the last tenth of the places they stand in line,
    where whoever comes from elsewhere goes before them."""
    reserved: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether nobody comes straight in any more."""
        return not self.joins or not (self.others or self.reserved)

    def left(self, kind: Kind) -> int:
        """How many of a line may."""
        if kind is Kind.RESERVED:
            return min(self.joins, self.reserved)
        return min(self.joins, self.others if kind is Kind.FIRST else max(0, self.others - self.firsts))

    def take(self, kind: Kind, count: int = 1) -> int:
        """Let in as many of ``count`` as may be; return how many."""
        taken = min(count, self.left(kind))
        if kind is Kind.RESERVED:
            self.reserved -= taken
        else:
            self.others -= taken
        self.joins -= taken
        return taken


class Room:
    """The lines of one space. Each tick, in order: age, grant, claim, straight_in, call."""

    def __init__(self) -> None:
        self.lines = (Line(), Line(), Line())
        self._since_second = 0
        """Calls shared by both lines since the second's last turn: less than :data:`SECOND_SHARE`."""

    def __getitem__(self, kind: Kind) -> Line:
        return self.lines[kind]

    @property
    def waiting(self) -> int:
        """Numbers not called yet, in all lines."""
        return sum(line.waiting for line in self.lines)

    @property
    def idle(self) -> bool:
        """Whether nobody stands in any line: time changes nothing, and all go straight in."""
        return all(line.idle for line in self.lines)

    @property
    def held(self) -> int:
        """Places that are promised to somebody who has not come in yet, in all lines."""
        return sum(line.held for line in self.lines)

    def free(self, places: Places) -> int:
        """Places that nobody has or is promised, but for reserved ones."""
        return max(0, min(places.open - self._first.held - self._second.held, places.left - self.held))

    def free_reserved(self, places: Places) -> int:
        """Those among the places set apart for reserved links."""
        return max(0, min(places.open_reserved - self._reserved.held, places.left - self.held))

    def kept_back(self, places: Places) -> int:
        """Places that nobody in another room may have: held here, or set apart here and not in use."""
        return self._first.held + self._second.held + max(self._reserved.held, places.open_reserved, 0)

    def unpromised(self, places: Places) -> int:
        """Those of the free places for which nobody is called or owed one; below zero where too many are."""
        first, second = self._first, self._second
        return self.free(places) - first.owing - second.owing - first.expected - second.expected

    def age(self, tick: int) -> None:
        """Let time pass: calls that were not claimed in time lapse."""
        for line in self.lines:
            line.age(tick)

    def grant(self, tick: int, places: Places) -> tuple[Numbers, Numbers, Numbers]:
        """Hold places for those to whom they are owed, the first line first; return whose, by line."""
        firsts = self._first.grant(tick, self.free(places))
        seconds = self._second.grant(tick, self.free(places))
        return firsts, seconds, self._reserved.grant(tick, self.free_reserved(places))

    def claim(
        self, tick: int, places: Places, kinds: NDArray[np.uint8], numbers: Numbers
    ) -> NDArray[np.uint8]:
        """Return the verdict (:class:`.line.Verdict`) on each of one tick's claims."""
        verdicts = np.full(len(numbers), Verdict.NOT_YET, np.uint8)
        free = self.free(places) - self._first.owing - self._second.owing
        for kind in Kind:
            mine = kinds == kind
            if not mine.any():
                continue
            if kind is Kind.RESERVED:
                free = self.free_reserved(places) - self._reserved.owing
            held = self[kind].held
            verdicts[mine] = self[kind].claim(tick, numbers[mine], free)
            admitted = int((verdicts[mine] == Verdict.ADMITTED).sum())
            free -= admitted - (held - self[kind].held)
        return verdicts

    def straight_in(self, places: Places) -> Straight:
        """How many of those who come now are let in without standing in any line."""
        reserved = 0 if self._reserved.wanted else self._unpromised_reserved(places)
        others = 0 if self._first.wanted or self._second.wanted else self.unpromised(places)
        return Straight(
            joins=places.joins,
            others=max(0, others),
            firsts=places.all // SECOND_SHARE,
            reserved=max(0, reserved),
        )

    def call(self, tick: int, places: Places) -> tuple[range, range, range]:
        """Call as many as places and rate allow; return whom, by line."""
        reserved = self._reserved.call(tick, min(self._unpromised_reserved(places), places.joins))
        free = max(0, min(self.unpromised(places), places.joins - len(reserved)))
        seconds = self._second.call(tick, self._second_share(free))
        firsts = self._first.call(tick, free - len(seconds))
        return firsts, seconds, reserved

    def _second_share(self, calls: int) -> int:
        """How many of the next ``calls`` are the second line's; what is left of a share counts next time."""
        if not (self._first.waiting and self._second.waiting):
            return calls if self._second.waiting else 0
        shared = min(calls, self._first.waiting + self._second.waiting)
        share, self._since_second = divmod(self._since_second + shared, SECOND_SHARE)
        return max(share, calls - self._first.waiting)

    def _unpromised_reserved(self, places: Places) -> int:
        return self.free_reserved(places) - self._reserved.owing - self._reserved.expected

    @property
    def _first(self) -> Line:
        return self.lines[Kind.FIRST]

    @property
    def _second(self) -> Line:
        return self.lines[Kind.SECOND]

    @property
    def _reserved(self) -> Line:
        return self.lines[Kind.RESERVED]
