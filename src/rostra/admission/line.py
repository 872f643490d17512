"""The line before a full room: numbers in order, called as places come free, kept for who is silent.

Each *number* is called once. Whoever claims it within :data:`CLAIM_TICKS` is in as soon as there is a place.
Open pages claim soon; so a whole place is kept only for *fresh* calls, and little for older ones: else every
locked phone would keep a place empty for a minute. Should more claim in time than there are places, each is
*owed* one: before anybody else is let in or called, it is held for them. So it is for whoever claims up to
:data:`RETURN_TICKS` after their time. Within a line no later number gets a place before an earlier one that
claimed in time. Batches over columns; time is ticks of 100 ms. Nobody is dropped for silence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

TICK_MS: Final = 100
CLAIM_TICKS: Final = 60_000 // TICK_MS
RETURN_TICKS: Final = 30 * 60_000 // TICK_MS
AGAIN_TICKS: Final = 2 * 60_000 // TICK_MS
"""After a crash, whoever was let in just before it and did not hear of it comes again within so long."""
FRESH_TICKS: Final = 8_000 // TICK_MS
"""Pages near their turn ask at least so often."""
STALE_SHARE: Final = 50
"""Of calls that are no longer fresh, one in so many is still expected."""

MOST_BACK: Final = 1 << 16
"""So many numbers that have been called go over into another line, at most."""

Numbers = NDArray[np.int64]
_NONE: Final[Numbers] = np.empty(0, np.int64)


class Verdict(IntEnum):
    """What a claim gets."""

    NOT_YET = 0
    """The number is not called yet."""
    ADMITTED = 1
    OWED = 2
    """The next place is theirs: ask again in a moment."""
    TOO_LATE = 3
    """Called more than half an hour ago: a new place, at the end."""
    USED = 4
    """Whoever holds this number is in already."""


_WAITING, _CALLED, _IN, _LAPSED, _OWED, _GRANTED = range(6)
"""What becomes of a number; bare integers, for they are compared with whole columns a million times."""


class Line:
    """One line. ``entered`` numbers are out, those below ``serving`` have been called."""

    def __init__(self) -> None:
        self.entered = 0
        self.serving = 0
        self.lapsed = 0
        """How many calls were not claimed in time, altogether: their places went to the next."""
        self.owing = 0
        """How many are owed a place."""
        self._is = np.zeros(1024, np.uint8)
        self._at = np.zeros(1024, np.int32)
        """When each number was called, or granted the place that it was owed."""
        self._fresh = _Calls()
        self._stale = _Calls()
        self._granted = _Calls()
        self._owed = _NONE
        """Who claimed in time and found no place, by number."""
        self._back = _NONE
        """Who came back after their time, in the order of coming back."""
        self._fresh_since = 0
        self._unheard: dict[int, int] = {}
        """Who was let in and never came, and when that was first."""

    @property
    def waiting(self) -> int:
        """How many numbers are not called yet. Some of their owners may be gone."""
        return self.entered - self.serving

    @property
    def wanted(self) -> int:
        """How many would get a place or a call if there were places for all."""
        return self.waiting + self.owing

    @property
    def held(self) -> int:
        """Places that nobody else can have: those granted to whom one was owed."""
        return self._granted.open

    @property
    def expected(self) -> int:
        """Places to keep for calls: all fresh ones, few of the others."""
        return self._fresh.open + -(-self._stale.open // STALE_SHARE)

    @property
    def idle(self) -> bool:
        """Whether nobody waits, is called, or is owed anything: time changes nothing."""
        open_calls = self._fresh.open or self._stale.open or self._granted.open
        return self.entered == self.serving and not self.owing and not open_calls

    def enter(self, count: int) -> range:
        """Give out the next ``count`` numbers."""
        first, self.entered = self.entered, self.entered + count
        if self.entered > len(self._is):
            more = max(self.entered, 2 * len(self._is)) - len(self._is)
            self._is = np.concatenate([self._is, np.zeros(more, np.uint8)])
            self._at = np.concatenate([self._at, np.zeros(more, np.int32)])
        return range(first, self.entered)

    def skip(
        self,
        tick: int,
        entered: int,
        serving: int,
        *,
        since: int | None = None,
        owed: Sequence[int] = (),
        inside: Sequence[int] = (),
        lately: Sequence[int] = (),
    ) -> None:
        """Go on after a crash: what may have been given out or called counts as such, and is never repeated.

        Who is ``owed`` a place still is. Calls from the number ``since`` on were open, and count as made just
        now. All others below ``serving`` but those ``inside`` count as called in vain just now: they are owed
        a place as they come back. So are those let in so ``lately`` that nobody knows whether they heard of
        it, if they come at once.
        """
        self.enter(max(0, entered - self.entered))
        self.serving = max(self.serving, min(serving, self.entered))
        self._is[: self.serving] = _LAPSED
        self._at[: self.serving] = tick - CLAIM_TICKS
        opened = np.arange(self.serving if since is None else since, self.serving, dtype=np.int64)
        self._mark(opened, _CALLED, tick)
        self._owed = np.sort(self._called(owed))
        self._is[self._owed] = _OWED
        self.owing = len(self._owed)
        self._is[[each for each in inside if each < self.entered]] = _IN
        self._mark(self._called(lately), _LAPSED, tick - CLAIM_TICKS - RETURN_TICKS + AGAIN_TICKS)
        self._fresh.add(tick, self._still(opened, _CALLED, tick))

    def age(self, tick: int) -> None:
        """Let time pass: fresh calls grow stale, stale ones lapse, and so do places granted in vain."""
        self._fresh_since = tick - FRESH_TICKS
        for at, numbers in self._fresh.before(self._fresh_since):
            still = self._still(numbers, _CALLED, at)
            self._fresh.open -= len(still)
            self._stale.add(at, still)
        for calls, state in ((self._stale, _CALLED), (self._granted, _GRANTED)):
            for at, numbers in calls.before(tick - CLAIM_TICKS):
                still = self._still(numbers, state, at)
                calls.open -= len(still)
                self._is[still] = _LAPSED
                self.lapsed += len(still)

    def grant(self, tick: int, places: int) -> Numbers:
        """Hold a place for each to whom one is owed, while there are ``places``; return whose."""
        if not self.owing or places <= 0:
            return _NONE
        in_time, self._owed = np.split(self._owed, [places])
        back, self._back = np.split(self._back, [max(0, places - len(in_time))])
        numbers = np.concatenate([in_time, back])
        self.owing -= len(numbers)
        self._mark(numbers, _GRANTED, tick)
        self._granted.add(tick, numbers)
        return numbers

    def call(self, tick: int, places: int) -> range:
        """Call the next, one for each of ``places``; return their numbers."""
        count = max(0, min(places, self.waiting))
        called = range(self.serving, self.serving + count)
        if count:
            self.serving += count
            numbers = np.arange(called.start, called.stop, dtype=np.int64)
            numbers = numbers[self._is[numbers] == _WAITING]
            self._mark(numbers, _CALLED, tick)
            self._fresh.add(tick, numbers)
        return called

    def claim(self, tick: int, numbers: Numbers, places: int) -> NDArray[np.uint8]:
        """Return the verdict on each claim of one tick; a number twice in them counts once.

        ``places``: how many are free beyond those held and owed.
        """
        verdicts = np.full(len(numbers), Verdict.NOT_YET, np.uint8)
        if not len(numbers):
            return verdicts
        known = np.flatnonzero((numbers >= 0) & (numbers < self.entered))
        known = known[np.unique(numbers[known], return_index=True)[1]]  # by number, each once
        mine = numbers[known]
        state, lost = self._is[mine], self.lost(tick, mine)
        back = (state == _LAPSED) & ~lost
        called = np.flatnonzero(state == _CALLED)
        admitted = np.concatenate([np.flatnonzero(state == _GRANTED), called[: max(0, places)]])
        owed = np.concatenate([called[max(0, places) :], np.flatnonzero(back)])
        verdicts[known[(state == _OWED)]] = Verdict.OWED
        verdicts[known[(state == _IN)]] = Verdict.USED
        verdicts[known[lost]] = Verdict.TOO_LATE
        verdicts[known[admitted]] = Verdict.ADMITTED
        verdicts[known[owed]] = Verdict.OWED
        self._close(mine[admitted])
        self._mark(mine[admitted], _IN, tick)
        self._owe(mine[called[max(0, places) :]], mine[back])
        return verdicts

    def lost(self, tick: int, numbers: Numbers) -> NDArray[np.bool_]:
        """Say of each of these whether it was called in vain, too long ago for anybody to come back by it."""
        since = tick - self._at[numbers]
        lost: NDArray[np.bool_] = (self._is[numbers] == _LAPSED) & (since > CLAIM_TICKS + RETURN_TICKS)
        return lost

    def unheard(self, number: int) -> bool:
        """Whoever was let in by this number never came: it counts as called in vain, since the first time.

        False if nobody was.
        """
        if not (0 <= number < self.serving and self._is[number] == _IN):
            return False
        self._is[number] = _LAPSED
        self._at[number] = self._unheard.setdefault(number, int(self._at[number]))
        return True

    def open_from(self) -> int:
        """Return the lowest number that stands open: called, owed a place, or the next to be called.

        At most :data:`MOST_BACK` before the next to be called: whoever came back by an older one is not seen.
        """
        back = max(0, self.serving - MOST_BACK)
        stands = np.flatnonzero(np.isin(self._is[back : self.serving], (_CALLED, _OWED, _GRANTED)))
        return back + int(stands[0]) if len(stands) else self.serving

    def let_in(self, numbers: range) -> Numbers:
        """Return those of ``numbers`` that are in, or have been."""
        return np.flatnonzero(self._is[numbers.start : numbers.stop] == _IN) + numbers.start

    def fill(self, numbers: Numbers) -> None:
        """These have been let in elsewhere: nobody comes in by them here, and they are passed over."""
        self._is[numbers] = _IN

    def send_on(self, numbers: range) -> None:
        """These stand in another line from now on: here they are used, and called no more."""
        gone = np.arange(numbers.start, numbers.stop, dtype=np.int64)
        self._close(gone)
        self.owing -= int((self._is[gone] == _OWED).sum())
        self._is[gone] = _IN
        self._owed = self._owed[self._is[self._owed] == _OWED]
        self._back = self._back[self._is[self._back] == _OWED]
        self.serving = max(self.serving, numbers.stop)

    def _called(self, numbers: Sequence[int]) -> Numbers:
        return np.array([each for each in numbers if 0 <= each < self.serving], np.int64)

    def _owe(self, in_time: Numbers, back: Numbers) -> None:
        """Those in time before those who come back."""
        self._close(in_time)
        if len(in_time):
            self._owed = np.sort(np.concatenate([self._owed, in_time]))
        if len(back):
            self._back = np.concatenate([self._back, back])
        for numbers in (in_time, back):
            self._is[numbers] = _OWED
            self.owing += len(numbers)

    def _close(self, numbers: Numbers) -> None:
        """These no longer stand among the open calls."""
        state, at = self._is[numbers], self._at[numbers]
        self._granted.open -= int((state == _GRANTED).sum())
        called = state == _CALLED
        fresh = int((called & (at >= self._fresh_since)).sum())
        self._fresh.open -= fresh
        self._stale.open -= int(called.sum()) - fresh

    def _mark(self, numbers: Numbers, state: int, tick: int) -> None:
        self._is[numbers] = state
        self._at[numbers] = tick

    def _still(self, numbers: Numbers, state: int, at: int) -> Numbers:
        """Which of these are in ``state`` since ``at``."""
        still: Numbers = numbers[(self._is[numbers] == state) & (self._at[numbers] == at)]
        return still


class _Calls:
    """Calls of one kind, oldest first; ``open``: how many are not claimed."""

    def __init__(self) -> None:
        self.open = 0
        self._batches: deque[tuple[int, Numbers]] = deque()

    def add(self, at: int, numbers: Numbers) -> None:
        """Add a batch whose numbers all stand open since ``at``."""
        if len(numbers):
            self._batches.append((at, numbers))
            self.open += len(numbers)

    def before(self, tick: int) -> Iterator[tuple[int, Numbers]]:
        """Take out, one by one, the batches of before ``tick``; the caller counts what was still open."""
        while self._batches and self._batches[0][0] < tick:
            yield self._batches.popleft()
