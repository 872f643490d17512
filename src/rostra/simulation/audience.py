"""Who is inside, in truth and as the door knows it. Counts alone; decides nothing.

The edge tells once a second how many listen. Tickets given out count at the door until the edge has seen them
in use; a door that starts anew knows of none. Whoever drops out resumes within five minutes with the same
ticket, past the door; whoever stays away longer stands at the door again, with the place that they had. Two
kinds of listeners are kept apart: those by reserved links, and all others.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission.resuming import LAST_S, share
from rostra.simulation.crowd import by_tick, ticks
from rostra.simulation.scenario import Scenario

TOLD_TICKS: Final = ticks(1)
"""The edge tells so often, and a ticket is in use so long after it was given."""
RESUME_TICKS: Final = ticks(300)
"""For so long the same ticket lets a listener in."""
LONG_TICKS: Final = ticks(1_500)
"""Whoever comes again later than that does so within so much more."""
LOST_TICKS: Final = ticks(3)
"""Within so long the listeners of a worker that died are on another."""
SHARES: Final = np.array([share(age_s) for age_s in range(LAST_S + 1)])
NEVER: Final = -1
Counts = NDArray[np.int64]
"""Those by reserved links, and all others."""


class Audience:
    """Of one space."""

    def __init__(self, scenario: Scenario, end: int, rng: np.random.Generator) -> None:
        self.resumed = 0
        self._scenario = scenario
        self._end = end
        self._rng = rng
        self._leaving = np.zeros((2, end + 2), np.int64)
        self._away = np.zeros((2, end + 2), np.int64)
        """Who drops out at a tick, less who resumes."""
        self._back = np.zeros(end + 2, np.int64)
        self._given = np.zeros((2, TOLD_TICKS), np.int64)
        """Tickets of the last second, by tick."""
        self._lost = np.zeros((2, TOLD_TICKS), np.int64)
        """Of these, those that the door does not know of any more."""
        self._holding = np.zeros(2, np.int64)
        """Who has a ticket that lets them in: all who listen, and those who dropped out for a while."""
        self._absent = np.zeros(2, np.int64)
        self._told = np.zeros(2, np.int64)
        """Who listened when the edge told it last."""
        self._unused = np.zeros(2, np.int64)
        """Tickets that are out and not among those."""
        self._forgotten = np.zeros(2, np.int64)
        self._dropped = np.zeros(end + 2, np.int64)
        self._gone = np.zeros(end // TOLD_TICKS + 2, np.int64)
        """Who is not there any more, as this process of the door saw it, by second of leaving."""
        self._seen: defaultdict[int, list[Counts]] = defaultdict(list)
        """By tick: in which seconds those had left who are there again."""
        self._since = -1
        """The second in which this process of the door began."""

    @property
    def inside(self) -> int:
        """Who listens or is about to, in truth."""
        return int(np.maximum(0, self._holding - self._absent).sum())

    @property
    def counted(self) -> Counts:
        """Who fills a place, as far as anybody can know it now."""
        found: Counts = self._told + self._unused
        return found

    @property
    def known(self) -> Counts:
        """The same, as this process of the door knows it."""
        found: Counts = self.counted - self._forgotten
        return found

    def kept(self, tick: int) -> int:
        """How many places this process of the door keeps for those who may resume."""
        now = tick // TOLD_TICKS
        gone = self._gone[max(0, now - LAST_S) : now + 1]
        return int(gone[::-1] @ SHARES[: len(gone)])

    def step(self, tick: int) -> int:
        """Let a tick pass; return how many left for good."""
        left = self._leaving[:, tick]
        self._holding -= left
        self._absent += self._away[:, tick]
        self._gone[tick // TOLD_TICKS] += left.sum() + self._dropped[tick]
        for seconds in self._seen.pop(tick, ()):
            np.subtract.at(self._gone, seconds[seconds > self._since], 1)
        self.resumed += int(self._back[tick])
        if tick % TOLD_TICKS == 0:
            self._unused = self._given.sum(axis=1)
            self._forgotten = self._lost.sum(axis=1)
            self._told = np.maximum(0, self._holding - self._absent - self._unused)
        self._given[:, tick % TOLD_TICKS] = self._lost[:, tick % TOLD_TICKS] = 0
        return int(left.sum())

    def enter(self, tick: int, reserved: NDArray[np.bool_]) -> Counts:
        """Let these in, by reserved links or not; return when each stands at the door again, or NEVER."""
        count = len(reserved)
        kinds = np.where(reserved, 0, 1)
        came = np.bincount(kinds, minlength=2)
        self._holding += came
        self._unused += came
        self._given[:, tick % TOLD_TICKS] += came
        stay = self._rng.exponential(ticks(self._scenario.stay_s), count).astype(np.int64)
        until = tick + 1 + stay
        fate = self._rng.random(count)
        drops = np.flatnonzero(fate < self._scenario.drop)
        until[drops] += self._drop(kinds[drops], until[drops])
        np.add.at(self._leaving, (kinds, np.minimum(self._end + 1, until)), 1)
        again = np.full(count, NEVER, np.int64)
        returns = np.flatnonzero(fate > 1 - self._scenario.again)
        again[returns] = until[returns] + RESUME_TICKS + self._rng.integers(1, LONG_TICKS, len(returns))
        return again

    def lose(self, tick: int, share: float) -> None:
        """So many are dropped at once, and soon resume elsewhere."""
        for kind in range(2):
            lost = int(share * max(0, self._holding[kind] - self._absent[kind]))
            self._absent[kind] += lost
            self._gone[tick // TOLD_TICKS] += lost
            back = tick + 1 + self._rng.integers(0, LOST_TICKS, lost)
            self._resume(np.full(lost, kind), np.full(lost, tick), back)

    def forget(self, tick: int) -> None:
        """The door starts anew, and knows what the edge tells."""
        self._gone[:], self._since = 0, tick // TOLD_TICKS
        self._lost, self._forgotten = self._given.copy(), self._unused.copy()

    def _drop(self, kinds: NDArray[np.int64], at: Counts) -> Counts:
        """These drop out then, once; return for how long they are away and listen afterwards."""
        away = self._rng.integers(ticks(1), RESUME_TICKS, len(kinds))
        out = np.minimum(self._end + 1, at)
        np.add.at(self._away, (kinds, out), 1)
        np.add.at(self._dropped, out, 1)
        self._resume(kinds, at, at + away)
        more = self._rng.exponential(ticks(self._scenario.stay_s), len(kinds)).astype(np.int64)
        found: Counts = away + 1 + more
        return found

    def _resume(self, kinds: NDArray[np.int64], out: Counts, at: Counts) -> None:
        """Those who dropped ``out`` then are there again ``at`` some tick."""
        soon = (at - out < LAST_S * TOLD_TICKS) & (at < self._end)
        for tick, seconds in by_tick(out[soon] // TOLD_TICKS, at[soon]):
            self._seen[tick].append(seconds)
        at = np.minimum(self._end + 1, at)
        np.add.at(self._away, (kinds, at), -1)
        np.add.at(self._back, at, 1)
