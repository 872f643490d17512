"""A crowd as columns: when each comes, in which line, and what they do once called. By seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission.entering import line_of
from rostra.admission.line import TICK_MS
from rostra.admission.room import Kind
from rostra.simulation.scenario import Scenario

FROZEN_DELAYS: Final = np.array([900, 1_800, 3_000, 6_000, 9_000, 12_000, 15_000, 20_000], np.int32)
"""Ticks from the call to the claim of a phone in a pocket: a minute and a half to half an hour and more."""
OPEN: Final = 254
"""Whoever looks at their page, which comes by itself (:mod:`.pages`)."""
NEVER: Final = 255
SHORT: Final = 1 << 16
"""Ticks that are sorted in one pass (numpy has a radix sort for two bytes), which is an hour and a half."""
ENTRIES_PER_PREFIX: Final = 64
"""Entries of one network in the first line, as ``ROSTRA_ENTRIES_PER_PREFIX`` is by default."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """One row each, by arrival."""

    tick: NDArray[np.int32]
    kind: NDArray[np.uint8]
    """:class:`Kind` of line."""
    bot: NDArray[np.bool_]
    delay: NDArray[np.uint8]
    """Index into FROZEN_DELAYS of a phone that is locked when it is called; :data:`OPEN`, :data:`NEVER`."""

    def __len__(self) -> int:
        return len(self.tick)


def ticks(seconds: float) -> int:
    """Seconds as ticks."""
    return round(seconds * 1000 / TICK_MS)


def by_tick(rows: NDArray[np.int64], at: NDArray[np.integer]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each tick with the rows that belong to it."""
    if not len(rows):
        return
    after = at - at.min()
    order = np.argsort(after.astype(np.uint16) if after.max() < SHORT else after, kind="stable")
    rows, at = rows[order], at[order]
    bounds = [0, *(np.flatnonzero(at[1:] != at[:-1]) + 1).tolist(), len(at)]
    for first, end in pairwise(bounds):
        yield int(at[first]), rows[first:end]


def gather(scenario: Scenario, rng: np.random.Generator) -> Crowd:
    """Draw the crowd of a scenario."""
    count = scenario.arrivals
    tick = np.sort(_arrivals(scenario, count, rng)).astype(np.int32)
    bot = rng.random(count) < scenario.bots
    kind = np.full(count, Kind.FIRST, np.uint8)
    kind[bot] = _lines(rng.integers(0, scenario.networks, int(bot.sum())))
    if scenario.reserved:
        people = np.flatnonzero(~bot)
        kind[rng.choice(people, min(scenario.reserved, len(people)), replace=False)] = Kind.RESERVED
    delay = np.full(count, OPEN, np.uint8)
    fate = rng.random(count)
    frozen = fate < scenario.frozen
    delay[frozen] = rng.integers(0, len(FROZEN_DELAYS), int(frozen.sum()))
    delay[fate >= 1 - scenario.abandon - scenario.rejoin] = NEVER
    return Crowd(tick, kind, bot, delay)


def _lines(networks: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the line of each entry, by the network that it comes from, as the door tells them apart."""
    order = np.argsort(networks, kind="stable")
    _, first, entries = np.unique(networks[order], return_index=True, return_counts=True)
    before = np.empty(len(networks), np.int64)
    before[order] = np.arange(len(networks)) - np.repeat(first, entries)
    lines = (line_of(each, per_prefix=ENTRIES_PER_PREFIX) for each in before.tolist())
    return np.fromiter(lines, np.uint8, len(networks))


def _arrivals(scenario: Scenario, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    start, end = ticks(scenario.start_s), ticks(scenario.start_s + scenario.length_s)
    before = int(count * scenario.before)
    burst = min(int(count * scenario.burst), count - before)
    early = start * np.sqrt(rng.random(before))
    rush = start + np.minimum(rng.exponential(ticks(15), burst), ticks(60))
    later = start + ticks(60) + (end - start - ticks(60)) * (1 - np.sqrt(rng.random(count - before - burst)))
    return np.concatenate([early, rush, later])
