"""The waiting room at the door: everyone gets audio or a place in line, and keeps it whatever dies."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rostra.admission.capacity import FEW
from rostra.admission.draw import Published, Receipt, check_receipt, verify
from rostra.admission.drawn import check
from rostra.admission.passes import HEARER, LISTENER, PREVIEWER
from rostra.admission.room import Kind
from rostra.admission.tickets import BESIDE_AUDIENCE, Keyring, TicketKey
from rostra.admission.tickets import check as check_ticket
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, Measured, Present, SpaceOrder, TicketKeys
from rostra.core.errors import Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.draws import read
from rostra.gateway.errors import NotDrawn
from rostra.gateway.journal import Journal, Remembered, remembered
from rostra.gateway.rooms import FIRST_RATE

from .conftest import KEYS, NOW_S, SPACE, START_MS, House, Reply, a_pass, space_state

JOIN = f"/s/{SPACE}/join"
NONCE = base64.urlsafe_b64encode(b"n" * 16).decode()
CAPACITY = 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A door that may let five in."""
    house = House(tmp_path, capacity=CAPACITY)
    yield house
    house.close()


def live(house: House) -> House:
    return house.open(space_state(Lifecycle.LIVE, starts_at=START_MS - 3_600_000))


def join(house: House, place: str = "", *, peer: str = "192.0.2.7", wait: bool = True) -> dict[str, Any]:
    body = json.dumps({"nonce": NONCE, "place": place}).encode()
    exchange = house.ask_later(JOIN, body, peer=peer)
    if not exchange.sent:
        assert wait
        house.wait(25)
    answer = Reply.parse(exchange.sent[0])
    assert answer.status == 200
    return dict(answer.json())


def room(house: House) -> dict[str, Any] | None:
    house.clock.advance(ms=1_100)  # the status is kept for a second
    house.rooms.turn()
    found: dict[str, Any] | None = house.ask(f"/s/{SPACE}/status.json").json()["room"]
    return found


def told_seed(house: House) -> dict[str, Any]:
    """What pages are told once all of them have been told the root."""
    house.wait(5_000)
    told = room(house)
    assert told is not None
    return told


def leave(house: House, count: int = 1) -> None:
    """Listeners who never came: their tickets are past their first use."""
    house.wait(121_000)
    assert count <= CAPACITY


def restarted(house: House, folder: Path, *, after_ms: int) -> House:
    """Another process of the door after a kill; the one before said no goodbye."""
    again = House(folder, capacity=CAPACITY)
    again.clock.set(ahead_ms=(house.clock.utc_ns() - again.clock.utc_ns()) // 1_000_000 + after_ms)
    return live(again)


def listener_of(ticket: str) -> bytes:
    return base64.urlsafe_b64decode(ticket)[12:20]


def hear(house: House, *tickets: str) -> None:
    """These listen, and nobody else: the edge says so."""
    ids = b"".join(map(listener_of, tickets))
    house.rooms.tickets.take(Present(worker=0, number=1, everybody=True, came={SPACE: ids}))
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=len(tickets)))


def test_when_all_fit_nobody_sees_a_line(house: House) -> None:
    live(house)
    assert all(join(house, wait=False)["admitted"] for _ in range(CAPACITY))
    assert room(house) is None


