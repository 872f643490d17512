"""A full space goes on in another: its listeners keep their seats, those who wait their order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from rostra.admission.places import Place, give, read
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, TicketKey, check
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, Present, SpaceOrder
from rostra.core.ids import RunId, SpaceId
from rostra.gateway.journal import Journal, Remembered, remembered
from rostra.gateway.leaving import LONGEST_NS

from .conftest import KEYS, START_MS, House, Reply, space_state

OLD, NEW = SpaceId("oldold2222"), SpaceId("newnew2222")
STARTED_MS = START_MS - 3_600_000
KEYRING = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
CAPACITY = 3


class Two:
    """A door to two spaces that are on the air, and the edge worker that counts who is in them."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.house = House(folder, capacity=CAPACITY, **settings)
        self._here: dict[SpaceId, set[bytes]] = {OLD: set(), NEW: set()}
        self._number = 0
        self.house.open(self.state(OLD), self.state(NEW))
        self.tell()

    def know(self) -> Two:
        """Let the door have heard of everybody who is at the edge."""
        self.house.wait(11_000)
        self.tell()
        return self

    def state(self, space: SpaceId, lifecycle: Lifecycle = Lifecycle.LIVE, **changes: Any) -> Any:
        return space_state(lifecycle, space=space, run=RunId("run" + space), starts_at=STARTED_MS, **changes)

    def move(self) -> None:
        self.house.open(self.state(OLD, moved_to=NEW), self.state(NEW, moved_from=(OLD,)))
        self.house.rooms.report(0)  # as every second: it opens the rooms of what is live
        self.house.wait()

    def tell(self) -> None:
        """What the edge tells each second."""
        self.house.wait(1_000)
        came = {space: b"".join(here) for space, here in self._here.items()}
        self._number += 1
        self.house.rooms.tickets.take(Present(worker=0, number=self._number, everybody=True, came=came))
        for space, here in self._here.items():
            self.house.directory.take_audience(Audience(space=space, worker=0, listeners=len(here)))
        self.house.wait()

    def join(self, space: SpaceId, *, place: str = "", moved: str = "", wait: bool = True) -> dict[str, Any]:
        body = json.dumps({"place": place, "moved": moved}).encode()
        exchange = self.house.ask_later(f"/s/{space}/join", body)
        if not exchange.sent and wait:
            self.house.wait(25)
        answer = Reply.parse(exchange.sent[0])
        assert answer.status == 200
        return dict(answer.json())

    def listen(self, space: SpaceId, ticket: str) -> None:
        self._here[space].add(listener_of(space, ticket))

    def listen_as(self, other: Two) -> None:
        """The edge goes on as it was when the door was killed."""
        self._here = other._here
        self.tell()

    def leave(self, space: SpaceId, ticket: str) -> None:
        self._here[space].discard(listener_of(space, ticket))

    def fill(self, space: SpaceId = OLD) -> list[str]:
        """Let as many in as may come; return their tickets."""
        tickets = [str(self.join(space)["ticket"]) for _ in range(CAPACITY)]
        for ticket in tickets:
            self.listen(space, ticket)
        self.tell()
        return tickets

    @property
    def now_ms(self) -> int:
        return self.house.clock.utc_ns() // 1_000_000

    @property
    def inside(self) -> int:
        return self.house.rooms.occupancy.everybody()


def listener_of(space: SpaceId, ticket: str) -> bytes:
    return check(KEYRING, ticket, space=space, now_s=0).listener


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    two = Two(tmp_path).know()
    yield two
    two.house.close()


def test_listeners_of_a_full_space_that_moves_are_let_in_without_standing_in_line(two: Two) -> None:
    tickets = two.fill()
    waits = two.join(OLD)
    assert not waits["admitted"]
    two.move()
    assert not two.join(NEW)["admitted"], "a newcomer finds no place"
    for ticket in tickets:
        answer = two.join(NEW, moved=ticket)
        assert answer["admitted"]
        assert answer["run"] == "run" + NEW
        assert two.inside == CAPACITY, "nobody fills two places"


