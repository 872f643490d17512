"""Pages of those who wait, as the simulation plays them: by the times of the real ones."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.call_pace import CallPace
from rostra.admission.line import TICK_MS
from rostra.admission.outlook import Outlook
from rostra.admission.polling import MOST_MS, NEAR_MS
from rostra.admission.room import Kind, Places, Room
from rostra.simulation import pages as played
from rostra.simulation.crowd import NEVER, OPEN, Crowd
from rostra.simulation.pages import JITTER_MS, NEWS_TICKS, Pages

WEB = Path(__file__).parents[3] / "web" / "src" / "door"
TICK = 1_000
END = 5_000


def crowd(count: int) -> Crowd:
    ticks, kinds = np.zeros(count, np.int32), np.zeros(count, np.uint8)
    return Crowd(ticks, kinds, np.zeros(count, bool), np.full(count, OPEN, np.uint8))


def waiting(count: int, *, asking: int, seed: int = 1) -> tuple[Pages, Outlook]:
    """So many in line before a full room, among others who ask, all of them told to ask again."""
    pages, room = Pages(crowd(max(count, asking)), END, np.random.default_rng(seed)), Room()
    room[Kind.FIRST].enter(count)
    outlook = Outlook(room, CallPace())
    pages.wait(np.arange(asking))
    pages.answer(0, outlook, Kind.FIRST, np.arange(count), np.arange(count), joins_per_s=1_000)
    return pages, outlook


def test_times_are_those_of_the_pages() -> None:
    standing, pace = ((WEB / name).read_text() for name in ("standing.ts", "pace.ts"))
    for name in ("JITTER_MS", "ANSWERS_PER_S", "MOST_SPREAD_MS"):
        found = re.search(rf"const {name} = ([\d_]+)", standing)
        assert found is not None
        assert int(found[1]) == getattr(played, name)
    assert f"({played.LEAST_SHARE} + {1 - played.LEAST_SHARE:.1f} * random)" in pace
    assert "place.again_ms * (0.5 + 0.5 * random)" in standing
    assert "Math.min(JITTER_MS, poll_ms / 4)" in standing


@given(
    asking=st.integers(0, 300_000),
    near=st.integers(0, 100),
    since=st.integers(1, 900),
    seed=st.integers(0, 2**32),
)
def test_whoever_has_long_been_near_comes_within_eight_seconds_and_nobody_later_than_a_question_takes(
    asking: int, near: int, since: int, seed: int
) -> None:
    pages, outlook = waiting(100, asking=asking, seed=seed)
    for tick in range(TICK - since, TICK):
        outlook.look(tick, Places(all=near, reserved=0, inside=0, inside_reserved=0, joins=0))
        pages.keep(tick, outlook)
    numbers = np.arange(100)
    _, at = pages.call(TICK, Kind.FIRST, numbers, numbers)
    waits_ms = (at - TICK) * TICK_MS
    margin_ms = (NEWS_TICKS + 1) * TICK_MS + min(JITTER_MS, pages.poll_ms / 4) + TICK_MS
    assert waits_ms.min() > 0
    assert waits_ms.max() <= pages.poll_ms + margin_ms
    if since * TICK_MS >= MOST_MS:
        assert waits_ms[:near].max(initial=0) <= min(pages.poll_ms, NEAR_MS) + margin_ms


def test_whoever_is_told_when_comes_then_and_is_planned_no_second_time() -> None:
    pages, outlook = waiting(100, asking=100)
    outlook.look(TICK, Places(all=50, reserved=0, inside=0, inside_reserved=0, joins=5))
    everybody = np.arange(100)
    told, at = pages.answer(TICK, outlook, Kind.FIRST, everybody, everybody, joins_per_s=50)
    assert told.tolist() == list(range(50))
    assert at.tolist() == [TICK + 3 + -(-number // 5) for number in range(50)]
    planned, _ = pages.call(TICK, Kind.FIRST, everybody, everybody)
    assert planned.tolist() == list(range(50, 100))
    pages.come(told, early=np.arange(50) < 3)
    assert (pages.told_when, pages.in_vain) == (50, 3)
    again, _ = pages.call(TICK, Kind.FIRST, told, told)
    assert again.tolist() == told.tolist()


def test_whoever_is_gone_asks_no_more_and_slows_nobody() -> None:
    people = crowd(1_000)
    people.delay[:] = NEVER
    pages = Pages(people, END, np.random.default_rng(1))
    pages.wait(np.arange(1_000))
    assert pages.poll_ms == 1_500
    planned, _ = pages.call(TICK, Kind.FIRST, np.arange(1_000), np.arange(1_000))
    assert not len(planned)