def test_who_finds_all_places_taken_gets_the_next_number_and_comes_in_when_it_is_called(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    first, second = join(house), join(house)
    assert [(each["admitted"], each["number"], each["reason"]) for each in (first, second)] == [
        (False, 0, "full"),
        (False, 1, "full"),
    ]
    assert not join(house, second["place"])["admitted"]
    told = room(house)
    assert told is not None
    assert (told["serving"], told["waiting"], told["places"]) == ([0, 0, 0], 2, CAPACITY)
    leave(house)
    assert join(house, first["place"])["admitted"]
    assert join(house, second["place"])["admitted"]


def test_a_place_whose_answer_was_lost_gives_the_same_ticket_again_and_fills_one_place(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    leave(house)
    tickets = [join(house, place) for _ in range(3)]
    assert all(each["admitted"] for each in tickets)
    assert house.rooms.tickets.unused(SPACE) == 1


@pytest.mark.parametrize("killed", [False, True])
def test_whoever_was_let_in_and_lost_the_answer_for_minutes_has_the_next_place(
    house: House, tmp_path: Path, killed: bool
) -> None:
    live(house)
    listen(house, CAPACITY)
    places = [join(house)["place"] for _ in range(3)]
    listen(house, CAPACITY - 1)
    assert join(house, places[0])["admitted"]  # This never reaches them.
    for _ in range(13):
        house.wait(10_000)
        listen(house, CAPACITY)
    again = restarted(house, tmp_path, after_ms=1_000) if killed else house
    listen(again, CAPACITY)
    room(again)
    again.wait(12_000)
    listen(again, CAPACITY)
    told = join(again, places[0])
    assert (told["place"], told["reason"]) == (places[0], "owed")
    listen(again, CAPACITY - 1)
    assert [join(again, place)["admitted"] for place in (places[1], places[0])] == [False, True]
    again.close()


def test_whoever_left_and_whose_place_went_on_gets_a_new_one_at_the_end(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    places = [join(house)["place"] for _ in range(3 * CAPACITY)]
    leave(house)
    first, second = places[:CAPACITY], places[CAPACITY : 2 * CAPACITY]
    hear(house, *(join(house, place)["ticket"] for place in first))
    house.wait(200)
    hear(house)
    house.wait(30_000)  # they might have been back in a moment
    hear(house, *(join(house, place)["ticket"] for place in second))
    house.wait(11_000)
    answers = [join(house, place) for place in first]
    assert not any(each["admitted"] for each in answers)
    assert [each["number"] for each in answers] == list(range(3 * CAPACITY, 4 * CAPACITY))
    assert house.rooms.tickets.unused(SPACE) == 0


def test_whoever_loads_the_page_anew_while_they_listen_is_in_at_once_however_late_and_fills_no_other_place(
    house: House,
) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    leave(house)
    ticket = join(house, place)["ticket"]
    for _ in range(20):
        house.wait(60_000)
        hear(house, ticket)
        assert listener_of(join(house, place, wait=False)["ticket"]) == listener_of(ticket)
    assert house.rooms.tickets.unused(SPACE) == 0


def test_asking_again_and_again_keeps_an_unused_ticket_no_longer(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    leave(house)
    for _ in range(12):
        assert join(house, place)["admitted"]
        house.wait(10_000)
    house.wait(2_000)
    assert house.rooms.tickets.unused(SPACE) == 0


def test_places_are_kept_for_those_whose_line_broke_while_they_may_be_back_in_a_moment(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=100, entries_per_prefix=10_000))
    tickets = [join(house)["ticket"] for _ in range(100)]
    hear(house, *tickets)
    waiting = [join(house)["place"] for _ in range(100)]
    hear(house, *tickets[:20])  # An edge lost them; their players try again.
    house.wait(300)
    first = house.rooms.of(house.directory.entry(SPACE)).room[Kind.FIRST]
    assert first.serving == 0
    assert not join(house, waiting[0])["admitted"]
    hear(house, *tickets[:70])
    house.wait(5_000)
    assert 0 < first.serving <= 15, "half of the thirty may still be back"
    for _ in range(5):
        hear(house, *tickets[:70])
        house.wait(10_000)
    assert first.serving >= 29, "they are not"
    house.close()


def test_a_ticket_in_use_is_counted_by_the_edge_and_no_longer_here(house: House) -> None:
    live(house)
    ticket = join(house)["ticket"]
    assert house.rooms.tickets.unused(SPACE) == 1
    hear(house, ticket)
    assert house.rooms.tickets.unused(SPACE) == 0


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


def test_whatever_a_page_brings_it_gets_a_place(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    for body in (b"", b"{", b"[]", b'{"place":7}', b'{"place":"nonsense","nonce":"!!"}', b"\xff" * 900):
        exchange = house.ask_later(JOIN, body)
        answer = Reply.parse(exchange.sent[0])
        assert (answer.status, answer.json()["admitted"]) == (200, False)
    assert Reply.parse(house.ask_later(JOIN, b"x" * 1_025).sent[0]).status == 413


def test_another_spaces_place_is_worth_a_new_one_here(house: House) -> None:
    live(house)
    other = space_state(Lifecycle.LIVE, space=SpaceId("other22222"), starts_at=START_MS)
    house.open(other)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    body = json.dumps({"place": place}).encode()
    answer = Reply.parse(house.ask_later("/s/other22222/join", body).sent[0]).json()
    assert answer["place"] != place


def test_entries_beyond_a_few_of_one_network_wait_in_a_second_line(tmp_path: Path) -> None:
    house = House(tmp_path, capacity=1, entries_per_prefix=2)
    live(house)
    join(house)
    lines = [join(house, peer=f"198.51.100.{host}")["line"] for host in range(4)]
    assert lines == [0, 0, 1, 1]
    assert join(house, peer="203.0.113.1")["line"] == 0
    house.close()


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
    monkeypatch.setattr("rostra.gateway.waiting_room.RANKED_AT_ONCE", 3)
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


def test_pages_are_told_while_calls_fill_empty_places_and_no_longer_once_those_who_leave_make_room(
    house: House,
) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    early = [join(house)["place"] for _ in range(12)]
    house.clock.advance(ms=600_000)
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.rooms.turn()
    filling = room(house)
    came = [answer["ticket"] for answer in (join(house, place) for place in early) if answer["admitted"]]
    for _ in range(61):
        hear(house, *came)
        house.wait(1_000)
    hear(house, *came[1:])
    house.wait(1_000)
    full = room(house)
    assert filling is not None
    assert full is not None
    assert (filling["filling"], full["filling"]) == (True, False)
    assert (filling["empty"], full["empty"]) == (0, 0)
    assert full["serving"][0] > CAPACITY, "one has left, and somebody was called"
    house.rooms.take_order(DoorOrder(places=CAPACITY + 4))
    house.wait(4_000)
    opened = room(house)
    assert opened is not None
    assert opened["filling"]


def test_each_line_is_told_its_own_pace(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=20, entries_per_prefix=2))
    for _ in range(20):
        join(house)
    second = [join(house, peer="198.51.100.1") for _ in range(32)][2:]
    first = [join(house, peer=f"203.0.{network}.1") for network in range(28)]
    assert {each["line"] for each in first} == {0}
    assert {each["line"] for each in second} == {1}
    leave(house)
    told = room(house)
    assert told is not None
    assert told["serving"][:2] == [18, 2]
    assert told["per_s"] == [1.8, 0.2, 0.0]
    house.close()


def test_players_without_a_page_are_told_to_come_again(house: House) -> None:
    live(house)
    assert house.ask(f"/s/{SPACE}/radio.aac").status == 302
    for _ in range(CAPACITY - 1):
        join(house)
    full = house.ask(f"/s/{SPACE}/radio.aac")
    assert (full.status, full.json()["error"]["code"]) == (503, "room_full")
    assert "retry-after" in full.headers


def test_a_lowered_limit_puts_nobody_out_and_lets_nobody_in_until_there_is_room(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    house.rooms.take_order(DoorOrder(places=2))
    told = room(house)
    assert told is not None
    assert (told["places"], told["reason"]) == (2, "limit_lowered")
    assert not join(house, place)["admitted"]
    leave(house)
    assert join(house, place)["admitted"]


def listen(house: House, count: int) -> None:
    """So many listen, the edge says."""
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=count))
    house.wait(50)


def test_the_worst_case_holds_the_number_that_the_operator_set_as_listeners_come_and_go(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=100, entries_per_prefix=1_000))
    listen(house, 60)
    house.rooms.take_order(DoorOrder(places=50, rung="worst"))
    places = [join(house)["place"] for _ in range(30)]
    for inside, called in ((60, 0), (50, 0), (40, 10), (39, 11)):
        listen(house, inside)
        told = room(house)
        assert told is not None
        assert (told["rung"], told["closed"], told["reason"]) == ("worst", False, "worst_case")
        assert (told["places"], told["serving"][0]) == (50, called)
    assert join(house, places[0])["admitted"]
    house.close()


def test_a_closed_door_lets_nobody_in_and_tells_the_places_that_there_are(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=100))
    listen(house, 60)
    house.rooms.take_order(DoorOrder(places=50, rung="door"))
    place = join(house)["place"]
    for inside in (60, 40, 5):
        listen(house, inside)
        told = room(house)
        assert told is not None
        assert (told["closed"], told["places"], told["serving"][0]) == (True, 50, 0)
    assert not join(house, place)["admitted"]
    house.close()


