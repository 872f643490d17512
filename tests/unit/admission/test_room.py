"""The room: who is called from which line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.room import SECOND_SHARE, Kind, Places, Room

ALL = 100


def places(free: int, *, joins: int = 10_000) -> Places:
    return Places(all=ALL, reserved=0, inside=ALL - free, inside_reserved=0, joins=joins)


def room(*, first: int, second: int) -> Room:
    made = Room()
    made[Kind.FIRST].enter(first)
    made[Kind.SECOND].enter(second)
    return made


def come(room: Room, tick: int, free: int) -> tuple[int, int]:
    """Call for so many free places; whoever is called comes at once. How many of each line."""
    room.age(tick)
    calls = room.call(tick, places(free))
    for kind in (Kind.FIRST, Kind.SECOND):
        room[kind].claim(tick, np.array(calls[kind], np.int64), len(calls[kind]))
    return len(calls[Kind.FIRST]), len(calls[Kind.SECOND])


@pytest.mark.parametrize("free", [1, 2, 3, 7, 10, 25])
def test_the_second_line_gets_every_tenth_call_however_few_places_come_free_at_a_time(free: int) -> None:
    lines = room(first=10_000, second=10_000)
    called = [come(lines, tick, free) for tick in range(200)]
    firsts, seconds = (sum(each) for each in zip(*called, strict=True))
    assert firsts + seconds == 200 * free
    assert seconds == 200 * free // SECOND_SHARE


def test_whichever_line_is_alone_gets_every_call() -> None:
    assert come(room(first=0, second=50), 0, 20) == (0, 20)
    assert come(room(first=50, second=0), 0, 20) == (20, 0)
    assert come(room(first=5, second=50), 0, 20) == (5, 15)
    assert come(room(first=50, second=1), 0, 20) == (19, 1)


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(0, 300), st.integers(0, 300))
def test_no_place_stands_empty_while_either_line_waits_and_the_second_never_has_more_than_its_share(
    free: list[int], first: int, second: int
) -> None:
    lines, firsts, seconds = room(first=first, second=second), 0, 0
    for tick, count in enumerate(free):
        waited = lines.waiting
        of_first, of_second = come(lines, tick, count)
        firsts, seconds = firsts + of_first, seconds + of_second
        assert of_first + of_second == min(count, waited)
        if lines[Kind.FIRST].waiting:
            assert seconds <= (firsts + seconds) // SECOND_SHARE


def test_the_second_line_goes_straight_in_but_for_the_last_tenth_of_the_places() -> None:
    straight = Room().straight_in(places(50))
    assert straight.take(Kind.SECOND, 100) == 50 - ALL // 10
    assert straight.take(Kind.SECOND) == 0
    assert straight.take(Kind.FIRST, 100) == ALL // 10
