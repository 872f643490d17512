"""A door that was killed or started anew: no place is lost or doubled, and nobody is let in too many."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.admission.room import Kind
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, TicketKeys
from rostra.core.errors import Unavailable
from rostra.gateway.journal import Journal, Remembered, remembered

from .conftest import SPACE, START_MS, House, space_state
from .crowd import CAPACITY, hear, join, leave, listen, live, restarted, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


def test_a_kill_of_the_door_loses_and_doubles_no_place(house: House, tmp_path: Path) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    early = [join(house) for _ in range(10)]
    house.clock.advance(ms=600_000)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.wait(25)
    answers = [join(house, each["place"]) for each in early]
    inside = {
        each["place"]: answer["ticket"]
        for each, answer in zip(early, answers, strict=True)
        if answer["admitted"]
    }
    waiting = [each["place"] for each, answer in zip(early, answers, strict=True) if not answer["admitted"]]
    assert len(inside) == CAPACITY
    late = join(house)
    # No close: what was not written when it mattered is lost.
    again = House(tmp_path, capacity=CAPACITY)
    again.clock.advance(ms=600_000 + 60_000)
    again.open(space_state(Lifecycle.LIVE, revision=4))
    hear(again, *inside.values())
    again.wait(25)
    numbers = {place: join(again, place)["number"] for place in waiting}
    before = {place: answers[[each["place"] for each in early].index(place)]["number"] for place in waiting}
    assert numbers == before
    assert all(join(again, place)["admitted"] for place in inside)
    assert again.rooms.tickets.unused(SPACE) == 0, "they have their places still, and no others"
    assert join(again)["number"] not in {late["number"], *before.values()}
    again.close()


def test_after_a_kill_whoever_comes_stands_right_behind_those_who_waited_and_nobody_calls_the_air(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    waiting = [join(house) for _ in range(3)]
    again = restarted(house, tmp_path, after_ms=2_000)
    listen(again, CAPACITY)
    come = [join(again) for _ in range(2)]
    assert [each["number"] for each in (*waiting, *come)] == [0, 1, 2, 3, 4]
    again.wait(4_000)
    tickets: list[str] = []
    for each in (*waiting, *come):
        listen(again, CAPACITY - 1)
        answer = join(again, each["place"])
        assert answer["admitted"], "one free place is the next one's at once"
        tickets.append(answer["ticket"])
        hear(again, *tickets)
        listen(again, CAPACITY)
    again.close()


def test_whoever_was_let_in_by_a_door_that_died_before_they_heard_of_it_gets_the_next_place(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    places = [join(house)["place"] for _ in range(CAPACITY)]
    leave(house)
    tickets = [join(house, place)["ticket"] for place in places]
    behind = join(house)["place"]
    again = restarted(house, tmp_path, after_ms=2_000)
    hear(again, *tickets[1:])  # The first never got theirs.
    assert not join(again, behind)["admitted"]
    told = join(again, places[0])
    assert (told["admitted"], told["place"], told["reason"]) == (False, places[0], "owed")
    hear(again, *tickets[1:])
    again.wait(4_000)
    assert join(again, places[0])["admitted"]
    assert not join(again, behind)["admitted"]
    again.close()


def test_whoever_listens_when_the_door_is_killed_and_loads_the_page_anew_keeps_their_place(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    leave(house)
    ticket = join(house, place)["ticket"]
    again = restarted(house, tmp_path, after_ms=300_000)
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY))
    told = join(again, place)
    assert (told["admitted"], told["place"], told["reason"]) == (False, place, "owed")
    again.wait(5_000)
    hear(again, ticket)
    assert join(again, place)["admitted"]
    again.close()


def test_who_was_owed_a_place_when_the_door_was_killed_is_still_before_later_numbers(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    first, second = join(house)["place"], join(house)["place"]
    leave(house)
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY))
    assert [join(house, each)["reason"] for each in (first, second)] == ["owed", "owed"]
    again = House(tmp_path, capacity=CAPACITY)
    again.clock.set(ahead_ms=130_000)
    live(again)
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY - 1))
    room(again)
    again.wait(3_000)
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY - 1))
    assert not join(again, second)["admitted"]
    assert join(again, first)["admitted"]
    again.close()


def test_a_journal_that_was_torn_is_read_to_its_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "a" / "journal"
    journal = Journal(path)
    journal.opened(b"s" * 32, 7)
    journal.entered(0, b"e" * 32)
    journal.close()
    with path.open("ab") as file:
        file.write(b"E" + b"torn")
    again = Journal(path)
    assert (again.remembered.seed, again.remembered.entries) == (b"s" * 32, [(0, b"e" * 32)])
    again.entered(1, b"f" * 32)
    again.close()
    third = Journal(path)
    assert third.remembered.entries == [(0, b"e" * 32), (1, b"f" * 32)]
    third.close()


def test_a_place_lasts_as_long_as_its_room_though_the_keys_of_tickets_turn_and_the_door_is_killed(
    house: House, tmp_path: Path
) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    place = join(house)["place"]
    later_ms = START_MS + 3 * 86_400_000
    again = House(tmp_path, capacity=CAPACITY)
    for door, revision in ((house, 4), (again, 5)):
        door.open(space_state(Lifecycle.SCHEDULED, starts_at=later_ms, revision=revision))
        door.directory.take_keys(TicketKeys(keys=((2, b"n" * 32),)))
        assert join(door, place)["place"] == place
    again.close()


def test_a_door_that_starts_again_still_keeps_the_room_of_a_start_that_was_put_off(
    house: House, tmp_path: Path
) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    early = [join(house) for _ in range(3)]
    house.wait(25)
    house.close()
    again = House(tmp_path, capacity=CAPACITY)
    try:
        again.open(space_state(Lifecycle.SCHEDULED, starts_at=START_MS + 3_600_000, revision=4))
        answers = [join(again, each["place"]) for each in early]
        assert [each["place"] for each in answers] == [each["place"] for each in early]
        told = room(again)
        assert told is not None
        assert told["waiting"] == 3
    finally:
        again.close()


def test_whoever_asks_how_things_stand_after_a_restart_is_told_of_the_line_at_once(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    again = live(House(tmp_path, capacity=CAPACITY))
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY))
    told = room(again)
    assert told is not None
    assert told["waiting"] >= 1
    assert join(again, place)["number"] == 0
    again.close()


async def test_a_room_of_before_is_read_beside_the_loop_and_is_there_for_the_first_who_asks(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    readers: list[threading.Thread] = []

    def read(path: Path) -> Remembered:
        readers.append(threading.current_thread())
        return remembered(path)

    monkeypatch.setattr("rostra.gateway.journal.remembered", read)
    again = House(tmp_path, capacity=CAPACITY)
    again.directory.take_state(space_state(Lifecycle.LIVE, starts_at=START_MS - 3_600_000))
    again.rooms.report(0)
    assert not readers, "nothing is read before all is known"
    resuming = asyncio.create_task(again.rooms.resume())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        again.rooms.of(again.directory.entry(SPACE))
    await resuming
    live(again)
    assert join(again, place)["number"] == 0
    assert len(readers) == 1
    assert readers[0] is not threading.main_thread()
    again.close()


def test_after_a_restart_nobody_is_let_in_before_the_last_tickets_are_counted(
    house: House, tmp_path: Path
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    join(house)
    again = live(House(tmp_path, capacity=CAPACITY))
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY - 1))
    assert not join(again)["admitted"]
    first = again.rooms.of(again.directory.entry(SPACE)).room[Kind.FIRST]
    again.wait(2_500)
    assert first.serving == 0, "the fifth may hold a ticket that is not in use yet"
    again.wait(1_000)
    assert first.serving > 0
    again.close()


def test_pages_are_told_for_a_while_that_the_door_was_restarted(house: House, tmp_path: Path) -> None:
    def told(door: House) -> str:
        listen(door, CAPACITY)
        found = room(door)
        assert found is not None
        return str(found["reason"])

    live(house)
    for _ in range(CAPACITY):
        join(house)
    join(house)
    assert told(house) == ""
    again = restarted(house, tmp_path, after_ms=2_000)
    assert told(again) == "restarted"
    again.rooms.take_order(DoorOrder(places=CAPACITY, rung="worst"))
    assert told(again) == "worst_case", "what an operator does says more"
    again.rooms.take_order(DoorOrder(places=CAPACITY, rung="ground"))
    assert told(again) == "restarted"
    for _ in range(13):
        again.wait(10_000)
        last = told(again)
    assert last == ""
    again.close()


def test_a_door_killed_while_a_crowd_comes_in_gives_no_more_tickets_than_there_are_places(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=1_000, entries_per_prefix=10_000))

    def come(door: House, count: int) -> int:
        came = 0
        for nth in range(count):
            came += bool(join(door)["admitted"])
            if nth % 25 == 24:
                door.wait(25)
        return came

    before = come(house, 600)
    again = House(tmp_path, capacity=1_000, entries_per_prefix=10_000)
    again.clock.set(ahead_ms=2_000)
    live(again)
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=100))
    after = come(again, 900)
    assert after == 0, "the others may have tickets that no edge has seen yet"
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=before))
    again.wait(3_000)
    first = again.rooms.of(again.directory.entry(SPACE)).room[Kind.FIRST]
    assert 0 < first.serving <= 1_000 - before
    again.close()


def test_a_crowd_s_numbers_are_written_before_they_are_told_in_few_writes_and_a_kill_repeats_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = live(House(tmp_path, capacity=CAPACITY, entries_per_prefix=10_000))
    listen(house, CAPACITY)
    journal, writes, write = tmp_path / "door" / SPACE / "journal", 0, os.write

    def counted(file: int, data: bytes) -> int:
        nonlocal writes
        writes += 1
        return write(file, data)

    monkeypatch.setattr(os, "write", counted)
    numbers = []
    for _ in range(200):
        numbers.append(join(house, wait=False)["number"])
        assert remembered(journal).given[Kind.FIRST] > numbers[-1], "written before it is told"
    assert numbers == list(range(200))
    assert writes < 50
    shutil.copytree(tmp_path / "door", tmp_path / "killed" / "door")
    again = restarted(house, tmp_path / "killed", after_ms=2_000)
    listen(again, CAPACITY)
    assert 200 <= join(again)["number"] <= 225
    again.close()
    house.wait(25)
    assert remembered(journal).given[Kind.FIRST] == 200, "what nobody has is taken back with the next turn"
    house.close()


def flood(house: House, count: int, *, network: str = "198.51.100") -> list[int]:
    """Newcomers from one network; return in which line each stands."""
    return [join(house, peer=f"{network}.{nth}")["line"] for nth in range(count)]


def after_a_kill(house: House, folder: Path, *, recalled_first: bool = True) -> House:
    """Another door, that hears what this one told last of its newcomers."""
    told = house.rooms.newcomers(0, at_least=5)
    again = House(folder, capacity=CAPACITY, entries_per_prefix=5)
    if recalled_first:
        again.rooms.recall_newcomers(told)
    again.clock.set(ahead_ms=2_000)
    live(again)
    listen(again, CAPACITY)
    if not recalled_first:
        again.rooms.recall_newcomers(told)
    return again


@pytest.mark.parametrize("recalled_first", [True, False])
def test_a_network_at_its_limit_stays_there_though_the_door_is_killed(
    tmp_path: Path, recalled_first: bool
) -> None:
    house = live(House(tmp_path, capacity=CAPACITY, entries_per_prefix=5))
    listen(house, CAPACITY)
    assert flood(house, 7) == [0] * 5 + [1] * 2
    assert flood(house, 4, network="203.0.113") == [0] * 4
    again = after_a_kill(house, tmp_path, recalled_first=recalled_first)
    assert flood(again, 3) == [1] * 3
    assert flood(again, 2, network="203.0.113") == [0] * 2, "few came from there"
    third = after_a_kill(again, tmp_path)
    assert flood(third, 3) == [1] * 3
    for door in (house, again, third):
        door.close()


def test_what_came_from_where_is_told_no_longer_than_its_room_is_open(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=CAPACITY, entries_per_prefix=5))
    listen(house, CAPACITY)
    flood(house, 6)
    told = house.rooms.newcomers(0, at_least=5)
    assert told.entered == {SPACE: {"198.51.100.0/24": 6}}
    assert b"198.51.100" not in (tmp_path / "door" / SPACE / "journal").read_bytes()
    again = House(tmp_path, capacity=CAPACITY)
    again.rooms.recall_newcomers(told)
    for door in (house, again):
        door.open(space_state(Lifecycle.ENDED, revision=4))
        door.wait(100)
        assert door.rooms.newcomers(0, at_least=5).entered == {}
        door.close()
