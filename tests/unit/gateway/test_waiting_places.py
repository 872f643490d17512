"""Places in line at the door: who gets which, what a place is worth, when it is asked for again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.admission.throttle import FIRST_RATE
from rostra.bus.messages import Lifecycle, Removed
from rostra.core.ids import SpaceId

from .conftest import SPACE, START_MS, House, Reply, space_state
from .crowd import CAPACITY, JOIN, hear, join, leave, listen, listener_of, live, restarted, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


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


def test_players_without_a_page_are_told_to_come_again(house: House) -> None:
    live(house)
    assert house.ask(f"/s/{SPACE}/radio.aac").status == 302
    for _ in range(CAPACITY - 1):
        join(house)
    full = house.ask(f"/s/{SPACE}/radio.aac")
    assert (full.status, full.json()["error"]["code"]) == (503, "room_full")
    assert "retry-after" in full.headers


def test_whoever_asks_for_the_head_of_a_radio_takes_no_place(house: House) -> None:
    live(house)
    for leaf in ("live.m3u8", "radio.aac"):
        heads = [house.ask(f"/s/{SPACE}/{leaf}", method="HEAD") for _ in range(CAPACITY + 1)]
        assert {head.status for head in heads} == {302}
        assert not any("location" in head.headers for head in heads), "none has a ticket that fills a place"
    assert house.rooms.tickets.unused(SPACE) == 0
    for _ in range(CAPACITY):
        assert join(house)["admitted"]
    assert house.ask(f"/s/{SPACE}/radio.aac", method="HEAD").status == 503


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


def test_whoever_waits_asks_as_seldom_as_many_open_pages_do(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=1, poll_rate=1, entries_per_prefix=1_000))
    join(house)
    first = join(house)["again_ms"]
    for _ in range(40):
        last = join(house)["again_ms"]
    assert first < 20_000 < last <= 60_000
    house.close()


def test_while_empty_places_are_filled_nobody_counts_as_near_whom_they_do_not_reach(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=1_000, poll_rate=100, entries_per_prefix=10_000))
    for _ in range(2_500):
        join(house, wait=False)
    house.wait(1_000)
    told = room(house)
    assert told is not None
    assert told["filling"]
    assert 30 * told["per_s"][0] > 2_000
    assert join(house)["again_ms"] > 8_000
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
    assert all(told[number] <= 8_000 for number in told if number < free)
    assert min(told[number] for number in told if number > free + 50) > 16_000
    house.close()


def test_whoever_an_empty_place_waits_for_is_told_when_they_are_called_and_comes_in_then(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=2_000, poll_rate=100, entries_per_prefix=10_000))
    for _ in range(int(FIRST_RATE)):
        join(house, wait=False)
    told = [each for each in (join(house) for _ in range(1_000)) if not each["admitted"]]
    due = [each for each in told if each["due"]]
    assert len(due) > 500
    assert all(each["again_ms"] <= 8_000 for each in due)
    by_number = sorted(due, key=lambda each: each["number"])
    assert by_number[-1]["again_ms"] > by_number[0]["again_ms"] + 300, "each in their turn"
    came = []
    for each in (by_number[0], by_number[-1]):
        house.wait(each["again_ms"] - (came[0] if came else 0))
        came.append(each["again_ms"])
        assert join(house, each["place"])["admitted"]
    house.close()


def test_the_second_line_is_told_no_moment_while_the_first_waits(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=2_000, entries_per_prefix=1))
    told = [join(house, peer=f"203.{at // 250}.{at % 250}.1") for at in range(600)]
    second = [join(house, peer="203.0.0.1") for _ in range(300)]
    waiting = [each for each in second if not each["admitted"]]
    assert any(each.get("due") for each in told)
    assert waiting
    assert all(each["line"] == 1 and not each["due"] for each in waiting)
    house.close()


def test_whoever_came_too_early_comes_again_after_two_seconds_at_least(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=2_000, poll_rate=100, entries_per_prefix=10_000))
    for _ in range(int(FIRST_RATE)):
        join(house, wait=False)
    due = [each for each in (join(house) for _ in range(500)) if not each["admitted"] and each["due"]]
    last = due[-1]
    assert not last["called"]
    again = join(house, last["place"])
    assert not again["admitted"]
    assert again["again_ms"] >= 2_000
    house.close()


def test_the_door_goes_on_in_the_moment_in_which_a_space_is_hidden(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=1))
    for _ in range(3):
        join(house)
    house.directory.take_state(Removed(space=SPACE, reason="It broke the rules."))
    assert house.rooms.report(0).spaces == ()
    house.close()


def test_nobody_is_told_a_moment_at_which_no_place_will_be_empty(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=10))
    for _ in range(30):
        join(house)
    assert not any(join(house)["due"] for _ in range(20))
    house.close()
