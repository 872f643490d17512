"""What operators order: limits that open in steps, reserved links, a quiet rung."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rostra.admission.reserved import Reserved, sign
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, Present, Removed, SpaceOrder

from .conftest import SPACE, START_MS, House, Reply, space_state

KEY, PRESS, FAMILY = b"k" * 32, b"press-22", b"family-2"
CAPACITY = 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A door that may let five in."""
    house = House(tmp_path, capacity=CAPACITY)
    yield house
    house.close()


def live(house: House) -> House:
    return house.open(space_state(Lifecycle.LIVE, starts_at=START_MS - 3_600_000))


def order(house: House, *links: bytes, reserved: int = 2) -> None:
    house.rooms.take_space_order(SpaceOrder(space=SPACE, reserved=reserved, key=KEY, links=links))
    house.wait()


def test_what_was_ordered_is_the_least_of_what_site_and_space_were_given(house: House) -> None:
    orders = live(house).rooms.orders
    assert orders.ordered(SPACE) is None, "the setting is nobody's order"
    house.rooms.take_order(DoorOrder(places=70))
    assert orders.ordered(SPACE) == 70
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=0))
    assert orders.ordered(SPACE) == 0
    house.rooms.take_space_order(SpaceOrder(space=SPACE))
    house.rooms.take_order(DoorOrder())
    assert orders.ordered(SPACE) is None


def link(name: bytes = PRESS, places: int = 2) -> str:
    return sign(KEY, Reserved(SPACE, name, places))


def join(house: House, **body: str) -> dict[str, Any]:
    exchange = house.ask_later(f"/s/{SPACE}/join", json.dumps(body).encode())
    if not exchange.sent:
        house.wait()
    answer = Reply.parse(exchange.sent[0])
    assert answer.status == 200
    return dict(answer.json())


def status(house: House) -> dict[str, Any]:
    house.clock.advance(ms=1_100)  # the status is kept for a second
    house.rooms.turn()
    return dict(house.ask(f"/s/{SPACE}/status.json").json())


def test_a_raised_limit_is_announced_then_opens_step_by_step(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=0))
    house.rooms.take_order(DoorOrder(places=1_000))
    assert not join(house)["admitted"]
    room = status(house)["room"]
    assert (room["places"], room["opening"]) == (0, 1_000)
    house.wait(2_500)
    room = status(house)["room"]
    assert (room["places"], room["opening"]) == (200, 800)
    house.wait(15_000)
    assert house.rooms.report(0).places == 1_000


def test_places_in_which_somebody_is_are_not_told_to_be_opening(house: House) -> None:
    live(house)
    for _ in range(CAPACITY):
        assert join(house)["admitted"]
    house.rooms.take_order(DoorOrder(places=0))
    house.rooms.take_order(DoorOrder(places=CAPACITY))
    assert status(house)["room"] is None, "nobody else comes in by that"
    house.rooms.take_order(DoorOrder(places=0))
    house.rooms.take_order(DoorOrder(places=CAPACITY + 200))
    assert status(house)["room"]["opening"] == 200


def test_what_was_ordered_before_the_door_began_holds_at_once(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=3_000))
    house.wait()
    assert house.rooms.report(0).places == 3_000


def test_operators_read_before_the_start_how_many_places_are_set_apart(house: House) -> None:
    house.open(space_state())
    order(house, PRESS)
    assert not join(house)["admitted"]
    house.wait()
    (crowd,) = house.rooms.report(0).spaces
    assert (crowd.reserved, crowd.reserved_inside, crowd.waiting) == (2, 0, 1)


def test_a_limit_of_one_space_opens_in_steps_and_leaves_the_others(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=5_000))
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=10))
    house.wait()
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=1_010))
    assert status(house)["room"]["opening"] == 1_000
    house.wait(20_000)
    assert house.rooms.orders.at_most(SPACE) == 1_010
    house.rooms.take_space_order(SpaceOrder(space=SPACE))
    house.wait(20_000)
    assert house.rooms.orders.at_most(SPACE) is None


def test_places_set_apart_are_kept_for_those_with_links_and_shown_as_a_count(house: House) -> None:
    live(house)
    order(house, PRESS)
    assert [join(house)["admitted"] for _ in range(4)] == [True, True, True, False]
    assert join(house, reserved=link())["admitted"]
    assert status(house)["room"]["reserved"] == {"places": 2, "inside": 1}