def test_whoever_hears_both_for_a_moment_fills_one_place_and_nobody_comes_into_the_other(two: Two) -> None:
    first, *_ = two.fill()
    two.move()
    there = two.join(NEW, moved=first)["ticket"]
    two.listen(NEW, there)
    two.tell()
    assert two.inside == CAPACITY, "the edge counts them in both"
    assert not two.join(NEW)["admitted"]
    two.leave(OLD, first)
    two.tell()
    assert two.inside == CAPACITY
    assert two.house.rooms.tickets.kept.total() == 0, "no place is kept for whoever has one"


def test_whoever_goes_on_listening_to_both_fills_two_places(two: Two) -> None:
    first, *_ = two.fill()
    two.move()
    two.listen(NEW, two.join(NEW, moved=first)["ticket"])
    for _ in range(LONGEST_NS // 1_000_000_000 + 2):
        two.tell()
    assert two.inside == CAPACITY + 1


def test_a_ticket_that_is_brought_again_gives_the_same_ticket_and_fills_one_place(two: Two) -> None:
    first, *_ = two.fill()
    two.move()
    there = {two.join(NEW, moved=first)["ticket"] for _ in range(3)}
    assert len({listener_of(NEW, ticket) for ticket in there}) == 1
    assert two.inside == CAPACITY


def test_only_who_is_inside_comes_along(two: Two) -> None:
    first, second, third = two.fill()
    two.leave(OLD, first)
    two.tell()
    two.move()
    two.house.wait(61_000)
    two.tell()
    two.join(NEW)
    assert not two.join(NEW, moved=first)["admitted"], "whoever left long ago has no seat to bring"
    assert not two.join(NEW, moved=second[:-4] + "AAAA")["admitted"]
    assert two.join(NEW, moved=third)["admitted"]
    assert not two.join(OLD, moved=third)["admitted"], "nothing has moved there"


def test_whose_line_broke_while_the_space_moved_comes_along_when_they_are_back(two: Two) -> None:
    first, *_ = two.fill()
    two.leave(OLD, first)
    two.tell()
    two.move()
    assert two.join(NEW, moved=first)["admitted"]
    assert two.house.rooms.tickets.kept.total() == 0


def test_listeners_of_a_space_that_ended_as_it_moved_still_have_their_seats(two: Two) -> None:
    tickets = two.fill()
    two.move()
    two.house.open(two.state(OLD, Lifecycle.ENDED, moved_to=NEW, ended_at=two.now_ms))
    two.house.wait()
    assert not two.join(NEW)["admitted"], "a newcomer takes no seat of theirs"
    assert all(two.join(NEW, moved=ticket)["admitted"] for ticket in tickets)
    assert two.inside == CAPACITY


def test_a_space_with_fewer_places_takes_as_many_in_as_it_may_have(two: Two) -> None:
    tickets = two.fill()
    two.house.rooms.take_space_order(SpaceOrder(space=NEW, places=2))
    two.move()
    answers = [two.join(NEW, moved=ticket) for ticket in tickets]
    assert [answer["admitted"] for answer in answers] == [True, True, False]
    assert answers[-1]["number"] == 0, "who finds no room has a place in line"


def test_who_waits_keeps_their_order_behind_those_who_wait_there_and_before_newcomers(two: Two) -> None:
    two.fill(NEW)
    waited = two.join(NEW)
    waiting = [two.join(OLD)["place"] for _ in range(3)]
    two.move()
    late = two.join(NEW)
    there = [two.join(NEW, place=place) for place in reversed(waiting)]
    assert (waited["number"], late["number"]) == (0, 4)
    assert [answer["number"] for answer in there] == [3, 2, 1]
    assert [answer["place"] for answer in there] == waiting[::-1], "it stays the same place"


def test_whoever_comes_in_the_moment_of_the_move_stands_behind_those_who_waited(two: Two) -> None:
    two.fill(NEW)
    waiting = [two.join(OLD)["place"] for _ in range(3)]
    two.house.directory.take_state(two.state(OLD, moved_to=NEW))
    two.house.directory.take_state(two.state(NEW, moved_from=(OLD,)))
    assert two.join(NEW)["number"] == 3
    assert [two.join(NEW, place=place)["number"] for place in waiting] == [0, 1, 2]


def test_a_place_that_went_along_counts_once_and_only_there(two: Two) -> None:
    tickets = two.fill()
    place = two.join(OLD)["place"]
    two.move()
    again = two.join(OLD, place=place)
    assert (again["admitted"], again["called"], again["place"]) == (False, False, place), (
        "it is awaited there"
    )
    gone = two.join(NEW, moved=tickets[0])["ticket"]
    two.leave(OLD, tickets[0])
    two.listen(NEW, gone)
    two.tell()
    two.leave(NEW, gone)
    for _ in range(12):
        two.tell()
    assert two.join(NEW, place=place)["admitted"]
    assert two.join(NEW, place=place)["admitted"], "the answer may have been lost"
    assert two.inside == CAPACITY
    assert not two.join(OLD, place=place)["admitted"]
    two.house.open(two.state(NEW, Lifecycle.ENDED, moved_from=(OLD,), ended_at=two.now_ms))
    two.house.wait()
    assert two.join(OLD, place=place)["admitted"], "when the other is over, whoever stayed begins anew"


def test_a_page_that_asks_as_its_space_moves_keeps_its_place(two: Two) -> None:
    two.fill()
    place = two.join(OLD)["place"]
    asked = two.house.ask_later(f"/s/{OLD}/join", json.dumps({"place": place}).encode())
    two.move()
    assert Reply.parse(asked.sent[0]).json()["place"] == place
    assert two.join(OLD, place=place)["place"] == place
    assert two.join(NEW, place=place)["number"] == 0


def test_whoever_was_called_when_the_space_moved_is_the_first_there(two: Two) -> None:
    tickets = two.fill()
    places = [two.join(OLD)["place"] for _ in range(2)]
    two.leave(OLD, tickets[0])
    for _ in range(12):
        two.tell()
    assert two.house.rooms.of(two.house.directory.entry(OLD)).room.waiting == 1
    two.move()
    assert two.join(NEW, place=places[0])["admitted"]
    assert two.join(NEW, place=places[1])["number"] == 1


@pytest.mark.parametrize("since", ["goes on", "is over", "is hidden"])
def test_a_kill_of_the_door_after_a_move_loses_and_doubles_no_place(tmp_path: Path, since: str) -> None:
    two = Two(tmp_path)
    two.fill(NEW)
    two.house.open(space_state(space=OLD, starts_at=two.now_ms + 1_000))
    drawn = [two.join(OLD)["place"] for _ in range(2)]
    two.house.wait(1_100)
    two.house.open(two.state(OLD))
    two.tell()
    waiting = [*drawn, two.join(OLD)["place"]]
    two.move()
    before = [two.join(NEW, place=place)["number"] for place in waiting]

    again = Two(tmp_path)
    again.listen_as(two)
    again.house.open(two.state(NEW, moved_from=(OLD,)))
    if since != "is hidden":
        again.house.open(two.state(OLD, moved_to=NEW))
    if since == "is over":
        again.house.open(two.state(OLD, Lifecycle.ENDED, moved_to=NEW, ended_at=STARTED_MS))
    again.house.directory.complete = True
    again.house.wait()
    assert sorted(before) == [0, 1, 2]
    assert [again.join(NEW, place=place)["number"] for place in waiting] == before
    if since == "goes on":
        again.know()
        assert again.join(OLD, place=waiting[0])["place"] == waiting[0]
    for each in (two, again):
        each.house.close()


def test_a_door_that_has_just_started_asks_for_patience_until_it_knows_who_is_inside(tmp_path: Path) -> None:
    two = Two(tmp_path)
    first, *_ = two.fill()
    again = Two(tmp_path)
    again.move()
    answer = again.join(NEW, moved=first)
    assert (answer["admitted"], answer["place"], answer["reason"]) == (False, "", "restarted")
    again.listen(OLD, first)
    again.tell()
    assert again.join(NEW, moved=first)["admitted"]
    for each in (two, again):
        each.house.close()


def test_a_ticket_whose_private_space_has_ended_it_comes_along_nowhere(two: Two) -> None:
    first, *_ = two.fill()
    two.house.open(two.state(OLD, moved_to=NEW, pass_epoch=1), two.state(NEW, moved_from=(OLD,)))
    two.house.wait()
    assert not two.join(NEW, moved=first)["admitted"]


def test_whatever_else_a_page_brings_of_another_space_is_worth_a_new_place(two: Two) -> None:
    two.fill()
    waiting = two.join(OLD)["place"]
    two.move()
    late = two.join(OLD)["place"]
    key = two.house.rooms.of(two.house.directory.entry(OLD)).key
    reserved = give(key, Place(space=OLD, line=Kind.RESERVED, entered_s=0, number=0))
    for place in (late, reserved, waiting[:-4] + "AAAA", "nonsense"):
        assert two.join(NEW, place=place)["place"] not in ("", place)


def test_a_full_disk_keeps_nobody_out_who_was_called_and_the_line_comes_along_once_there_is_room(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = two.fill(NEW)
    called, waits = two.join(NEW)["place"], two.join(OLD)["place"]
    two.leave(NEW, tickets[0])
    for _ in range(12):
        two.tell()

    def full(journal: Journal) -> None:
        if journal._pending:
            journal.failing = True
            raise OSError(ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr(Journal, "flush", full)
        for moved in (False, True):
            if moved:
                two.move()
            refused = two.house.ask_later(f"/s/{NEW}/join", json.dumps({"place": waits}).encode())
            assert Reply.parse(refused.sent[0]).status == 503
        assert two.join(NEW, place=called)["admitted"]
    two.house.wait()
    assert two.join(NEW, place=waits)["number"] == 1
    assert two.join(NEW)["number"] == 2
    assert len(remembered(two.house.rooms.folder / NEW / "journal").taken_in) == len(("first", "second"))


def test_whoever_is_inside_comes_along_though_the_door_lets_nobody_else_in(two: Two) -> None:
    tickets = two.fill()
    two.house.rooms.take_order(DoorOrder(rung="door"))
    two.move()
    assert not two.join(NEW)["admitted"]
    assert all(two.join(NEW, moved=ticket)["admitted"] for ticket in tickets)


async def test_what_moved_before_a_restart_is_read_while_the_loop_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Two(tmp_path)
    two.fill(NEW)
    waiting = [two.join(OLD)["place"] for _ in range(2)]
    two.move()
    two.join(NEW)
    two.house.close()
    readers = []

    def heard_of(path: Path) -> Remembered:
        readers.append((path.parent.name, threading.current_thread() is threading.main_thread()))
        return remembered(path)

    monkeypatch.setattr("rostra.gateway.journal.remembered", heard_of)
    again = House(tmp_path, capacity=CAPACITY)
    again.open(
        two.state(OLD, Lifecycle.ENDED, moved_to=NEW, ended_at=STARTED_MS), two.state(NEW, moved_from=(OLD,))
    )
    await again.rooms.resume()
    room = again.rooms.of(again.directory.entry(NEW))
    assert sorted(readers) == [(NEW, False), (OLD, False)]
    places = [read(room.taken_in.keys[OLD], place, space=OLD) for place in waiting]
    assert [room.number(place) for place in places if place] == [0, 1]
    again.close()
