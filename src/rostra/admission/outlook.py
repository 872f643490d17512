"""What those who wait in a space may expect: how near their turn is, and whether an empty place is theirs.

Looks at the lines once a turn: pages are told by it when to ask again, and why they wait. Pure.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from rostra.admission.call_pace import CallPace
from rostra.admission.line import CLAIM_TICKS, TICK_MS
from rostra.admission.polling import LEAST_MS, NEAR_MS
from rostra.admission.room import SECOND_SHARE, Kind, Places, Room

FEW_OF: Final = 100
"""One place in so many may stand empty in a room that is full."""
FILLS_TICKS: Final = CLAIM_TICKS
"""After so long none of those called for the last empty places is awaited any more."""
TURN_MS: Final = 3 * TICK_MS
"""Between the moment at which the rate would call somebody and the call, at most."""
NEAR_S: Final = 30
"""Whoever is called within so long at the present pace is near their turn."""
NEAR_POLLS: Final = 2
"""So is whoever is called before they would have asked so often: all others ask after half of their wait."""
NEAR_SHARE: Final = 0.1
"""What those ask at most who are near for that alone: so much of what all who wait do."""


class Outlook:
    """Of one space's lines, as of the turn that was last."""

    def __init__(self, room: Room, calls: CallPace) -> None:
        self._room = room
        self._calls = calls
        self.places = 0
        """All there are."""
        self._free = 0
        self._tick = -1
        self._poll_s = 0.0
        """Whoever is not near their turn asks again after so long at most."""
        self._most_near = 0.0
        """So many numbers are near for that at most."""
        self._stood_empty = -FILLS_TICKS
        """Tick in which more than a few places stood empty last, or had opened."""

    def look(self, tick: int, places: Places, *, poll_ms: int = LEAST_MS) -> None:
        """Take in how things stand; ``poll_ms``: what all pages are told."""
        self._tick, self._poll_s = tick, poll_ms / 1_000
        self._most_near = NEAR_SHARE * self._room.waiting * NEAR_MS / poll_ms
        few = places.all // FEW_OF
        opened = places.all - self.places
        self.places, self._free = places.all, self._room.unpromised(places)
        # A place that somebody leaves says how fast others come in; one that opens does not.
        if self._free > 1 + few or (self._free > 0 and opened > few):
            self._stood_empty = tick

    def fill(self, places: int) -> None:
        """So many of the empty places are filled since."""
        self._free -= places

    @property
    def empty(self) -> int:
        """Places for which nobody is called."""
        return max(0, self._free)

    @property
    def is_filling(self) -> bool:
        """Whether those called now, or in the last minute, got places that stood empty or had opened."""
        return self._tick - self._stood_empty < FILLS_TICKS

    @property
    def all_fit(self) -> bool:
        """Whether there is a place for everybody who waits: the rate alone says when they come in."""
        return self._free > 0 and self._room.waiting <= self._free

    def near(self, line: Kind) -> int:
        """Return the number of a line below which all may be called soon, and ask often.

        Within half a minute; and where pages ask less often than that, before they have asked twice more.
        Empty places are filled fast, but no more numbers than there are of them: after those, few leave.
        """
        if line is Kind.RESERVED:
            return self._room[line].entered
        per_s = self._calls.per_s[line]
        soon = max(NEAR_S * per_s, min(NEAR_POLLS * self._poll_s * per_s, self._most_near))
        soon = max(self._free, round(soon))
        if self.is_filling:
            soon = self.empty + self.places // FEW_OF
        return self._room[line].serving + soon + 1

    def due_ms(self, line: Kind, number: int, *, joins_per_s: float) -> int | None:
        """Return in how long an empty place is filled by the call of a number; None where that is not sure.

        So for the second line, which gets a share alone while the first waits, and for what is too far ahead.
        """
        first, second, reserved = self._room.lines
        if reserved.waiting or line is Kind.RESERVED or (line is Kind.SECOND and first.waiting):
            return None
        ahead = number - self._room[line].serving
        if line is Kind.FIRST:
            ahead += min(second.waiting, ahead // (SECOND_SHARE - 1) + 1)
        if not 0 <= ahead < self.empty:
            return None
        due_ms = ceil(1_000 * ahead / joins_per_s) + TURN_MS
        return due_ms if due_ms <= NEAR_MS else None
