"""How many may come in: by order, by rung, by space."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.bus.messages import DoorOrder, SpaceOrder

from .conftest import SPACE, House
from .crowd import CAPACITY, join, leave, listen, live, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


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