def test_one_space_may_have_fewer_places_than_the_site(house: House) -> None:
    live(house)
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=1))
    assert [join(house)["admitted"] for _ in range(2)] == [True, False]


def test_two_spaces_share_the_places_of_one_site(house: House) -> None:
    live(house)
    other = space_state(Lifecycle.LIVE, space=SpaceId("other22222"), starts_at=START_MS)
    house.open(other)

    def comes(space: str) -> bool:
        exchange = house.ask_later(f"/s/{space}/join", b"")
        return bool(Reply.parse(exchange.sent[0]).json()["admitted"])

    came = [comes(space) for _ in range(CAPACITY) for space in (SPACE, "other22222")]
    house.wait(100)
    came += [comes(space) for space in (SPACE, "other22222")]
    inside = [house.rooms.tickets.unused(SpaceId(space)) for space in (SPACE, "other22222")]
    assert sum(inside) == sum(came) == CAPACITY


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


def test_a_machine_that_is_late_with_a_handful_of_listeners_neither_closes_the_door_nor_climbs(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    live(house)
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=3))
    for second in range(1, 31):
        late = (
            ("cpu_ms", second * 900, ""),
            ("writes_late_ms", second, "500"),
            ("writes_late_ms", second * 9, "+Inf"),
        )
        house.rooms.load.take(Measured(worker=0, samples=late))
        house.wait(1_000)
    assert join(house, wait=False)["admitted"]
    assert house.rooms.report(0).rung == "ground"
    house.close()


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


