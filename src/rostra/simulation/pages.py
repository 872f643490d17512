"""Open pages of those who wait: when the door tells each to ask again, and when each brings its place.

The door tells by :mod:`rostra.admission.polling` and :mod:`rostra.admission.outlook`; pages do as
``web/src/door/standing.ts`` and ``pace.ts`` have it. Of questions for news only the one is played that tells
of a call: when it comes is drawn at the call.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission import polling
from rostra.admission.line import TICK_MS, Numbers
from rostra.admission.outlook import Outlook
from rostra.admission.polling import NEAR_MS
from rostra.admission.room import Kind
from rostra.simulation.crowd import FROZEN_DELAYS, OPEN, Crowd, ticks

POLL_RATE: Final = 4_000
"""Questions that the door aims at in a second, as ``ROSTRA_POLL_RATE`` is by default."""
SPREADS: Final = 16
"""Newcomers one after the other are told so many different times."""
LEAST_SHARE: Final = 0.7
"""A page asks for news after 0.7 to 1 of the time that it was told."""
JITTER_MS: Final = 2_000
ANSWERS_PER_S: Final = 5_000
MOST_SPREAD_MS: Final = 45_000
NEWS_TICKS: Final = ticks(1)
"""What all are told is as old at most."""
MEMORY_TICKS: Final = polling.MOST_MS // TICK_MS
"""Every page has asked for news within so long."""
Times = NDArray[np.int64]


class Pages:
    """Of one crowd."""

    def __init__(self, crowd: Crowd, end: int, rng: np.random.Generator) -> None:
        self.told_when = 0
        """Answers that said when somebody is called to an empty place."""
        self.in_vain = 0
        """Of these, after how many somebody came who was not called yet."""
        self._rng = rng
        self._delay = crowd.delay
        self._asks = np.zeros(len(crowd), np.int32)
        """Tick at which each asks for news first after the door's last answer."""
        self._comes = np.zeros(len(crowd), bool)
        """Who brings their place at a time that is settled, whatever the news."""
        self._due = np.zeros(len(crowd), bool)
        """Of these, who was told when."""
        self._near = np.zeros((len(Kind), end), np.int64)
        """By line and tick: numbers below ask often."""
        self._askers = 0
        """Open pages of those who wait."""
        self._joins: deque[int] = deque(maxlen=ticks(1))
        """In each tick of the last second."""
        self._told: dict[int, Times] = {}
        """What those are told in this tick who are not called yet, by when they come again at the least."""
        self._came = 0

    @property
    def poll_ms(self) -> int:
        """What the door tells a page now."""
        left = polling.left_per_s(POLL_RATE, joins_per_s=sum(self._joins))
        return polling.poll_ms(self._askers, most_per_s=left)

    def join(self, count: int) -> None:
        """So many join or claim in this tick."""
        self._joins.append(count)
        self._told.clear()

    def wait(self, people: Numbers) -> None:
        """These wait from now on."""
        self._askers += int((self._delay[people] == OPEN).sum())

    def leave(self, people: Numbers) -> None:
        """These wait no more."""
        self._askers -= int((self._delay[people] == OPEN).sum())

    def keep(self, tick: int, outlook: Outlook) -> None:
        """Note what this tick's news are."""
        self._near[:, tick] = [outlook.near(kind) for kind in Kind]

    def start(self, tick: int, people: Numbers, *, entries: int) -> tuple[Numbers, Times]:
        """Return who comes when of those drawn: all once they hear of the start, spread out."""
        people = self._open(people)
        self._comes[people] = True
        spread_ms = min(MOST_SPREAD_MS, 1_000 * entries / ANSWERS_PER_S)
        wait = self._until_asked(self.poll_ms, len(people)) + self._spread(spread_ms, len(people))
        return people, _at(tick, tick + wait)

    def answer(
        self,
        tick: int,
        outlook: Outlook,
        kind: Kind,
        people: Numbers,
        numbers: Numbers,
        *,
        joins_per_s: float,
        least_ms: int = 0,
    ) -> tuple[Numbers, Times]:
        """Tell these of one line, who are not called yet, when to ask again.

        Return whom an empty place waits for, and when they come by themselves.
        """
        mine = self._delay[people] == OPEN
        people, numbers = people[mine], numbers[mine]
        if not len(people):
            return people, people
        near = numbers < outlook.near(kind)
        spread = (self._came + np.arange(len(people))) % SPREADS
        self._came += len(people)
        told_ms = self._told_ms(least_ms)[near.astype(np.intp), spread]
        back = LEAST_SHARE + (1 - LEAST_SHARE) * self._rng.random(len(people))
        self._asks[people] = _at(tick, tick + told_ms * back / TICK_MS)
        return self._told_when(tick, outlook, kind, people[near], numbers[near], joins_per_s, least_ms)

    def call(self, tick: int, kind: Kind, people: Numbers, numbers: Numbers) -> tuple[Numbers, Times]:
        """Return who of these, who are called now, comes when: but for whose time is settled already."""
        delay = self._delay[people]
        frozen = delay < len(FROZEN_DELAYS)
        hears = (delay == OPEN) & ~self._comes[people]
        at = np.concatenate(
            [tick + FROZEN_DELAYS[delay[frozen]], self._hear(tick, kind, people[hears], numbers[hears])]
        )
        return np.concatenate([people[frozen], people[hears]]), at

    def owe(self, tick: int, people: Numbers) -> Times:
        """Return when these, who are owed the next place, ask again."""
        wait_ms = polling.owed_ms(self.poll_ms) * (0.5 + 0.5 * self._rng.random(len(people)))
        return _at(tick, tick + wait_ms / TICK_MS)

    def come(self, people: Numbers, *, early: NDArray[np.bool_]) -> None:
        """These have brought their places, some too ``early``."""
        self.in_vain += int(self._due[people[early]].sum())
        self._comes[people] = self._due[people] = False

    def _told_when(
        self,
        tick: int,
        outlook: Outlook,
        kind: Kind,
        people: Numbers,
        numbers: Numbers,
        rate: float,
        least_ms: int,
    ) -> tuple[Numbers, Times]:
        """Of those near their turn: whom an empty place surely waits for, and when."""
        if not outlook.empty or not len(numbers):
            return people[:0], people[:0]

        def due_ms(number: int) -> int | None:
            return outlook.due_ms(kind, number, joins_per_s=rate)

        soon = range(int(numbers.min()), outlook.near(kind))  # The further ahead, the later, if at all.
        due = numbers < soon.start + bisect_left(soon, True, key=lambda number: due_ms(number) is None)
        people = people[due]
        wait_ms = [
            polling.again_ms(0, is_near=True, due_ms=due_ms(number), least_ms=least_ms)
            for number in numbers[due].tolist()
        ]
        self._comes[people] = self._due[people] = True
        self.told_when += len(people)
        return people, _at(tick, tick + np.array(wait_ms) / TICK_MS)

    def _told_ms(self, least_ms: int) -> Times:
        """What those are told who are not near, and who are, by the spread."""
        if least_ms not in self._told:
            poll_ms, joins = self.poll_ms, sum(self._joins)
            firsts = [
                polling.first_ms(poll_ms, most_per_s=POLL_RATE, joins_per_s=joins, spread=each / SPREADS)
                for each in range(SPREADS)
            ]
            far, near = (
                {first: polling.again_ms(first, is_near=is_near, least_ms=least_ms) for first in set(firsts)}
                for is_near in (False, True)
            )
            self._told[least_ms] = np.array([[by[first] for first in firsts] for by in (far, near)], np.int64)
        return self._told[least_ms]

    def _hear(self, tick: int, kind: Kind, people: Numbers, numbers: Numbers) -> Times:
        """When these bring their places: at the first news of their call."""
        told = tick + 1 + self._rng.integers(0, NEWS_TICKS)
        near, asks, count = self._near_since(tick, kind, numbers), self._asks[people], len(people)
        knows = np.where(asks >= near, asks, near + self._until_asked(self.poll_ms, count))
        often = told + self._until_asked(min(self.poll_ms, NEAR_MS), count)
        heard = np.where(knows >= told, knows, often)
        return _at(tick, heard + self._spread(min(JITTER_MS, self.poll_ms / 4), count))

    def _near_since(self, tick: int, kind: Kind, numbers: Numbers) -> Times:
        """Since which tick each of these numbers has been near its turn without a break."""
        since = max(0, tick - MEMORY_TICKS)
        least = np.minimum.accumulate(self._near[kind, since:tick][::-1])[::-1]
        found: Times = since + np.searchsorted(least, numbers, side="right")
        return found

    def _until_asked(self, told_ms: float, count: int) -> NDArray[np.float64]:
        """How many ticks pass, seen from any moment, until each of so many pages asks that were told this.

        The longer the time between two questions, the likelier the moment is within it.
        """
        between = np.sqrt(LEAST_SHARE**2 + (1 - LEAST_SHARE**2) * self._rng.random(count))
        return told_ms / TICK_MS * between * self._rng.random(count)

    def _spread(self, most_ms: float, count: int) -> NDArray[np.float64]:
        return most_ms / TICK_MS * self._rng.random(count)

    def _open(self, people: Numbers) -> Numbers:
        found: Numbers = people[self._delay[people] == OPEN]
        return found


def _at(tick: int, moments: NDArray[np.float64]) -> Times:
    """The ticks in which something falls that is to happen then, after this one."""
    found: Times = np.maximum(tick + 1, np.ceil(moments)).astype(np.int64)
    return found
