"""Ticks keep to the grid whatever the machine does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.pace import LATE_NS, OUTAGE_NS, TICK_NS, Pace


def ticks_until(pace: Pace, now_ns: int) -> int:
    ticks = 0
    while pace.waits_ns(now_ns) <= 0:
        pace.advance(now_ns)
        ticks += 1
    return ticks


def test_after_an_hour_of_uneven_wakings_no_tick_is_missing() -> None:
    pace, now_ns, ticks = Pace(0), 0, 0
    while now_ns < 3600 * 10**9:
        now_ns += 7_777_777 + 13_131_313 * (ticks % 3)
        ticks += ticks_until(pace, now_ns)
    assert ticks == now_ns // TICK_NS


def test_a_late_tick_is_made_up_for_and_counted() -> None:
    pace = Pace(0)
    assert ticks_until(pace, TICK_NS) == 1
    assert pace.late == 0
    assert ticks_until(pace, 5 * TICK_NS) == 4
    assert pace.late == 2
    assert pace.waits_ns(5 * TICK_NS) == TICK_NS


def test_a_process_that_stood_still_for_long_is_told_apart_from_a_late_one() -> None:
    pace = Pace(0)
    assert not pace.is_outage(TICK_NS + LATE_NS + 1)
    assert pace.is_outage(TICK_NS + OUTAGE_NS + 1)


@given(now_ns=st.integers(0, 10**12), ahead_ns=st.integers(-(10**9), 10**9))
def test_an_aligned_grid_has_a_tick_that_begins_as_asked(now_ns: int, ahead_ns: int) -> None:
    pace = Pace(now_ns - 3)
    begins_ns = now_ns + ahead_ns
    pace.align(begins_ns, now_ns)
    assert (pace.begins_ns - begins_ns) % TICK_NS == 0
    if ahead_ns <= 0:
        assert pace.begins_ns == begins_ns
    else:
        assert 0 < pace.waits_ns(now_ns) <= TICK_NS
        assert pace.begins_ns < begins_ns


@given(
    wakings=st.lists(st.tuples(st.integers(0, 60_000_000), st.booleans()), max_size=200),
    ahead_ns=st.integers(-(10**9), 10**9),
)
def test_in_pairs_or_singly_each_tick_comes_once_and_none_before_it_is_due(
    wakings: list[tuple[int, bool]], ahead_ns: int
) -> None:
    pace, now_ns = Pace(0), 0
    pace.align(ahead_ns, now_ns)
    for passed_ns, in_pairs in wakings:
        now_ns += passed_ns
        pace.in_pairs = in_pairs
        while pace.waits_ns(now_ns) <= 0:
            began_ns, ticks = pace.begins_ns, pace.together
            assert ticks == 1 or (in_pairs and began_ns > ahead_ns)
            assert began_ns + ticks * TICK_NS <= now_ns
            pace.advance(now_ns)
            assert pace.begins_ns == began_ns + ticks * TICK_NS
        assert pace.waits_ns(now_ns) <= (2 if in_pairs else 1) * TICK_NS


def test_the_tick_that_a_grid_is_aligned_to_comes_alone_and_pairs_follow() -> None:
    pace = Pace(0)
    pace.in_pairs = True
    pace.align(10 * TICK_NS, 5 * TICK_NS)
    together = []
    while pace.begins_ns < 15 * TICK_NS:
        together.append((pace.begins_ns // TICK_NS, pace.together))
        pace.advance(pace.due_ns)
    assert together[-3:] == [(10, 1), (11, 2), (13, 2)]
    assert all(ticks == 1 for _, ticks in together[:-2])


def test_a_pair_that_comes_in_time_is_not_behind_and_a_late_one_counts_twice() -> None:
    pace = Pace(0)
    pace.in_pairs = True
    pace.align(0, 0)
    pace.advance(TICK_NS)
    assert pace.waits_ns(TICK_NS) == 2 * TICK_NS
    assert not pace.is_behind(3 * TICK_NS)
    assert pace.late == 0
    assert pace.is_behind(4 * TICK_NS)
    pace.advance(4 * TICK_NS + 1)
    assert pace.late == 2
