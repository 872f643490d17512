"""How many may come in: by order, by rung, by space."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.admission.capacity import FEW
from rostra.bus.messages import DoorOrder, Measured, SpaceOrder

from .conftest import SPACE, House
from .crowd import CAPACITY, join, leave, listen, live, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


def test_a_lowered_limit_puts_nobody_out_and_lets_nobody_in_until_there_is_room(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder())
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


def reason(house: House) -> str:
    listen(house, CAPACITY)
    told = room(house)
    assert told is not None
    return str(told["reason"])


def test_a_lowered_limit_is_the_reason_for_five_minutes_and_not_once_it_is_as_high_as_before(
    house: House,
) -> None:
    live(house)
    house.rooms.take_order(DoorOrder())
    listen(house, CAPACITY)
    join(house)
    assert reason(house) == ""
    house.rooms.take_order(DoorOrder(places=CAPACITY - 1))
    assert reason(house) == "limit_lowered"
    house.rooms.take_order(DoorOrder(places=CAPACITY))
    house.wait(4_000)
    assert reason(house) == ""
    house.rooms.take_order(DoorOrder(places=CAPACITY - 1))
    for _ in range(26):
        house.wait(10_000)
        assert reason(house) == "limit_lowered"
    house.wait(10_000)
    assert reason(house) == ""


def test_what_was_ordered_before_the_door_began_is_no_reason(house: House) -> None:
    live(house)
    listen(house, CAPACITY)
    house.rooms.take_order(DoorOrder(places=2))
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=1))
    join(house)
    assert reason(house) == ""


def test_a_lowered_limit_of_the_space_itself_is_the_reason_there(house: House) -> None:
    live(house)
    house.rooms.take_order(DoorOrder())
    listen(house, CAPACITY)
    join(house)
    for _ in range(3):
        house.wait(10_000)
        assert reason(house) == ""
    house.rooms.take_space_order(SpaceOrder(space=SPACE, places=3))
    assert reason(house) == "limit_lowered"


def test_a_machine_that_is_measured_to_carry_fewer_is_the_reason(tmp_path: Path) -> None:
    house = live(House(tmp_path))
    house.rooms.take_order(DoorOrder())
    cpu_ms = 0
    for each_us in (20, 20_000):
        for _ in range(8):
            cpu_ms += FEW * each_us * 5 // 1_000
            samples = (
                ("cpu_ms", cpu_ms, ""),
                ("writes_late_ms", cpu_ms, "320"),
                ("writes_late_ms", cpu_ms, "+Inf"),
            )
            house.rooms.load.take(Measured(worker=0, samples=samples))
            listen(house, FEW)
            house.wait(5_000)
    assert not join(house)["admitted"]
    house.clock.advance(ms=1_100)
    house.rooms.turn()
    told = room(house)
    assert told is not None
    assert told["places"] < FEW
    assert told["reason"] == "limit_lowered"
    house.close()
