"""What a course shows: whether anybody was wronged, and how long people waited. Decides nothing."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from rostra.admission import ladder
from rostra.admission.line import CLAIM_TICKS, TICK_MS
from rostra.admission.room import Kind
from rostra.simulation.crowd import OPEN
from rostra.simulation.play import NOBODY, Course
from rostra.simulation.scenario import Scenario

WITHIN_S = 30
USED = 0.95


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    scenario: str
    seed: int
    arrivals: int
    seconds: float = 0.0
    """Of this machine's time."""
    played_s: float
    max_over_capacity_percent: float
    """Admissions beyond what their tick's budget had free, in percent of the places."""
    overtakes: int
    """A later number let in before an earlier one of its line that had claimed in time."""
    unserved_untold: int
    """Who got neither a ticket nor a place, or lost the place that they had."""
    reused_places: int
    most_inside_percent: float
    """Listeners at their most, in percent of the places at their most: who resumes comes past the door."""
    resumed: int
    came_again: int
    """To the door, after having been in."""
    admitted: int
    waiting_at_end: int
    wait_s: dict[str, float]
    """From coming, or from the start for those who came before it, to being called: percentiles.

    Where more come than ever find a place, some are called in the last moment: the longest waits are near
    the whole evening then, and whoever still waits at the end is in none of these."""
    comes_s: dict[str, float]
    """From being called to coming, of those whose page is open: percentiles."""
    told_when: int
    """Answers that said when an empty place is somebody's."""
    in_vain: int
    """Of these, after how many somebody came too early: joins were slowed, or the place was kept."""
    used_within_s: float | None
    """From the start until 95 % of the places were used; None: never."""
    budget_swing_percent: float
    """Thereafter, in the later half: the most places less the fewest, in percent of the most. A rung that is
    climbed makes for more, and whoever comes fills these before."""
    honest_share: float
    """Of those admitted, who are no bots."""
    honest_share_of_entries: float
    second_line: int
    rungs: list[tuple[float, str]]
    """When the ladder came to which rung, in seconds from the opening."""


def report(scenario: Scenario, course: Course, *, seed: int) -> Report:
    """Sum a course up."""
    crowd, admitted = course.crowd, course.admitted != NOBODY
    honest, used_s = ~crowd.bot, _used_within_s(scenario, course)
    return Report(
        scenario=scenario.name,
        seed=seed,
        arrivals=len(crowd),
        played_s=scenario.start_s + scenario.length_s,
        max_over_capacity_percent=round(100 * int(course.over.max()) / scenario.places, 3),
        overtakes=overtakes(course),
        unserved_untold=int((~course.told).sum()),
        reused_places=course.reused,
        most_inside_percent=round(100 * int(course.inside.max()) / max(1, int(course.places.max())), 2),
        resumed=course.resumed,
        came_again=course.again,
        admitted=int(admitted.sum()),
        waiting_at_end=int(course.waiting[-1]),
        wait_s=_percentiles(waits_s(scenario, course)),
        comes_s=_percentiles(_comes_s(course)),
        told_when=course.told_when,
        in_vain=course.in_vain,
        used_within_s=used_s,
        budget_swing_percent=_budget_swing_percent(scenario, course, used_s),
        honest_share=round(float((admitted & honest).sum() / max(1, admitted.sum())), 4),
        honest_share_of_entries=round(float(honest.mean()), 4),
        second_line=int((crowd.kind == Kind.SECOND).sum()),
        rungs=_rungs(course),
    )


def overtakes(course: Course) -> int:
    """Count those who got a place while an earlier number of their line, claimed in time, still had none."""
    return sum(_overtakes(course, kind) for kind in Kind)


def _overtakes(course: Course, kind: Kind) -> int:
    mine = np.flatnonzero((course.crowd.kind == kind) & (course.number != NOBODY))
    mine = mine[np.argsort(course.number[mine], kind="stable")]
    called, claimed, granted = course.called[mine], course.claimed[mine], course.granted[mine]
    waits_from = course.waits[mine]
    end = 2 * len(course.inside)
    until = np.where(granted == NOBODY, end, granted)
    in_time = (claimed != NOBODY) & (claimed // 2 - called <= CLAIM_TICKS)
    first = np.full(end, len(mine))
    """By half tick: the earliest who had claimed in time and still waited."""
    for each in np.flatnonzero(in_time & (until > waits_from)):
        waits = first[waits_from[each] : until[each]]
        np.minimum(waits, each, out=waits)
    got = np.flatnonzero(granted != NOBODY)
    return int((first[granted[got]] < got).sum())


def waits_s(scenario: Scenario, course: Course) -> NDArray[np.float64]:
    """How long each who was called or came straight in had waited, in seconds."""
    start = scenario.start_s * 1000 / TICK_MS
    met = np.where(course.number != NOBODY, course.called, course.admitted)
    some = met != NOBODY
    waited = met[some] - np.maximum(course.came[some], start)
    return np.asarray(waited * (TICK_MS / 1000), np.float64)


def _comes_s(course: Course) -> NDArray[np.float64]:
    some = (course.claimed != NOBODY) & (course.crowd.delay == OPEN)
    return np.asarray((course.claimed[some] // 2 - course.called[some]) * (TICK_MS / 1000), np.float64)


def _percentiles(waits: NDArray[np.float64]) -> dict[str, float]:
    if not len(waits):
        return {}
    return {f"p{each}": round(float(np.percentile(waits, each)), 1) for each in (50, 90, 99)}


def _used_within_s(scenario: Scenario, course: Course) -> float | None:
    start = round(scenario.start_s * 1000 / TICK_MS)
    enough = np.flatnonzero(course.inside[start:] >= USED * course.places[start:])
    return round(float(enough[0]) * TICK_MS / 1000, 1) if len(enough) else None


def _budget_swing_percent(scenario: Scenario, course: Course, used_s: float | None) -> float:
    if used_s is None:
        return 0.0
    since_s = scenario.start_s + max(used_s, scenario.length_s / 2)
    steady = course.places[round(since_s * 1000 / TICK_MS) :]
    return round(100 * float(steady.max() - steady.min()) / max(1, int(steady.max())), 1)


def _rungs(course: Course) -> list[tuple[float, str]]:
    changes = np.flatnonzero(np.diff(course.rung)) + 1
    return [
        (round(float(tick) * TICK_MS / 1000, 1), str(ladder.RUNGS[course.rung[tick]].name))
        for tick in changes
    ]