def test_a_link_gives_no_more_places_than_it_holds(house: House) -> None:
    live(house)
    order(house, PRESS, FAMILY)
    for _ in range(3):
        join(house)
    shared = [join(house, reserved=link(PRESS, 1)) for _ in range(3)]
    assert [each["admitted"] for each in shared] == [True, False, False]
    assert {each["line"] for each in shared[1:]} == {0}
    assert join(house, reserved=link(FAMILY, 1))["admitted"]


def test_whoever_comes_by_a_link_whose_places_are_taken_is_told_so_when_they_come_and_whenever_they_ask(
    house: House,
) -> None:
    live(house)
    order(house, PRESS)
    for _ in range(3):
        join(house)
    assert "link_places" not in join(house), "without a link there is nothing to tell of it"
    assert join(house, reserved=link(PRESS, 2))["admitted"]
    assert join(house, reserved=link(PRESS, 2))["admitted"]
    late = join(house, reserved=link(PRESS, 2))
    assert (late["line"], late["link_places"]) == (0, 2)
    assert join(house, place=late["place"], reserved=link(PRESS, 2))["link_places"] == 2
    order(house, FAMILY)
    assert join(house, place=late["place"], reserved=link(PRESS, 2))["link_places"] == 0, "taken back"


def test_before_the_start_whoever_waits_by_a_link_is_not_told_that_its_places_are_taken(house: House) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    order(house, PRESS)
    first, second = (join(house, reserved=link(PRESS, 1)) for _ in range(2))
    assert [(each["line"], each["link_places"]) for each in (first, second)] == [(2, 0), (0, 1)]
    assert join(house, place=first["place"], reserved=link(PRESS, 1))["link_places"] == 0


def test_before_the_start_a_link_gives_a_place_in_its_own_line_over_a_crash(
    house: House, tmp_path: Path
) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    order(house, PRESS)
    first = join(house, reserved=link(PRESS, 1))
    assert (first["line"], first["number"]) == (2, 0)
    house.close()
    again = House(tmp_path, capacity=CAPACITY)
    again.clock.advance(ms=300_000)
    again.open(space_state(Lifecycle.SCHEDULED))
    order(again, PRESS)
    assert join(again, reserved=link(PRESS, 1))["line"] == 0, "its one place is given"
    again.open(space_state(Lifecycle.LIVE, revision=4))
    again.wait(1_000)
    assert join(again, place=first["place"])["admitted"]
    assert status(again)["room"]["reserved"]["inside"] == 1
    again.close()


def test_before_the_start_whoever_waits_by_a_link_is_counted_with_all_who_wait(house: House) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    order(house, PRESS)
    join(house)
    for _ in range(2):
        assert join(house, reserved=link())["line"] == 2
    assert status(house)["room"]["waiting"] == 3


def test_a_link_that_was_taken_back_counts_no_more(house: House) -> None:
    house.open(space_state(Lifecycle.SCHEDULED))
    order(house, PRESS)
    held = join(house, reserved=link())
    order(house)
    assert join(house, reserved=link())["line"] == 0
    assert join(house, place=held["place"], reserved=link())["line"] == 0
    assert status(house)["room"]["entries"] == 2


def inside_by_link(house: House) -> int:
    return int(status(house)["room"]["reserved"]["inside"])


@pytest.fixture
def absent(house: House) -> str:
    """The place of somebody who came by a link for one before the start, and was away when it was called."""
    house.open(space_state(Lifecycle.SCHEDULED))
    order(house, PRESS)
    place = join(house, reserved=link(PRESS, 1))["place"]
    house.open(space_state(Lifecycle.LIVE, revision=4))
    house.wait(1_000)
    return str(place)


def pass_minutes(house: House, count: int) -> None:
    for _ in range(count):
        house.clock.advance(ms=60_000)
        house.rooms.turn()


@pytest.mark.usefixtures("absent")
def test_a_place_whose_owner_stays_away_goes_to_the_next_who_come_by_its_link(house: House) -> None:
    pass_minutes(house, 30)
    join(house, reserved=link(PRESS, 1))
    assert inside_by_link(house) == 0, "its owner may still be back"
    pass_minutes(house, 2)
    assert join(house, reserved=link(PRESS, 1))["admitted"]
    assert inside_by_link(house) == 1
    join(house, reserved=link(PRESS, 1))
    assert inside_by_link(house) == 1


def test_whoever_comes_back_to_a_place_by_a_link_too_late_finds_the_link_free(
    house: House, absent: str
) -> None:
    pass_minutes(house, 32)
    assert join(house, place=absent, reserved=link(PRESS, 1))["admitted"]
    assert inside_by_link(house) == 1