def test_a_start_that_is_put_off_after_the_draw_keeps_the_numbers(house: House) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    early = [join(house) for _ in range(4)]
    house.wait(600_000)
    drawn = [join(house, each["place"])["number"] for each in early]
    assert sorted(drawn) == [0, 1, 2, 3]
    later_ms = START_MS + 30 * 60_000
    house.open(space_state(Lifecycle.LOBBY, starts_at=later_ms, starts_before=START_MS, revision=4))
    assert [join(house, each["place"])["number"] for each in early] == drawn
    latecomer = join(house)
    assert latecomer["number"] == 4
    house.clock.advance(ms=30 * 60_000)
    house.open(space_state(Lifecycle.LIVE, starts_at=later_ms, revision=5))
    room(house)
    answers = [join(house, each["place"]) for each in early]
    assert all(each["admitted"] for each in answers)


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


@pytest.mark.parametrize("ahead_ms", [3_600_000, -3_600_000])
def test_a_clock_that_is_set_loses_and_delays_nobody(house: House, ahead_ms: int) -> None:
    live(house)
    listen(house, CAPACITY)
    places = [join(house)["place"] for _ in range(6)]
    listen(house, CAPACITY - 2)
    house.clock.set(ahead_ms=ahead_ms)
    house.wait(200)
    assert [join(house, place)["admitted"] for place in (places[0], places[2])] == [True, False]
    for _ in range(7):  # The second is silent for their minute.
        house.wait(10_000)
        listen(house, CAPACITY - 2)
    assert join(house, places[2])["admitted"]


