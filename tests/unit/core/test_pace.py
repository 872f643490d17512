"""How long beforehand another pace is told, and by which steps it comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rostra.core.pace import CADENCES, GROWTH, TOLD_BEFORE_MS, Change, Pace

WEB = Path(__file__).parents[3] / "web/src/player"


@pytest.mark.parametrize(("before", "after"), [(before, after) for before in CADENCES for after in CADENCES])
def test_a_longer_cadence_is_told_so_early_that_a_player_gains_what_it_lacks(before: int, after: int) -> None:
    change = Change.told(Pace(before), Pace(after), 1_000)
    lead_s = (change.from_ms - 1_000 - TOLD_BEFORE_MS) / 1000
    assert lead_s * GROWTH == pytest.approx(max(0, after - before) * 0.32)


def test_what_the_edge_counts_on_is_what_the_pages_player_does() -> None:
    slowest = re.search(r"SLOWEST = ([\d.]+)", (WEB / "rates.ts").read_text())
    assert slowest is not None
    assert 1 - float(slowest[1]) == pytest.approx(GROWTH)


@pytest.mark.parametrize("cohorts", CADENCES)
def test_a_longer_cadence_comes_by_steps_and_each_when_players_have_grown_for_it(cohorts: int) -> None:
    change = Change.told(Pace(), Pace(12, cohorts), 0)
    begun: dict[Pace, int] = {}
    for at_ms in range(0, change.from_ms + 1, 10):
        begun.setdefault(change.at(at_ms), at_ms)
    assert [pace.cadence for pace in begun] == list(CADENCES)
    assert all(pace.cohorts == min(pace.cadence, cohorts) for pace in begun)
    for pace, at_ms in begun.items():
        grown = (at_ms - TOLD_BEFORE_MS) / 1000 * GROWTH / 0.32
        assert pace.cadence == 1 or grown + 1 >= pace.cadence - 0.01


def test_a_shorter_cadence_comes_at_once_when_its_time_has_come() -> None:
    change = Change.told(Pace(12, 12), Pace(2), 0)
    assert change.from_ms == TOLD_BEFORE_MS
    assert change.at(TOLD_BEFORE_MS - 1) == Pace(12, 12)
    assert change.at(TOLD_BEFORE_MS) == Pace(2)
