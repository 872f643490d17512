"""The line: who is called when, and what a claim gets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.admission.line import AGAIN_TICKS, CLAIM_TICKS, FRESH_TICKS, RETURN_TICKS, Line, Verdict


def claim(line: Line, tick: int, *numbers: int, places: int = 0) -> list[Verdict]:
    return [Verdict(each) for each in line.claim(tick, np.array(numbers, np.int64), places)]


def test_whoever_is_called_and_claims_in_time_is_in_and_only_once() -> None:
    line = Line()
    line.enter(10)
    assert line.call(0, 3) == range(3)
    assert claim(line, 5, 0, 2, 3, 2, places=3) == [
        Verdict.ADMITTED,
        Verdict.ADMITTED,
        Verdict.NOT_YET,
        Verdict.NOT_YET,  # the same claim twice in a tick counts once
    ]
    assert claim(line, 6, 2, places=1) == [Verdict.USED]
    assert (line.serving, line.waiting, line.expected) == (3, 7, 1)


def test_the_place_of_whoever_is_silent_goes_to_the_next_and_they_get_the_next_after_that() -> None:
    line = Line()
    line.enter(10)
    line.call(0, 1)
    line.age(CLAIM_TICKS + 1)
    assert (line.expected, line.lapsed) == (0, 1)
    assert line.call(CLAIM_TICKS + 1, 1) == range(1, 2)
    back = CLAIM_TICKS + RETURN_TICKS
    assert claim(line, back, 0, places=5) == [Verdict.OWED]
    assert list(line.grant(back + 1, 1)) == [0]
    assert claim(line, back + 2, 0) == [Verdict.ADMITTED]


def test_after_half_an_hour_a_call_is_worth_a_new_place_only() -> None:
    line = Line()
    line.enter(1)
    line.call(0, 1)
    line.age(CLAIM_TICKS + 1)
    assert claim(line, CLAIM_TICKS + RETURN_TICKS + 1, 0, places=1) == [Verdict.TOO_LATE]


def test_stale_calls_keep_few_places_and_who_claims_them_after_all_is_next() -> None:
    line = Line()
    line.enter(200)
    line.call(0, 100)
    assert line.expected == 100
    line.age(FRESH_TICKS + 1)
    assert line.expected == 2
    assert claim(line, FRESH_TICKS + 2, *range(5), places=3) == [Verdict.ADMITTED] * 3 + [Verdict.OWED] * 2
    assert list(line.grant(FRESH_TICKS + 3, 1)) == [3]


def test_numbers_that_were_never_given_out_get_nothing() -> None:
    line = Line()
    line.enter(2)
    line.call(0, 2)
    assert claim(line, 1, -1, 2, 10**12, places=9) == [Verdict.NOT_YET] * 3


def test_after_a_crash_no_number_is_given_or_called_twice_and_those_called_are_owed_a_place() -> None:
    line = Line()
    line.skip(7, entered=50, serving=20, inside=[4])
    assert line.enter(1) == range(50, 51)
    assert line.call(8, 1) == range(20, 21)
    assert claim(line, 9, 3, 4, places=1) == [Verdict.OWED, Verdict.USED]
    assert list(line.grant(10, 1)) == [3]


def test_after_a_crash_whoever_was_let_in_just_before_is_owed_a_place_for_two_minutes() -> None:
    line = Line()
    line.skip(7, entered=50, serving=20, inside=[4], lately=[5, 6])
    assert claim(line, 7 + AGAIN_TICKS, 5, places=9) == [Verdict.OWED]
    assert claim(line, 8 + AGAIN_TICKS, 6, places=9) == [Verdict.TOO_LATE]


def test_after_a_crash_calls_that_were_open_keep_their_places_and_who_was_owed_one_is_still_first() -> None:
    line = Line()
    line.skip(700, entered=50, serving=20, since=10, owed=[9, 11], inside=[10])
    line.age(701)
    assert (line.owing, line.expected) == (2, 8)
    assert claim(line, 702, 15, 11, places=1) == [Verdict.ADMITTED, Verdict.OWED]
    assert list(line.grant(703, 1)) == [9]
    assert list(line.grant(704, 9)) == [11]
    assert claim(line, 705, 12, 3, places=0) == [Verdict.OWED, Verdict.OWED]
    assert list(line.grant(706, 1)) == [12], "in time, before one that was called in vain"
    line.age(700 + CLAIM_TICKS + 1)
    assert line.expected == 0


Step = st.tuples(
    st.sampled_from(["enter", "call", "claim", "grant"]), st.integers(0, 30), st.integers(0, CLAIM_TICKS)
)


@settings(max_examples=200)
@given(st.lists(Step, max_size=40), st.randoms(use_true_random=False))
def test_no_number_is_admitted_twice_and_none_gets_a_place_before_an_earlier_one_that_claimed_in_time(
    steps: list[tuple[str, int, int]], random: object
) -> None:
    line, tick, placed = Line(), 0, set[int]()
    owed: set[int] = set()
    """Who claimed in time and found no place."""
    called_at: dict[int, int] = {}
    for act, count, passed in steps:
        tick += passed
        line.age(tick)
        if act == "enter":
            line.enter(count)
        elif act == "call":
            called_at |= dict.fromkeys(line.call(tick, count), tick)
        elif act == "grant":
            given = [int(each) for each in line.grant(tick, count)]
            in_time = [each for each in given if each in owed]
            assert in_time == sorted(owed)[: len(in_time)]
            assert not owed - set(in_time) or len(in_time) == len(given)
            owed -= set(in_time)
        else:
            free = max(0, count - line.owing)
            numbers = list(range(0, line.entered, 1 + count % 3))
            for number, verdict in zip(numbers, claim(line, tick, *numbers, places=free), strict=True):
                if verdict is Verdict.ADMITTED:
                    assert number not in placed
                    placed.add(number)
                elif verdict is Verdict.OWED and tick - called_at[number] <= CLAIM_TICKS:
                    owed.add(number)
        assert min(line.held, line.expected, line.owing) >= 0
        assert line.owing <= line.serving
    assert len(placed) <= line.serving


def test_whoever_was_let_in_and_never_heard_of_it_is_owed_the_next_place_for_half_an_hour_in_all() -> None:
    line = Line()
    line.enter(2)
    line.call(0, 1)
    assert claim(line, 1, 0, places=1) == [Verdict.ADMITTED]
    assert line.unheard(0)
    back = RETURN_TICKS // 2
    assert claim(line, back, 0, places=1) == [Verdict.OWED]
    assert list(line.grant(back + 1, 1)) == [0]
    assert claim(line, back + 2, 0) == [Verdict.ADMITTED]
    assert line.unheard(0)
    assert claim(line, CLAIM_TICKS + RETURN_TICKS + 2, 0, places=1) == [Verdict.TOO_LATE]
    assert not line.unheard(1), "nobody was let in by it"


def test_a_line_that_goes_on_elsewhere_takes_along_who_waits_is_called_or_is_owed_a_place() -> None:
    line = Line()
    line.enter(8)
    line.call(0, 5)
    assert list(line.claim(1, np.arange(5), 2)) == [Verdict.ADMITTED] * 2 + [Verdict.OWED] * 3
    gone = range(line.open_from(), line.entered)
    assert (gone.start, list(line.let_in(range(8)))) == (2, [0, 1])
    line.send_on(gone)
    assert (line.waiting, line.owing, line.expected, line.held, line.idle) == (0, 0, 0, 0, True)
    assert not len(line.grant(2, 9))
    assert set(line.claim(3, np.arange(8), 9)) == {Verdict.USED}
    assert line.enter(1) == range(8, 9)


def test_calls_that_are_open_when_a_line_goes_on_elsewhere_keep_no_place() -> None:
    line = Line()
    line.enter(4)
    line.call(0, 2)
    line.age(FRESH_TICKS + 1)
    line.call(FRESH_TICKS + 1, 2)
    assert line.expected == 3
    line.send_on(range(line.open_from(), line.entered))
    assert (line.expected, line.idle) == (0, True)
    line.age(10 * CLAIM_TICKS)
    assert line.idle
    assert line.lapsed == 0


def test_numbers_that_were_let_in_elsewhere_are_passed_over() -> None:
    line = Line()
    line.enter(3)
    line.fill(np.array([0, 1]))
    line.call(0, 3)
    assert line.expected == 1
    assert list(line.claim(1, np.arange(3), 3)) == [Verdict.USED, Verdict.USED, Verdict.ADMITTED]
