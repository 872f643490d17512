"""The edge of a scenario: what it carries in truth, what is measured of it, and the places that this allows.

The truth is a model: CPU follows the writes to those inside, fewer at the longer cadence of a rung, and all
beyond what it carries is late. What follows from it is decided by :mod:`rostra.admission.carrying`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

import numpy as np

from rostra.admission.capacity import SAFETY, Load, Policy
from rostra.admission.carrying import Carrying
from rostra.admission.costs import by_cadence
from rostra.admission.ladder import RUNGS, Signs
from rostra.admission.line import TICK_MS
from rostra.core.pace import Change, Pace
from rostra.simulation.crowd import ticks
from rostra.simulation.scenario import Away, Scenario

MEASURE_TICKS: Final = 50
"""The edge tells what it spends and how late it is so often, of as long."""
SECOND: Final = ticks(1)
GROUND: Final = Pace(RUNGS[0].cadence)


class Edge:
    """Of one evening; ``at`` is the rung on which the door stands."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self._scenario = scenario
        self._rng = rng
        policy = Policy()
        self._each_us = policy.price.cpu_us_per_s * (scenario.dearness or 1)
        """In truth, on the ground."""
        cpus = scenario.places * self._each_us / 1e6 / SAFETY
        machine = replace(policy.machine, cpus=cpus, descriptors=0)
        self._change = Change(GROUND, GROUND, 0)
        """Of cadence, as the door's rung asks for it: players grow what they hold before a longer one."""
        self._spent: list[float] = []
        """CPU since the edge told last, tick by tick."""
        self._cpu_us_per_s = self._spent_on = self._late_share = 0.0
        """As told last, and on how many it was spent, as far as the door knew."""
        self._lately: deque[int] = deque(maxlen=MEASURE_TICKS // SECOND)
        """Who was inside in each of the last seconds, as the door knew it."""
        self._carrying = Carrying(replace(policy, machine=machine), self._load(0))

    def places(self, tick: int) -> int:
        """How many may listen, once all places that open have opened."""
        return self._carrying.measured.places if self._scenario.dearness else self._there(tick)

    def signs(self, tick: int, known: int, inside: int) -> Signs:
        """What the ladder looks at."""
        by_hand = None if self._scenario.dearness else self._there(tick)
        return self._carrying.signs(known, late_share=self._late(tick, inside), by_hand=by_hand)

    def measure(self, tick: int, known: int, inside: int, at: int) -> None:
        """Follow what the edge spends on those ``inside``, of whom the door knows ``known``."""
        self._follow(tick, RUNGS[at].cadence)
        self._spent.append(inside * by_cadence(self._each_us, GROUND.cadence, self._cadence(tick)))
        if tick % SECOND == 0:
            self._lately.append(known)
        if tick % MEASURE_TICKS == 0:
            self._spent_on = sum(self._lately) / len(self._lately)
            wandering = max(0.0, 1 + self._scenario.wander * self._rng.standard_normal())
            self._cpu_us_per_s = float(np.mean(self._spent)) * wandering
            self._late_share = self._late(tick, inside)
            self._spent = []
        if tick % SECOND == 0:
            self._carrying.measure(at, self._load(known))

    def _follow(self, tick: int, cadence: int) -> None:
        if cadence != self._change.after.cadence:
            before = Pace(self._cadence(tick))
            self._change = Change.told(before, Pace(cadence), tick * TICK_MS)

    def _cadence(self, tick: int) -> int:
        """What holds."""
        return self._change.at(tick * TICK_MS).cadence

    def _late(self, tick: int, inside: int) -> float:
        """Of writes: all beyond what the edge that is there carries at its cadence."""
        carried = by_cadence(self._there(tick), self._cadence(tick), GROUND.cadence)
        return max(0.0, 1 - carried / SAFETY / max(1, inside))

    def _there(self, tick: int) -> int:
        """What the edge that is not away carries on the ground, less what is kept in reserve."""
        share = sum(each.share for each in self._scenario.away if not each.door and is_away(each, tick))
        return int(self._scenario.places * max(0.0, 1 - share))

    def _load(self, known: int) -> Load:
        return Load(
            listeners=known,
            tls_share=0,
            cpu_us_per_s=self._cpu_us_per_s,
            spent_on=self._spent_on,
            late_share=self._late_share,
        )


def is_away(away: Away, tick: int) -> bool:
    """Whether it is away in this tick."""
    return ticks(away.at_s) <= tick < ticks(away.at_s + away.for_s)


def is_back(away: Away, tick: int) -> bool:
    """Whether it is back since this tick."""
    return tick == ticks(away.at_s + away.for_s) and away.for_s > 0
