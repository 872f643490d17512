"""How often pages ask: two seconds while few are open, a bounded rate however many."""

from __future__ import annotations

import pytest

from rostra.admission.polling import LEAST_MS, MOST_MS, back_ms, poll_ms


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
