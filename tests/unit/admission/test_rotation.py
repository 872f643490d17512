"""Ticket keys over days: when they turn, who signs, and that no ticket dies with its key."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.admission.rotation import AHEAD_S, DatedKey, keyring, turned
from rostra.admission.tickets import Keyring, Ticket, TicketKey, check, mint, new_listener
from rostra.core.ids import SpaceId

SPACE = SpaceId("space23456")
HOUR_S, DAY_S = 3600, 86_400


def drawer() -> Callable[[], bytes]:
    """Draw secrets that are all different."""
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(32)


class Door:
    """Keys that are looked after, on a clock that a test moves."""

    def __init__(self, *, every_s: int = DAY_S, life_s: int = DAY_S) -> None:
        self.clock = ManualClock()
        self.keys: tuple[DatedKey, ...] = ()
        self._every_s, self._life_s, self._draw = every_s, life_s, drawer()
        self.look()

    @property
    def now_s(self) -> int:
        return self.clock.utc_ns() // 10**9

    @property
    def ring(self) -> Keyring:
        return keyring(self.keys, now_s=self.now_s)

    def look(self, *, after_s: int = 0) -> None:
        """Let time pass and do what is due."""
        self.clock.advance(ms=after_s * 1000)
        self.keys = turned(
            self.keys, now_s=self.now_s, every_s=self._every_s, life_s=self._life_s, draw=self._draw
        )


def test_the_first_key_signs_at_once() -> None:
    door = Door()
    assert [each.born_s for each in door.keys] == [door.now_s]
    assert door.ring.signing is door.keys[0].key


def test_a_new_key_comes_every_day_and_signs_once_all_know_it() -> None:
    door = Door()
    first = door.ring.signing
    door.look(after_s=DAY_S - 1)
    assert len(door.keys) == 1
    door.look(after_s=1)
    second = door.keys[0].key
    assert second.number != first.number
    assert door.ring.keys == (first, second)
    door.look(after_s=AHEAD_S)
    assert door.ring.keys == (second, first)


def test_a_key_goes_once_its_last_ticket_has_ended() -> None:
    door = Door()
    first = door.keys[0]
    door.look(after_s=DAY_S)
    door.look(after_s=DAY_S)
    assert first in door.keys
    door.look(after_s=10 * 60)
    assert first not in door.keys


def test_after_a_long_pause_the_old_key_still_bridges_to_the_new() -> None:
    door = Door()
    old = door.keys[0]
    door.look(after_s=30 * DAY_S)
    assert old in door.keys
    assert door.ring.signing is old.key


def test_without_turning_the_first_key_stays() -> None:
    door = Door(every_s=0)
    keys = door.keys
    door.look(after_s=1000 * DAY_S)
    assert door.keys == keys


def test_when_all_numbers_are_in_use_the_newest_stays_on() -> None:
    door = Door(every_s=HOUR_S, life_s=100 * DAY_S)
    for _ in range(300):
        door.look(after_s=HOUR_S)
    numbers = [each.key.number for each in door.keys]
    assert len(numbers) == len(set(numbers)) == 256


def test_a_clock_that_was_wrong_does_not_stop_the_turning() -> None:
    door = Door()
    door.keys = (DatedKey(TicketKey(9, b"k" * 32), door.now_s + 1000 * DAY_S),)
    door.look()
    door.look(after_s=DAY_S)
    assert len(door.keys) == 2


@given(
    st.sampled_from([HOUR_S, 7 * HOUR_S, DAY_S]),
    st.sampled_from([60, HOUR_S, DAY_S]),
    st.lists(st.integers(1, 9 * HOUR_S), min_size=1, max_size=40),
)
def test_every_ticket_is_good_until_its_end_however_keys_turn(
    every_s: int, life_s: int, steps: list[int]
) -> None:
    door, tickets = Door(every_s=every_s, life_s=life_s), []
    for step in steps:
        end_s = door.now_s + life_s
        tickets.append((end_s, mint(door.ring, Ticket(SPACE, new_listener(), 0, 0, end_s, end_s))))
        door.look(after_s=step)
        for ends_s, text in tickets:
            if ends_s >= door.now_s:
                check(door.ring, text, space=SPACE, now_s=door.now_s)
