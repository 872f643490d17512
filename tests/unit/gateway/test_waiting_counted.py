"""Whose place is taken: those who listen, may be back in a moment, or hold a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.admission.passes import HEARER, LISTENER, PREVIEWER
from rostra.admission.room import Kind
from rostra.admission.tickets import BESIDE_AUDIENCE, Keyring, TicketKey, recording_of
from rostra.admission.tickets import check as check_ticket
from rostra.bus.messages import Audience, Lifecycle, Present, RecordingPolicy, SpaceOrder, Visibility
from rostra.core.ids import SpaceId

from .conftest import KEYS, NOW_S, RUN, SPACE, START_MS, House, Reply, a_pass, space_state
from .crowd import CAPACITY, JOIN, at_workers, hear, join, leave, listener_of, live, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


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


def test_while_the_bus_is_away_nobody_is_let_in_to_the_places_of_those_who_listen(house: House) -> None:
    live(house)
    tickets = [join(house)["ticket"] for _ in range(CAPACITY)]
    hear(house, *tickets)
    house.wait(110_000)
    told = join(house)
    assert (told["admitted"], told["called"]) == (False, False), "nobody has told that they are gone"
    hear(house, *tickets[1:])
    house.wait(60_000)
    assert join(house, told["place"])["admitted"]


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
        for leaf in ("radio.aac", "live.m3u8"):
            led = house.ask(f"/s/{SPACE}/{leaf}?pass={a_pass(HEARER, end_s=pass_s)}", peer="192.0.2.7")
            text = led.headers["location"].partition("/t/")[2].partition("/")[0]
            ticket = check_ticket(ring, text, space=SPACE, now_s=NOW_S + 2)
            assert (ticket.rank, ticket.end_s) == (BESIDE_AUDIENCE, pass_s)
        assert (room(house), house.rooms.tickets.unused(SPACE)) == before
        for kind in (LISTENER, PREVIEWER):
            told = house.ask(f"{JOIN}?pass={a_pass(kind)}", method="POST", peer="192.0.2.7")
            assert not told.json()["admitted"]
    finally:
        house.close()


@pytest.mark.parametrize(
    ("lifecycle", "visibility"),
    [(Lifecycle.HELD, Visibility.PUBLIC), (Lifecycle.PUBLISHED, Visibility.PRIVATE)],
)
def test_a_recording_that_was_reported_is_open_for_as_long_as_it_may_be_heard(
    house: House, lifecycle: Lifecycle, visibility: Visibility
) -> None:
    policy = RecordingPolicy.HOLD if lifecycle is Lifecycle.HELD else RecordingPolicy.PUBLISH
    house.open(space_state(lifecycle, visibility=visibility, recording_policy=policy))
    pass_s = NOW_S + 900
    told = house.ask(f"/s/{SPACE}/status.json?pass={a_pass(HEARER, end_s=pass_s)}").json()
    text = told["replay"]["mp4"].partition("/t/")[2].partition("/")[0]
    ring = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
    assert check_ticket(ring, text, space=recording_of(SPACE, RUN), now_s=NOW_S).end_s == pass_s


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
