"""Waiting rooms of a door whose disk is full: nobody loses a place, and none is told that could be lost."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from harness.small_disk import fill, make_room
from rostra.bus.messages import Audience, DoorOrder, Lifecycle
from rostra.gateway.draws import read
from rostra.gateway.journal import Journal, remembered

from .conftest import SPACE, House, Reply, space_state

CAPACITY = 5
TO_THE_START_MS = 600_000
MOST_IN_A_PAGE = 4096 // 33 + 1
"""Records that may still fit where the disk itself has no room: the rest of the file's last page."""


def ask(house: House, place: str = "") -> Reply:
    exchange = house.ask_later(f"/s/{SPACE}/join", json.dumps({"place": place}).encode())
    if not exchange.sent:
        house.wait(25)
    return Reply.parse(exchange.sent[0])


def join(house: House, place: str = "") -> dict[str, Any]:
    answer = ask(house, place)
    assert answer.status == 200, answer.text
    return dict(answer.json())


def before_the_start(folder: Path, *, waiting: int = 8) -> tuple[House, list[str]]:
    house = House(folder, capacity=CAPACITY, entries_per_prefix=10_000).open(space_state(Lifecycle.LOBBY))
    return house, [join(house)["place"] for _ in range(waiting)]


def enter_until_refused(house: House) -> list[str]:
    """Take what room there is; return the places that were given all the same."""
    given = []
    for _ in range(MOST_IN_A_PAGE):
        answer = ask(house)
        if answer.status == 503:
            return given
        given.append(answer.json()["place"])
    raise AssertionError("the disk is not full")


def start(house: House) -> None:
    house.clock.advance(ms=TO_THE_START_MS)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.wait(1_000)
    assert house.rooms.report(0).spaces, "the door goes on"


def room(house: House) -> dict[str, Any]:
    house.clock.advance(ms=1_100)  # the status is kept for a second
    house.rooms.turn()
    found: dict[str, Any] = house.ask(f"/s/{SPACE}/status.json").json()["room"]
    return found


def again_on(folder: Path) -> House:
    """The door after a kill -9: nothing was closed."""
    house = House(folder, capacity=CAPACITY, entries_per_prefix=10_000)
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=0))
    return house


def assert_drawn_fairly(house: House, folder: Path, places: list[str]) -> None:
    numbers = [ask(house, place).json().get("number") for place in places]
    waiting = [number for number in numbers if number is not None]
    assert len(numbers) - len(waiting) in (CAPACITY - 1, CAPACITY), "or one who was refused was drawn first"
    assert len(set(waiting)) == len(waiting)
    drawn = read(folder / "door" / SPACE / "journal", SPACE)
    assert drawn.document.root == room(house)["root"]
    assert drawn.document.entries >= len(places)


def test_those_who_wait_at_the_start_are_drawn_once_the_disk_has_room(small_disk: Path) -> None:
    house, early = before_the_start(small_disk)
    fill(small_disk)
    early += enter_until_refused(house)
    start(house)
    told = room(house)
    assert (told["drawn"], told["seed"]) == (False, "")
    refused = dict(house.rooms.report(0).refused)["unavailable"]
    assert ask(house).status == 503, "no place that a kill would lose"
    assert dict(house.rooms.report(0).refused)["unavailable"] == refused + 1
    held = join(house, early[0])
    assert (held["admitted"], held["place"]) == (False, early[0])
    make_room(small_disk)
    house.wait(100)
    assert room(house)["drawn"]
    assert_drawn_fairly(house, small_disk, early)
    house.close()


def test_a_kill_at_the_start_on_a_full_disk_loses_no_place(small_disk: Path) -> None:
    house, early = before_the_start(small_disk)
    fill(small_disk)
    early += enter_until_refused(house)
    start(house)
    again = again_on(small_disk)
    start(again)
    assert not room(again)["drawn"]
    make_room(small_disk)
    again.wait(100)
    assert_drawn_fairly(again, small_disk, early)
    again.close()


def test_a_kill_after_the_draw_on_a_full_disk_keeps_every_number(small_disk: Path) -> None:
    house, early = before_the_start(small_disk)
    start(house)
    answers = {place: join(house, place) for place in early}
    waiting = {place: answer["number"] for place, answer in answers.items() if not answer["admitted"]}
    assert len(waiting) == len(early) - CAPACITY
    fill(small_disk)
    with (small_disk / "door" / SPACE / "journal").open("ab", buffering=0) as file, suppress(OSError):
        while file.write(b"?" * 33):  # No record that says anything, up to the last byte.
            pass
    again = again_on(small_disk)
    start(again)
    again.directory.take_audience(Audience(space=SPACE, worker=0, listeners=CAPACITY))
    again.wait(3_000)
    assert {place: join(again, place)["number"] for place in waiting} == waiting
    make_room(small_disk)
    again.close()


def test_a_space_that_goes_live_on_a_full_disk_with_nobody_waiting_lets_people_in(small_disk: Path) -> None:
    fill(small_disk)
    house = House(small_disk, capacity=CAPACITY).open(space_state(Lifecycle.LIVE))
    start(house)
    assert [ask(house).json().get("admitted") for _ in range(CAPACITY)] == [True] * CAPACITY
    assert ask(house).status == 503
    make_room(small_disk)
    assert join(house)["number"] == 0
    house.close()


def test_nobody_is_told_when_they_are_called_while_nobody_can_be(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, early = before_the_start(small_disk, waiting=400 * CAPACITY)
    start(house)
    house.rooms.take_order(DoorOrder(places=10_000))

    def no_room(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", no_room)
        house.wait(200)
        told = [answer for place in early[-50:] if not (answer := join(house, place))["admitted"]]
        assert told
        assert not any(each["due"] or each["again_ms"] < 2_000 for each in told)
    house.wait(100)
    assert any(join(house, each["place"]).get("due") for each in told)


def test_a_door_that_closes_on_a_full_disk_closes_every_room(small_disk: Path) -> None:
    house, _ = before_the_start(small_disk)
    fill(small_disk)
    enter_until_refused(house)
    house.open(space_state(Lifecycle.CANCELLED, revision=4))
    house.rooms.turn()
    house.close()


def test_a_record_written_in_part_is_completed_before_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal")
    journal.opened(b"s" * 32, 7)
    journal.flush()
    left = [10]
    write = os.write

    def until_full(file: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(file, bytes(data)[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", until_full)
    journal.entered(0, b"a" * 32)
    for entry in (b"b" * 32, b"c" * 32):
        with pytest.raises(OSError, match="No space"):
            journal.flush()
        journal.entered(0, entry)
    monkeypatch.undo()
    journal.close()
    assert [entry for _, entry in remembered(tmp_path / "journal").entries] == [
        b"a" * 32,
        b"b" * 32,
        b"c" * 32,
    ]