def test_whoever_waits_asks_as_seldom_as_many_open_pages_do(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=1, poll_rate=1, entries_per_prefix=1_000))
    join(house)
    first = join(house)["again_ms"]
    for _ in range(40):
        last = join(house)["again_ms"]
    assert first < 20_000 < last <= 60_000
    house.close()


def test_in_a_rush_whoever_is_soon_called_asks_within_eight_seconds_and_the_others_later(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=1_000, poll_rate=100, entries_per_prefix=10_000))
    for _ in range(300):
        join(house)
    house.rooms.turn()
    told = {answer["number"]: answer["again_ms"] for answer in (join(house) for _ in range(1_200))}
    free = 1_000 - house.rooms.tickets.unused(SPACE)
    assert all(told[number] == 8_000 for number in told if number < free)
    assert min(told[number] for number in told if number > free + 50) > 16_000
    house.close()


def test_a_crowd_is_called_no_faster_than_joins_are_allowed(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=5_000, entries_per_prefix=10_000))
    listen(house, 5_000)
    places = [join(house)["place"] for _ in range(3_000)]
    first = house.rooms.of(house.directory.entry(SPACE)).room[Kind.FIRST]
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=0))
    for turn in range(1, 41):
        house.clock.advance(ms=25)
        house.rooms.turn()
        assert first.serving <= FIRST_RATE / 4 + 1.2 * FIRST_RATE * 0.025 * turn
    assert first.serving > FIRST_RATE
    answers = [join(house, place)["admitted"] for place in places[: first.serving]]
    assert all(answers), "whoever is called has had their turn"
    house.close()


def test_a_queue_before_the_door_that_never_drains_slows_joins_and_one_that_drains_does_not(
    house: House,
) -> None:
    live(house)
    listen(house, CAPACITY)
    join(house)
    before = house.rooms.report(0).rate
    for _ in range(4):
        house.queued, house.accepted = 2_000, house.accepted + 5_000
        house.wait(400)
        house.queued = 0
        house.wait(100)
    assert house.rooms.report(0).rate == before
    for _ in range(2):
        house.queued, house.accepted = 600, house.accepted + 2_000
        house.wait(500)
    assert house.rooms.report(0).rate < 0.75 * before, "whoever comes waits for 150 ms"


def test_one_measurement_of_late_audio_slows_joins_once(house: House) -> None:
    live(house)
    join(house)

    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=FEW))

    def measure(cpu_ms: int, late: int) -> None:
        samples = (
            ("cpu_ms", cpu_ms, ""),
            ("writes_late_ms", 1_000 - late, "320"),
            ("writes_late_ms", 1_000, "+Inf"),
        )
        scaled = tuple((name, count * cpu_ms, code) for name, count, code in samples)
        house.rooms.load.take(Measured(worker=0, samples=scaled))

    house.wait()
    measure(1, 0)
    house.wait(5_000)
    before = house.rooms.report(0).rate
    measure(2, 100)
    house.wait(4_900)
    once = house.rooms.report(0).rate
    assert once == pytest.approx(0.7 * before)
    measure(3, 100)
    house.wait(1_000)
    assert house.rooms.report(0).rate == pytest.approx(0.7 * once)


