"""The draw at the door: who is in it, what is told of it and when, what is published."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from rostra.admission.draw import Published, Receipt, check_receipt, verify
from rostra.admission.drawn import check
from rostra.bus.messages import Lifecycle
from rostra.gateway.draws import read
from rostra.gateway.errors import NotDrawn
from rostra.gateway.journal import Journal

from .conftest import SPACE, START_MS, House, space_state
from .crowd import CAPACITY, join, room, small_door, told_seed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


def test_everyone_here_before_the_start_is_drawn_and_can_check_it(house: House) -> None:
    scheduled = space_state(Lifecycle.SCHEDULED)
    house.open(scheduled)
    early = [join(house) for _ in range(12)]
    assert {each["reason"] for each in early} == {"before_start"}
    assert {each["number"] for each in early} == {None}
    assert [each["index"] for each in early] == list(range(12))
    before = room(house)
    assert before is not None
    assert (before["drawn"], before["seed"], before["waiting"]) == (False, "", 12)
    house.clock.advance(ms=600_000)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.wait(25)
    answers = [join(house, each["place"]) for each in early]
    after = told_seed(house)
    assert after["commitment"] == before["commitment"] == sha256(bytes.fromhex(after["seed"])).hexdigest()
    log = [bytes.fromhex(each["id"]) for each in early]
    seed = bytes.fromhex(after["seed"])
    numbers = verify(
        Published(
            commitment=bytes.fromhex(before["commitment"]),
            root=bytes.fromhex(after["root"]),
            seed=seed,
            log=log,
            lines=[each["line"] for each in early],
        )
    )
    for each, entry in zip(early, log, strict=True):
        nonce = base64.urlsafe_b64decode(each["server_nonce"] + "==")
        check_receipt(seed, each["index"], Receipt(entry, b"n" * 16, nonce))
    assert [each["admitted"] for each in answers] == [int(number) < CAPACITY for number in numbers]
    for each, number in zip(answers, numbers, strict=True):
        assert each["admitted"] or each["number"] == number


def test_the_root_is_told_a_question_before_the_seed_whoever_dies_in_between(
    house: House, tmp_path: Path
) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    for _ in range(3):
        join(house)
    house.clock.advance(ms=600_000)
    again = House(tmp_path, capacity=CAPACITY)
    again.clock.advance(ms=600_000)
    try:
        for each in (house, again):  # Killed, the first is not closed.
            each.open(space_state(Lifecycle.LIVE, revision=4))
            each.wait(25)
            first = each.ask(f"/s/{SPACE}/status.json").json()
            assert (bool(first["room"]["root"]), first["room"]["seed"]) == (True, "")
            assert each.ask(f"/s/{SPACE}/draw.json").status == 409
            each.wait(first["poll_ms"])
            assert not each.ask(f"/s/{SPACE}/status.json").json()["room"]["seed"]
            each.wait(first["poll_ms"])
            assert each.rooms.has_drawn(each.directory.entry(SPACE)), "the seed is no secret any more"
    finally:
        again.close()


def test_a_draw_takes_so_many_of_one_network_and_the_others_get_a_number_after_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.admission.entering.MOST_OF_PREFIX", 5)
    house = House(tmp_path, capacity=1, entries_per_prefix=2)
    house.open(space_state(Lifecycle.SCHEDULED))
    flood = [join(house, peer=f"198.51.100.{host}") for host in range(9)]
    assert [bool(each["place"]) for each in flood] == [True] * 5 + [False] * 4
    assert {each["reason"] for each in flood[5:]} == {"undrawn"}
    assert join(house, peer="203.0.113.1")["place"]
    house.clock.advance(ms=600_000)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    told = room(house)
    assert told is not None
    assert told["entries"] == 6
    late = join(house, flood[-1]["place"], peer="198.51.100.8")
    assert (late["line"], late["number"]) == (1, 3)
    house.close()


@pytest.fixture
def early(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places of ten who came before a start that has come, and are ranked three at a time."""
    monkeypatch.setattr("rostra.gateway.room_draw.RANKED_AT_ONCE", 3)
    house.open(space_state(Lifecycle.SCHEDULED))
    places = [join(house)["place"] for _ in range(10)]
    house.clock.advance(ms=600_000)
    return places


def test_while_a_large_draw_is_ranked_turn_by_turn_nobody_overtakes_those_in_it(
    house: House, early: list[str]
) -> None:
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.rooms.turn()
    late, waiting = join(house, wait=False), join(house, early[0], wait=False)
    assert (late["admitted"], late["place"], late["reason"]) == (False, "", "undrawn")
    assert (waiting["place"], waiting["number"]) == (early[0], None)
    for _ in range(3):
        house.rooms.turn()
    answers = [join(house, place) for place in early]
    assert sum(each["admitted"] for each in answers) == CAPACITY
    assert {each["number"] for each in answers if not each["admitted"]} == set(range(CAPACITY, 10))
    assert join(house)["number"] == 10


def test_who_asks_again_while_a_draw_is_ranked_counts_for_their_network_once_they_have_a_place(
    house: House, early: list[str]
) -> None:
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.rooms.turn()
    for _ in range(70):
        assert join(house, peer="203.0.113.4", wait=False)["reason"] == "undrawn"
    for _ in range(3):
        house.rooms.turn()
    told = join(house, peer="203.0.113.4")
    assert (told["line"], told["number"]) == (0, len(early))


def test_a_draw_that_has_begun_is_dealt_though_the_start_is_put_off_meanwhile(
    house: House, early: list[str]
) -> None:
    house.rooms.turn()
    state = space_state(Lifecycle.SCHEDULED, revision=4)
    house.open(msgspec.structs.replace(state, starts_at=state.starts_at + 86_400_000))
    for _ in range(3):
        house.rooms.turn()
    assert {join(house, place)["number"] for place in early} == set(range(10))
    assert join(house)["number"] == 10


def test_a_start_that_is_put_off_puts_off_the_draw_and_keeps_every_entry(house: House) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    early = [join(house) for _ in range(3)]
    later_ms = START_MS + 3_600_000  # further than a room would open by itself
    house.open(space_state(Lifecycle.SCHEDULED, starts_at=later_ms, starts_before=START_MS, revision=4))
    told = room(house)
    assert told is not None
    assert (told["drawn"], told["waiting"]) == (False, 3)
    house.wait(601_000)
    told = room(house)
    assert told is not None
    assert not told["drawn"]
    early.append(join(house))
    house.clock.advance(ms=3_600_000)
    told = room(house)
    assert told is not None
    assert (told["drawn"], told["entries"]) == (True, 4)
    numbers = [join(house, each["place"])["number"] for each in early]
    assert sorted(numbers) == [0, 1, 2, 3]


def test_the_draw_is_published_once_it_is_over_and_stays_after_the_end(house: House, tmp_path: Path) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    receipts = {join(house)["id"] for _ in range(7)}
    assert house.ask(f"/s/{SPACE}/draw.json").status == 409
    house.clock.advance(ms=600_000)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.wait(25)
    numbers = set()
    drawn = read(tmp_path / "door" / SPACE / "journal", SPACE)
    _, published, dealt = check(msgspec.json.encode(drawn.document), drawn.log(0, len(drawn.entries)))
    assert {each.hex() for each in published.log} == receipts
    numbers.update(map(int, dealt))
    assert numbers == set(range(7))
    assert drawn.document.closed_at - drawn.document.opened_at >= 600_000


def test_a_journal_without_a_draw_publishes_none(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.opened(b"s" * 32, 7)
    journal.close()
    with pytest.raises(NotDrawn):
        read(path, SPACE)
