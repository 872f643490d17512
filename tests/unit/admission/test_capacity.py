"""How many may listen, how fast they may come, and what is given up."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rostra.admission import ladder, throttle
from rostra.admission.capacity import SAFETY, Budget, Limit, Load, Machine, Policy, decide, steady
from rostra.admission.ladder import RUNGS, Ladder, Name, Signs

QUIET = Load(listeners=0, tls_share=0, cpu_us_per_s=0, spent_on=0, late_share=0)
MACHINE = Machine(cpus=2, bits_per_s=1e11, memory_bytes=40_000_000_000, descriptors=380_000)
POLICY = Policy(machine=MACHINE)


def test_a_number_set_by_hand_is_used_as_it_is() -> None:
    assert decide(QUIET, replace(POLICY, by_hand=5_000)) == Budget(5_000, Limit.HAND)
    assert steady(100, Budget(5_000, Limit.HAND)).places == 5_000


def test_the_resource_that_gives_out_first_says_how_many() -> None:
    narrow = replace(POLICY, machine=replace(MACHINE, bits_per_s=8e6))
    assert decide(QUIET, narrow) == Budget(int(SAFETY * 100), Limit.BANDWIDTH)
    small = replace(POLICY, machine=replace(MACHINE, memory_bytes=24_000_000))
    assert decide(QUIET, small) == Budget(750, Limit.MEMORY)
    assert (
        decide(QUIET, replace(POLICY, machine=replace(MACHINE, descriptors=400))).limit is Limit.DESCRIPTORS
    )


def test_listeners_by_tls_cost_more() -> None:
    assert decide(replace(QUIET, tls_share=1.0), POLICY).places < decide(QUIET, POLICY).places


def test_what_cpu_was_measured_counts_more_than_what_was_assumed() -> None:
    busy = Load(listeners=10_000, tls_share=0, cpu_us_per_s=1e6, spent_on=10_000, late_share=0)
    assert decide(busy, POLICY) == Budget(15_000, Limit.CPU)
    few = replace(busy, listeners=10, cpu_us_per_s=5e5, spent_on=10)
    assert decide(few, POLICY) == decide(QUIET, POLICY)


def test_a_crowd_that_grows_while_it_is_measured_does_not_look_cheaper() -> None:
    before = Load(listeners=5_000, tls_share=0, cpu_us_per_s=500_000, spent_on=5_000, late_share=0)
    assert decide(replace(before, listeners=50_000), POLICY) == decide(before, POLICY)
    just_come = replace(before, cpu_us_per_s=20_000, spent_on=200)
    assert decide(just_come, POLICY) == decide(QUIET, POLICY), (
        "too few paid for what is known to tell a price"
    )


def test_few_listeners_are_not_to_blame_for_late_audio() -> None:
    busy_elsewhere = Load(listeners=3, tls_share=0, cpu_us_per_s=300_000, spent_on=3, late_share=0.2)
    assert decide(busy_elsewhere, POLICY) == decide(QUIET, POLICY)


def test_late_audio_lets_nobody_else_in() -> None:
    late = Load(listeners=3_000, tls_share=0, cpu_us_per_s=75_000, spent_on=3_000, late_share=0.01)
    assert decide(late, POLICY) == Budget(3_000, Limit.LATENESS)
    assert steady(3_100, decide(late, POLICY)).places == 3_000, (
        "not even the last few for whom there was room"
    )


@given(st.lists(st.integers(9_000, 11_000), min_size=30, max_size=60), st.integers(9_000, 11_000))
def test_a_measure_that_wanders_by_a_tenth_swings_the_budget_by_less_than_a_fifth(
    measured: list[int], first: int
) -> None:
    places, seen = first, []
    for each in measured:
        places = steady(places, Budget(each, Limit.CPU)).places
        seen.append(places)
    assert max(seen[5:]) - min(seen[5:]) <= 0.2 * 10_000


def test_joins_speed_up_step_by_step_and_slow_down_at_once() -> None:
    rates = throttle.Rates()
    calm = throttle.Pressure(least_wait_ms=0, late_share=0, asked=100_000)
    assert throttle.next_rate(1_000, calm, rates) == 1_000 + rates.step
    standing = replace(calm, least_wait_ms=200)
    assert throttle.next_rate(1_000, standing, rates) == 700
    assert throttle.next_rate(1_000, replace(calm, late_share=0.01), rates) == 700
    assert throttle.next_rate(rates.least, standing, rates) == rates.least
    assert throttle.next_rate(1_000, replace(calm, asked=10), rates) == 1_000


def climb(at: Ladder, signs: Signs, ticks: int) -> Ladder:
    for _ in range(ticks):
        at = ladder.step(at, signs)
    return at


def test_the_ladder_is_climbed_rung_by_rung_and_left_only_when_it_is_clearly_better() -> None:
    full = Signs(used=1.0, late_share=0)
    after = RUNGS[1].after_ticks
    assert climb(Ladder(), full, after - 1).rung.name is Name.GROUND
    assert climb(Ladder(), full, after).rung.name is Name.CADENCE
    top = climb(Ladder(), full, 10 * after)
    assert top.rung.name is Name.QUIET
    between = Signs(used=0.9, late_share=0)
    assert climb(top, between, 10_000) == replace(top, towards=0)
    better = Signs(used=0.7, late_share=0)
    assert climb(top, better, RUNGS[top.at].back_ticks).rung.name is Name.LOW


def test_the_door_closes_for_late_audio_and_not_for_being_full() -> None:
    late = Signs(used=0.5, late_share=0.01)
    closed = climb(Ladder(), late, 4 * RUNGS[1].late_ticks)
    assert closed.rung.name is Name.DOOR
    assert climb(closed, replace(late, late_share=0), 10_000).rung.name is Name.GROUND


def test_nothing_but_an_operator_announces_the_worst_case_and_only_they_take_it_back() -> None:
    worst = ladder.hold(Name.WORST)
    assert climb(worst, Signs(used=0, late_share=0), 10_000) == worst
    assert ladder.release(worst).rung.name is Name.QUIET
    assert not ladder.release(worst).held


def test_each_rung_gives_up_all_that_the_milder_ones_do() -> None:
    for milder, rung in pairwise(RUNGS):
        assert rung.cadence >= milder.cadence
        assert (rung.low, rung.quiet) >= (milder.low, milder.quiet)
        assert rung.down_used < rung.up_used
