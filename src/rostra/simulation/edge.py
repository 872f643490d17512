"""The edge of a scenario: what it carries in truth, what is measured of it, and the places that this allows.

The truth is a model: CPU follows those inside, and all beyond what it carries is late. What follows from it
is decided by :mod:`rostra.admission.capacity`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

import numpy as np

from rostra.admission.capacity import SAFETY, Load, Policy, decide, steady
from rostra.simulation.crowd import ticks
from rostra.simulation.scenario import Away, Scenario

MEASURE_TICKS: Final = 50
"""The edge tells what it spends and how late it is so often, of as long."""
SECOND: Final = ticks(1)


class Edge:
    """Of one evening."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self._scenario = scenario
        self._rng = rng
        policy = Policy()
        self._each_us = policy.price.cpu_us_per_s * scenario.dearness
        """In truth."""
        cpus = scenario.places * self._each_us / 1e6 / SAFETY
        machine = replace(policy.machine, cpus=cpus, descriptors=0)
        self._policy = replace(policy, machine=machine)
        self._spent: list[int] = []
        """Those inside since the edge told last, tick by tick."""
        self._cpu_us_per_s = self._spent_on = self._late_share = 0.0
        """As told last, and on how many it was spent, as far as the door knew."""
        self._lately: deque[int] = deque(maxlen=MEASURE_TICKS // SECOND)
        """Who was inside in each of the last seconds, as the door knew it."""
        self._measured = decide(self._load(0), self._policy) if scenario.dearness else None

    def places(self, tick: int) -> int:
        """How many may listen, once all places that open have opened."""
        return self._carried(tick) if self._measured is None else self._measured.places

    def late_share(self, tick: int, inside: int) -> float:
        """Of writes: all beyond what the edge that is there carries."""
        return max(0.0, 1 - self._carried(tick) / SAFETY / max(1, inside))

    def measure(self, tick: int, known: int, inside: int) -> None:
        """Follow what the edge spends on those ``inside``, of whom the door knows ``known``."""
        if self._measured is None:
            return
        self._spent.append(inside)
        if tick % SECOND == 0:
            self._lately.append(known)
        if tick % MEASURE_TICKS == 0:
            self._spent_on = sum(self._lately) / len(self._lately)
            wandering = max(0.0, 1 + self._scenario.wander * self._rng.standard_normal())
            self._cpu_us_per_s = float(np.mean(self._spent)) * self._each_us * wandering
            self._late_share = self.late_share(tick, inside)
            self._spent = []
        if tick % SECOND == 0:
            self._measured = steady(self._measured.places, decide(self._load(known), self._policy))

    def _carried(self, tick: int) -> int:
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