@pytest.mark.parametrize("text", ["", "nonsense", sign(b"n" * 32, Reserved(SPACE, PRESS, 2))])
def test_whatever_the_space_did_not_sign_is_passed_over(house: House, text: str) -> None:
    live(house)
    order(house, PRESS)
    for _ in range(3):
        join(house)
    assert join(house, reserved=text)["line"] == 0


def test_on_a_quiet_rung_counts_are_told_in_two_digits(house: House) -> None:
    live(house)
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=1_234))
    assert (status(house)["listeners"], status(house)["estimated"]) == (1_234, False)
    house.rooms.take_order(DoorOrder(rung="quiet"))
    told = status(house)
    assert (told["listeners"], told["estimated"], told["room"]["rung"]) == (1_200, True, "quiet")
    assert house.rooms.is_quiet


def test_after_a_closed_door_places_open_from_those_inside_on(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=1_000, rung="door"))
    house.wait()
    assert not join(house)["admitted"]
    house.rooms.take_order(DoorOrder(places=1_000, rung="ground"))
    house.wait()
    assert house.rooms.report(0).places == 0
    house.wait(4_000)
    assert house.rooms.report(0).places == 200


def test_after_the_worst_case_places_open_from_its_number_on(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=400, rung="worst"))
    house.wait()
    house.rooms.take_order(DoorOrder(places=1_400))
    house.wait()
    assert house.rooms.report(0).places == 400
    assert house.rooms.report(0).rung == "quiet"
    house.wait(4_000)
    assert house.rooms.report(0).places == 600


def test_a_conversation_that_is_hidden_and_shown_again_has_its_limit_and_its_links_still(
    house: House,
) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=3, reserved=2, key=KEY, links=(PRESS,)))
    join(house)
    house.directory.take_state(Removed(space=SPACE))
    house.wait()
    house.open(space_state(Lifecycle.LOBBY, revision=4))
    assert join(house, reserved=link())["line"] == 2
    assert house.rooms.orders.at_most(SPACE) == 3


def test_after_a_kill_the_door_is_closed_still_and_opens_step_by_step(house: House, tmp_path: Path) -> None:
    live(house)
    house.rooms.take_order(DoorOrder(places=1_000))
    house.wait(30_000)
    before = msgspec.structs.replace(house.rooms.report(0), rung="door", rate=700.0)
    again = live(House(tmp_path, capacity=CAPACITY))
    again.rooms.recall(before)
    again.rooms.take_order(DoorOrder(places=1_000))
    again.wait()
    assert not join(again)["admitted"]
    assert (status(again)["room"]["reason"], again.rooms.report(0).rate) == ("late_audio", 700.0)
    again.wait(60_000)
    assert again.rooms.report(0).rung == "quiet"
    assert again.rooms.report(0).places == 0
    again.wait(4_000)
    assert again.rooms.report(0).places == 200
    again.close()


def test_after_a_kill_a_link_admits_nobody_in_the_place_of_those_who_are_inside_by_it(
    house: House, tmp_path: Path
) -> None:
    def tell(door: House, *tickets: str) -> None:
        """These listen, the edge says."""
        ids = b"".join(base64.urlsafe_b64decode(each)[12:20] for each in tickets)
        door.rooms.tickets.take(Present(worker=0, number=1, everybody=True, came={SPACE: ids}))
        door.directory.take_audience(Audience(space=SPACE, worker=0, listeners=len(tickets)))
        door.wait()

    live(house)
    order(house, PRESS)
    ann, ben = (join(house, reserved=link())["ticket"] for _ in range(2))
    tell(house, ann, ben)
    again = live(House(tmp_path, capacity=CAPACITY))  # No close: the one before was killed.
    order(again, PRESS)
    assert join(again, reserved=link())["line"] == 0, "its two places are taken"
    tell(again, ann, ben)
    again.wait(4_000)
    assert status(again)["room"]["reserved"] == {"places": 2, "inside": 2}
    for _ in range(8):  # Ben has left meanwhile.
        tell(again, ann)
        again.wait(1_000)
    assert status(again)["room"]["reserved"] == {"places": 2, "inside": 1}
    third = live(House(tmp_path, capacity=CAPACITY))
    order(third, PRESS)
    assert third.rooms.of(third.directory.entry(SPACE)).inside_by_link.keys() == {
        base64.urlsafe_b64decode(ann)[12:20]
    }
    again.close()
    third.close()
