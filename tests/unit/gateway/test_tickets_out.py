"""Who has a ticket fills a place, once and for as long as it is theirs; nothing of them is kept later."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.bus.messages import Present
from rostra.core.ids import SpaceId
from rostra.gateway.tickets_out import RESUME_NS, TicketsOut

SPACE = SpaceId("abcdefghjk")
PRESS = b"press..."
NOW_S, ADMIT_S = 1_700_000_000, 120


class Door:
    """Tickets out, an edge worker, and a clock that is moved for both."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.tickets = TicketsOut(clock=self.clock)
        self._number = 0

    def give(self, listener: bytes, link: bytes = PRESS) -> None:
        self.tickets.give(listener, SPACE, until_s=self.now_s + ADMIT_S, link=link)

    def tell(self, came: bytes = b"", gone: bytes = b"", *, everybody: bool = False) -> None:
        self._number += 1
        value = Present(worker=0, number=self._number, everybody=everybody, came={SPACE: came}, gone=gone)
        self.tickets.take(value)

    def wait(self, seconds: float, *, silent: bool = False) -> None:
        """Each second the worker tells that nothing has changed, unless it is ``silent``."""
        for _ in range(0 if silent else int(seconds)):
            self.clock.advance(ms=1_000)
            self.tell()
        self.clock.advance(ms=round(1_000 * (seconds if silent else seconds % 1)))
        self.tickets.forget(self.now_s)

    @property
    def now_s(self) -> int:
        return self.clock.utc_ns() // 1_000_000_000

    @property
    def counted(self) -> tuple[int, int, int]:
        tickets = self.tickets
        return tickets.unused(SPACE), tickets.reserved_inside(SPACE), tickets.inside_by_link(PRESS)


@pytest.fixture
def door() -> Door:
    door = Door()
    door.tell(everybody=True)
    return door


def test_whoever_came_by_a_link_is_counted_with_it_from_the_ticket_until_they_leave(door: Door) -> None:
    door.give(b"ann.....")
    assert door.counted == (1, 1, 1)
    door.tell(came=b"ann.....")
    assert door.counted == (0, 1, 1)
    door.tell(gone=b"ann.....")
    assert door.counted == (0, 0, 0)


def test_whoever_resumes_within_five_minutes_is_counted_with_their_link_again(door: Door) -> None:
    door.give(b"ann.....")
    door.tell(came=b"ann.....")
    door.tell(gone=b"ann.....")
    door.wait(RESUME_NS / 1e9 - 1)
    door.tell(came=b"ann.....", everybody=True)
    assert door.counted == (0, 1, 1)


def test_a_ticket_that_is_not_used_in_time_frees_its_place(door: Door) -> None:
    door.give(b"ann.....")
    door.give(b"ben.....", link=b"")
    assert door.counted == (2, 1, 1)
    door.wait(ADMIT_S + 1)
    assert door.counted == (0, 0, 0)


def test_whoever_came_while_the_bus_was_away_keeps_their_place(door: Door) -> None:
    """No worker could tell: whether a ticket was used in time, nobody knows until all have told again."""
    door.give(b"ann.....")
    door.give(b"bob.....")
    door.wait(ADMIT_S + 10, silent=True)
    assert door.counted == (2, 2, 2)
    door.tell()
    door.wait(2)
    assert door.counted == (2, 2, 2)
    door.tell(came=b"ann.....", everybody=True)
    door.wait(11)
    assert door.counted == (0, 1, 1), "bob never came"


def test_a_clock_that_is_set_back_keeps_no_place_for_whoever_gets_a_ticket_then(door: Door) -> None:
    door.give(b"ann.....")
    door.clock.set(ahead_ms=-600_000)
    door.wait(1)
    door.give(b"ben.....")
    door.wait(ADMIT_S + 2)
    assert not door.tickets.holds(b"ben....."), "ann's is good for longer, by this clock"
    assert door.tickets.holds(b"ann.....")


def test_an_edge_worker_that_dies_takes_its_listeners_with_it(door: Door) -> None:
    door.give(b"ann.....")
    door.tell(came=b"ann.....")
    door.wait(16, silent=True)
    assert door.tickets.holds(b"ann....."), "nobody tells anything: the bus is away"
    door.tickets.take(Present(worker=1, number=1, everybody=True, came={}))
    door.wait(0)
    assert door.tickets.holds(b"ann....."), "the other's word may be on its way"
    door.wait(11, silent=True)
    door.tickets.take(Present(worker=1, number=2, everybody=False, came={}))
    door.wait(0)
    assert door.counted == (0, 0, 0)
    assert not door.tickets.holds(b"ann.....")


def test_whoever_comes_by_a_message_after_a_lost_one_is_not_counted_twice(door: Door) -> None:
    door.give(b"ann.....")
    door.tell()
    door.tickets.take(Present(worker=0, number=9, everybody=False, came={SPACE: b"ann....."}))
    assert door.counted == (0, 1, 1)


def test_of_a_hundred_thousand_who_have_left_nothing_is_kept(door: Door) -> None:
    for number in range(100_000):
        door.give(number.to_bytes(8, "big"))
    came = b"".join(number.to_bytes(8, "big") for number in range(1_000))
    door.tell(came=came)
    door.tell(gone=came)
    door.wait(ADMIT_S + 1)
    assert len(door.tickets._reserved) == 1_000, "whoever had none to use does not come back by it"
    door.wait(RESUME_NS / 1e9 + 1)
    assert door.counted == (0, 0, 0)
    assert not any(
        getattr(door.tickets, name) for name in ("_unused", "_until", "_reserved", "_away", "_inside")
    )


def test_those_of_before_are_counted_with_their_links_until_all_edges_have_told_who_is_there(
    door: Door,
) -> None:
    door.tickets.resume(SPACE, {b"ann.....": PRESS, b"ben.....": PRESS})
    assert door.counted == (0, 2, 2)
    door.tell(came=b"ann.....")
    door.wait(10)
    assert door.counted == (0, 2, 2)
    door.tell(came=b"ann.....", everybody=True)
    door.wait(2)
    assert door.counted == (0, 1, 1), "the other has left"
    door.tell(came=b"ben.....")
    assert door.counted == (0, 2, 2), "or had a ticket that was still to be used"
