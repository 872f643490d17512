"""How often pages ask: two seconds while few are open, a bounded rate however many."""

from __future__ import annotations

import pytest

from rostra.admission.polling import LEAST_MS, MOST_MS, NEAR_MS, back_ms, first_ms, left_per_s, poll_ms


@pytest.mark.parametrize("askers", [0, 1, 1000, 5_000])
def test_a_small_crowd_asks_often_enough_for_two_seconds(askers: int) -> None:
    assert poll_ms(askers, most_per_s=4_000) == LEAST_MS < 2_000


@pytest.mark.parametrize("askers", [6_000, 20_000, 100_000, 200_000])
def test_a_large_crowd_asks_no_more_often_than_the_rate_allows(askers: int) -> None:
    rate = askers / (back_ms(poll_ms(askers, most_per_s=4_000)) / 1000)
    assert 3_900 < rate <= 4_001


def test_the_more_ask_the_less_often_each_does_up_to_a_minute() -> None:
    told = [poll_ms(askers, most_per_s=100) for askers in range(0, 20_000, 50)]
    assert told == sorted(told)
    assert told[-1] == MOST_MS


def test_whoever_joins_takes_from_the_rate_of_open_pages_and_never_more_than_half() -> None:
    assert [left_per_s(4_000, joins_per_s=joins) for joins in (0, 1_500, 9_000)] == [4_000, 2_500, 2_000]


def test_a_newcomer_comes_back_as_soon_as_everybody_unless_many_arrive_or_ask() -> None:
    assert first_ms(LEAST_MS, most_per_s=4_000, joins_per_s=4, spread=0.9) == LEAST_MS
    told = [first_ms(LEAST_MS, most_per_s=4_000, joins_per_s=5_000, spread=each / 8) for each in range(8)]
    assert told == sorted(set(told))
    assert (told[0], told[-1] > 3 * NEAR_MS) == (NEAR_MS, True)
    assert first_ms(30_000, most_per_s=4_000, joins_per_s=0, spread=0.5) == 30_000
    assert first_ms(LEAST_MS, most_per_s=1, joins_per_s=10_000, spread=0.9) == MOST_MS
