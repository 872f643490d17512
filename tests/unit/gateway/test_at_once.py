"""Nearly everybody of a crowd is given a place at once, as they would be by the whole way; nobody else is."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rostra.bus.messages import Lifecycle, Visibility
from rostra.gateway.journal import Journal

from .conftest import HOST, SPACE, FakeExchange, House, Reply, space_state
from .crowd import CAPACITY, JOIN, NONCE, join, listen, live, small_door

NEWS = json.dumps({"nonce": NONCE}).encode()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


def full(house: House) -> House:
    """All places are taken."""
    live(house)
    listen(house, CAPACITY)
    house.wait(1_000)
    return house


def at_once(house: House, body: bytes = NEWS, *, path: str = JOIN, peer: str = "192.0.2.7") -> Reply | None:
    answer = house.door.at_once(path, body, peer, HOST)
    return None if answer is None else Reply.parse(answer)


def by_the_whole_way(house: House, body: bytes = NEWS, *, peer: str = "192.0.2.7") -> Reply:
    """What a request is answered whose lines are read."""
    exchange = FakeExchange()
    house.door.respond(house.posted(JOIN, body, peer=peer), exchange)  # type: ignore[arg-type]  # all that is used
    return Reply.parse(exchange.sent[0])


def counted(house: House) -> dict[str, Any]:
    return {**house.rooms.counted, **house.rooms.refused, "pages": house.askers._count}


def by_both_ways(house: House) -> tuple[dict[str, Any], dict[str, Any]]:
    """What two are told, one by the whole way and one at once, who count alike."""
    before = counted(house)
    whole = by_the_whole_way(house)
    between = counted(house)
    quick = at_once(house)
    assert quick is not None
    after = counted(house)
    assert {name: after[name] - between[name] for name in after} == {
        name: between[name] - before.get(name, 0) for name in between
    }
    assert (quick.status, quick.headers.keys()) == (whole.status, whole.headers.keys())
    return whole.json(), quick.json()


def test_it_says_what_the_whole_way_says(house: House) -> None:
    full(house)
    theirs, mine = by_both_ways(house)
    assert mine.pop("number") == theirs.pop("number") + 1
    assert mine.pop("place") != theirs.pop("place")
    assert mine == theirs


def test_its_place_counts(house: House) -> None:
    full(house)
    quick = at_once(house)
    assert quick is not None
    listen(house, 0)
    house.wait(2_000)
    assert join(house, quick.json()["place"])["admitted"]


def test_a_network_that_many_came_from_goes_to_the_second_line(tmp_path: Path) -> None:
    house = full(House(tmp_path, capacity=CAPACITY, entries_per_prefix=2))
    lines = [quick.json()["line"] for quick in (at_once(house) for _ in range(4)) if quick is not None]
    assert lines == [0, 0, 1, 1]
    house.close()


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"place": "A" * 96}).encode(),
        json.dumps({"reserved": "link"}).encode(),
        json.dumps({"moved": "ticket"}).encode(),
        b" " * 1_025,
    ],
)
def test_whoever_brings_more_is_read(house: House, body: bytes) -> None:
    full(house)
    before = counted(house)
    assert at_once(house, body) is None
    assert counted(house) == before


@pytest.mark.parametrize(
    "path", [JOIN + "?lang=es", f"/s/{SPACE}/react", "/s/nowhere/join", f"/s/{SPACE}", "/"]
)
def test_so_is_whoever_wants_something_else(house: House, path: str) -> None:
    full(house)
    assert at_once(house, path=path) is None


def test_where_a_place_is_free_whoever_joins_comes_in_as_by_the_whole_way(house: House) -> None:
    live(house)
    house.wait(1_000)
    theirs, mine = by_both_ways(house)
    assert theirs["admitted"]
    assert mine["ticket"] != theirs["ticket"]
    assert mine["edge"].startswith(f"http://{HOST}"), "they are sent to where they came from"
    assert {**mine, "ticket": "", "base": mine["base"].replace(mine["ticket"], "")} == {
        **theirs,
        "ticket": "",
        "base": theirs["base"].replace(theirs["ticket"], ""),
    }


def test_no_more_come_in_at_once_than_there_are_places(house: House) -> None:
    live(house)
    answers = []
    for _ in range(40):
        house.wait(100)
        answers += [
            quick.json()["admitted"] for quick in (at_once(house) for _ in range(20)) if quick is not None
        ]
    assert sum(answers) == CAPACITY


def test_without_keys_there_are_no_tickets(house: House) -> None:
    live(house)
    house.wait(1_000)
    house.directory.keyring = None
    assert at_once(house) is None
    assert by_the_whole_way(house).status == 503


def test_before_the_start_an_entry_has_its_receipt(house: House) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    house.wait(1_000)
    assert at_once(house) is None


def test_a_private_space_asks_for_a_pass(house: House) -> None:
    full(house).open(space_state(Lifecycle.LIVE, revision=9, visibility=Visibility.PRIVATE))
    assert at_once(house) is None
    assert by_the_whole_way(house).status == 403


def test_nothing_has_happened_where_no_place_could_be_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(house)
    assert at_once(house) is not None
    before = counted(house)

    def no_room(_: Journal) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "flush", no_room)
    answers = [at_once(house) for _ in range(3)]
    assert answers == [None] * 3
    assert counted(house) == before
    assert by_the_whole_way(house).status == 503