def test_in_a_full_house_what_was_reported_is_heard_at_once_and_nobody_loses_a_place_by_it(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=1))
    try:
        assert join(house)["admitted"]
        assert not join(house)["admitted"]
        before = room(house), house.rooms.tickets.unused(SPACE)
        pass_s = NOW_S + 900
        come = house.ask(f"{JOIN}?pass={a_pass(HEARER, end_s=pass_s)}", method="POST", peer="192.0.2.7")
        assert come.json()["admitted"]
        assert come.json()["base"].endswith(f"/{SPACE}/")
        ring = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
        ticket = check_ticket(ring, come.json()["ticket"], space=SPACE, now_s=NOW_S + 2)
        assert (ticket.rank, ticket.end_s) == (BESIDE_AUDIENCE, pass_s)
        assert (room(house), house.rooms.tickets.unused(SPACE)) == before
        for kind in (LISTENER, PREVIEWER):
            told = house.ask(f"{JOIN}?pass={a_pass(kind)}", method="POST", peer="192.0.2.7")
            assert not told.json()["admitted"]
    finally:
        house.close()


def test_one_network_that_takes_tickets_and_uses_none_leaves_places_for_everybody_else(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=100, entries_per_prefix=5))
    house.wait()
    flood = [join(house, peer=f"198.51.100.{nth}")["admitted"] for nth in range(50)]
    radios = [house.ask(f"/s/{SPACE}/radio.aac", peer="198.51.100.1").status for _ in range(60)]
    assert all(flood), "there is room for a crowd behind one address"
    assert (radios.count(302), radios.count(503)) == (40, 20)
    assert join(house, peer="203.0.113.1")["admitted"]
    house.close()


def test_a_radio_that_is_told_to_come_again_does_not_count_against_its_network(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=1, entries_per_prefix=2))
    assert [house.ask(f"/s/{SPACE}/radio.aac", peer="198.51.100.1").status for _ in range(9)] == [302] + 8 * [
        503
    ]
    assert join(house, peer="198.51.100.2")["line"] == 0
    house.close()


def at_workers(house: House, *told: Present | Audience) -> None:
    """Edge workers tell these, in this order."""
    for value in told:
        if isinstance(value, Present):
            house.rooms.tickets.take(value)
        else:
            house.directory.take_audience(value)


@pytest.mark.parametrize("how", ["is at both for a while", "stops"])
def test_nobodys_place_is_free_while_one_worker_counts_them_no_more_and_another_not_yet(
    house: House, how: str
) -> None:
    live(house)
    ids = b"".join(listener_of(join(house)["ticket"]) for _ in range(CAPACITY))
    place = join(house)["place"]
    gone = Present(worker=0, number=2, everybody=how == "stops", came={}, gone=b"" if how == "stops" else ids)
    at_workers(
        house,
        Audience(space=SPACE, worker=0, listeners=CAPACITY),
        Present(worker=0, number=1, everybody=True, came={SPACE: ids}),
        Present(worker=1, number=1, everybody=True, came={SPACE: ids}),
        Audience(space=SPACE, worker=1, listeners=0),
        gone,
        Audience(space=SPACE, worker=0, listeners=0),
    )
    house.wait(300)
    assert not join(house, place)["admitted"]
    at_workers(house, Audience(space=SPACE, worker=1, listeners=CAPACITY))
    house.wait(300)
    assert not join(house, place)["admitted"]


def test_whoever_stops_hearing_a_recording_takes_no_place_of_what_is_live(house: House) -> None:
    live(house)
    hear(house, *(join(house)["ticket"] for _ in range(CAPACITY - 1)))
    ids = b"".join(bytes([number]) * 8 for number in range(CAPACITY))
    at_workers(
        house,
        Present(worker=1, number=1, everybody=True, came={SpaceId("other22222/runrun22"): ids}),
        Present(worker=1, number=2, everybody=False, came={}, gone=ids),
    )
    house.wait(100)
    assert join(house)["admitted"]


def test_whoever_brings_a_used_place_and_comes_into_the_last_one_fills_it(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=100))
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=CAPACITY))
    for _ in range(CAPACITY):
        join(house)
    place = join(house)["place"]
    leave(house)
    hear(house, join(house, place)["ticket"])
    hear(house)
    house.wait(70_000)
    for _ in range(CAPACITY - 1):
        join(house)
    house.wait(100)
    assert [join(house, place)["admitted"], join(house)["admitted"]] == [True, False]
    house.close()
