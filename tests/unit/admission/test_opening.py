"""A raised limit opens in steps that pages can announce; a lowered one holds at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.opening import EVERY_TICKS, LEAST, STEPS, after, standing, towards


def test_a_lowered_limit_holds_at_once() -> None:
    assert towards(standing(5_000), 200, 7) == standing(200)


def test_ten_thousand_more_places_open_in_five_steps_that_are_told_before_they_open() -> None:
    opening = towards(standing(2_000), 12_000, 0)
    assert (opening.limit, opening.left) == (2_000, 10_000)
    seen = []
    for tick in range(STEPS * EVERY_TICKS + 1):
        opening = after(opening, tick)
        seen.append(opening.limit)
    assert seen[EVERY_TICKS - 1] == 2_000
    assert sorted(set(seen)) == [2_000, 4_000, 6_000, 8_000, 10_000, 12_000]
    assert opening.left == 0


def test_a_few_places_open_in_one_step() -> None:
    opening = towards(standing(10), 10 + LEAST, 0)
    assert after(opening, EVERY_TICKS) == after(opening, 10 * EVERY_TICKS)
    assert after(opening, EVERY_TICKS).limit == 10 + LEAST


def test_an_order_that_comes_again_delays_nothing() -> None:
    opening = towards(standing(0), 1_000, 0)
    for tick in range(EVERY_TICKS + 1):
        opening = after(towards(opening, 1_000, tick), tick)
    assert opening.limit == 1_000 // STEPS


def test_orders_that_keep_rising_hold_no_step_back() -> None:
    opening = standing(0)
    for tick in range(4 * EVERY_TICKS):
        opening = after(towards(opening, 10_000 + tick, tick), tick)
    assert opening.limit > 0


@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 200)), max_size=20))
def test_the_limit_never_passes_what_is_ordered_and_gets_there(
    begin: int, orders: list[tuple[int, int]]
) -> None:
    opening, tick = standing(begin), 0
    for to, ticks in orders:
        opening = towards(opening, to, tick)
        for _ in range(ticks):
            opening = after(opening, tick)
            assert opening.limit <= to
            tick += 1
    for _ in range((STEPS + 1) * EVERY_TICKS * 2):
        opening, tick = after(opening, tick), tick + 1
    assert opening.left == 0
