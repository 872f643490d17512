"""What a sender is told of what came (RFC 3550)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.reception import Reception


@given(st.sets(st.integers(0, 400), min_size=1), st.integers(0, 2**18))
def test_what_is_missing_between_the_first_and_the_newest_is_lost(numbers: set[int], first: int) -> None:
    reception = Reception(first + min(numbers))
    for number in sorted(numbers):
        reception.count(first + number, 0)
    missing = max(numbers) - min(numbers) + 1 - len(numbers)
    report = reception.report()
    assert (reception.lost, report.packets_lost) == (missing, missing)
    assert report.highest_sequence == first + max(numbers)
    assert report.fraction_lost == min(255, 256 * missing // (missing + len(numbers)))


def test_each_report_tells_of_its_own_time() -> None:
    reception = Reception()
    for number in (0, 1, 3, 4):
        reception.count(number, 0)
    assert reception.report().fraction_lost == 256 // 5
    for number in range(5, 10):
        reception.count(number, 0)
    assert reception.report().fraction_lost == 0
    assert reception.report().fraction_lost == 0


def test_duplicates_make_a_loss_no_worse_and_never_negative_to_people() -> None:
    reception = Reception()
    for number in (0, 1, 1, 1, 2):
        reception.count(number, 0)
    assert reception.lost == 0
    assert reception.report().packets_lost == -2


def test_jitter_is_the_mean_deviation_of_arrivals() -> None:
    reception = Reception()
    for number in range(2000):
        reception.count(number, 480 * (number % 2))
    assert 470 <= reception.report().jitter <= 480
