"""What is told of empty places: when somebody is called to one, and that they surely are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.call_pace import CallPace
from rostra.admission.line import TICK_MS
from rostra.admission.outlook import Outlook
from rostra.admission.polling import LEAST_MS, MOST_MS, NEAR_MS, poll_ms
from rostra.admission.room import Kind, Places, Room


def places(empty: int, joins: int) -> Places:
    return Places(all=empty, reserved=0, inside=0, inside_reserved=0, joins=joins)


def looked(firsts: int, seconds: int, empty: int) -> tuple[Room, Outlook]:
    room = Room()
    room[Kind.FIRST].enter(firsts)
    room[Kind.SECOND].enter(seconds)
    outlook = Outlook(room, CallPace())
    outlook.look(0, places(empty, 0))
    return room, outlook


@given(
    firsts=st.integers(1, 4_000),
    seconds=st.integers(0, 2_000),
    empty=st.integers(0, 3_000),
    joins=st.integers(5, 500),
    number=st.integers(0, 4_000),
    kind=st.sampled_from([Kind.FIRST, Kind.SECOND]),
)
def test_whoever_is_told_when_is_called_by_then_at_that_rate(
    firsts: int, seconds: int, empty: int, joins: int, number: int, kind: Kind
) -> None:
    room, outlook = looked(firsts, seconds, empty)
    number %= max(1, room[kind].entered)
    due_ms = outlook.due_ms(kind, number, joins_per_s=10 * joins)
    if due_ms is None or number >= room[kind].entered:
        return
    assert due_ms <= NEAR_MS
    assert number < outlook.near(kind)
    for tick in range(due_ms // TICK_MS):
        room.age(tick)
        room.call(tick, places(empty, joins))
    assert room[kind].serving > number


def test_nobody_is_told_when_for_whom_no_place_is_empty_or_whose_turn_is_far() -> None:
    _, outlook = looked(5_000, 0, 1_000)
    told = [outlook.due_ms(Kind.FIRST, number, joins_per_s=100) for number in (0, 700, 900, 1_000)]
    assert told == [300, 7_300, None, None]
    assert outlook.due_ms(Kind.FIRST, 999, joins_per_s=1_000) == 1_299
    assert outlook.due_ms(Kind.FIRST, 1_000, joins_per_s=1_000) is None


@pytest.mark.parametrize(("firsts", "told"), [(0, 400), (1, None)])
def test_the_second_line_is_told_once_nobody_waits_in_the_first(firsts: int, told: int | None) -> None:
    _, outlook = looked(firsts, 50, 100)
    assert outlook.due_ms(Kind.SECOND, 10, joins_per_s=100) == told


PER_S = 4_000
"""Questions that the door aims at."""


def near_of(waiting: int, per_s: int, told_ms: int) -> int:
    """How many are near their turn in a full room in whose line so many wait, and are called a second."""
    room, calls = Room(), CallPace()
    room[Kind.FIRST].enter(waiting)
    for tick in range(100):
        calls.add(tick, (per_s // 10, 0, 0))
    calls.pass_to(100)
    outlook = Outlook(room, calls)
    outlook.look(100, places(0, 0), poll_ms=told_ms)
    return outlook.near(Kind.FIRST) - 1


@pytest.mark.parametrize("waiting", [250_000, 1_000_000])
def test_in_a_huge_crowd_nobody_asks_so_seldom_that_their_turn_passes_meanwhile(waiting: int) -> None:
    told_ms, per_s = poll_ms(waiting, most_per_s=PER_S), 20
    assert told_ms == MOST_MS
    assert near_of(waiting, per_s, told_ms) >= 2 * per_s * MOST_MS / 1_000, "others wait twice as long"


def test_where_pages_ask_often_anyway_those_are_near_who_are_called_within_half_a_minute() -> None:
    assert near_of(5_000, 20, LEAST_MS) == 600


@given(waiting=st.integers(1_000, 2_000_000), per_s=st.integers(1, 200).map(lambda each: 10 * each))
def test_those_near_ask_a_tenth_of_what_all_do_or_are_called_within_half_a_minute(
    waiting: int, per_s: int
) -> None:
    told_ms = poll_ms(waiting, most_per_s=PER_S)
    near = near_of(waiting, per_s, told_ms)
    assert near <= max(30 * per_s, 0.1 * waiting * NEAR_MS / told_ms + 1)


def told_filling(room: Room, *looks: tuple[int, int]) -> list[bool]:
    """Whether calls are for places that stood empty, after each look at so many places and so many inside."""
    outlook = Outlook(room, CallPace())
    told = []
    for tick, (every, inside) in enumerate(looks):
        outlook.look(tick, Places(all=every, reserved=0, inside=inside, inside_reserved=0, joins=1))
        told.append(outlook.is_filling)
    return told


def test_calls_to_the_only_place_of_a_small_room_say_nothing_of_those_behind() -> None:
    room = Room()
    room[Kind.FIRST].enter(5)
    assert told_filling(room, (1, 0), (1, 1)) == [True, True]


def test_a_place_that_opens_is_no_sign_of_how_fast_people_leave() -> None:
    room = Room()
    room[Kind.FIRST].enter(5)
    assert told_filling(room, (4, 4), (4, 3), (5, 4)) == [False, False, True]
