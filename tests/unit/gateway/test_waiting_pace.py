"""How fast people are called, and what they are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.admission.capacity import FEW
from rostra.admission.room import Kind
from rostra.admission.throttle import FIRST_RATE
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, Measured

from .conftest import SPACE, House, space_state
from .crowd import CAPACITY, hear, join, leave, listen, live, room, small_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from small_door(tmp_path)


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


def test_where_pages_ask_once_a_minute_whoever_is_called_within_two_asks_every_eight_seconds(
    tmp_path: Path,
) -> None:
    house = live(House(tmp_path, capacity=200, poll_rate=1, entries_per_prefix=10_000))
    listen(house, 200)
    for _ in range(10_000):
        join(house)
    for seconds in range(90):
        listen(house, 200 - seconds // 6)
        house.wait(1_000)
        for _ in range(3):
            house.ask(f"/s/{SPACE}/status.json")
    told = house.ask(f"/s/{SPACE}/status.json").json()
    assert told["poll_ms"] == 60_000
    near, serving, per_s = (told["room"][name][0] for name in ("near", "serving", "per_s"))
    assert near - serving > 50 * per_s > 0
    house.close()


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


def test_late_audio_that_slows_joins_is_the_reason_while_places_are_free(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=30_000, entries_per_prefix=10_000))

    def measure(cpu_ms: int, late: int) -> None:
        writes = 1_000 * cpu_ms
        samples = (
            ("cpu_ms", cpu_ms, ""),
            ("writes_late_ms", writes - late, "320"),
            ("writes_late_ms", writes, "+Inf"),
        )
        house.rooms.load.take(Measured(worker=0, samples=samples))

    listen(house, 10 * FEW)
    measure(1, 0)
    house.wait(5_000)
    for _ in range(3_000):
        join(house)
    before = room(house)
    measure(2, 500)
    listen(house, 10 * FEW)
    house.wait(600)
    slowed = room(house)
    assert before is not None
    assert slowed is not None
    assert (before["reason"], slowed["reason"]) == ("", "late_audio")
    assert slowed["empty"] > slowed["waiting"] > 0
    house.close()


def test_where_all_fit_whoever_waits_for_the_rate_is_told_so_and_counted_apart(tmp_path: Path) -> None:
    house = live(House(tmp_path, capacity=2_000, entries_per_prefix=10_000))
    answers = [join(house) for _ in range(2_500)]
    at_once = [each for each in answers if each["admitted"]]
    behind = [each["reason"] for each in answers if not each["admitted"]]
    assert len(at_once) == FIRST_RATE / 4
    fit = 2_000 - len(at_once)
    assert behind == ["pace"] * fit + ["full"] * (len(behind) - fit)
    assert dict(house.rooms.report(0).refused) == {"pace": fit, "full": len(behind) - fit}
    house.close()


def test_the_last_place_that_is_taken_at_once_leaves_none_for_whoever_comes_next(house: House) -> None:
    live(house)
    answers = [join(house) for _ in range(CAPACITY + 1)]
    assert [each["admitted"] for each in answers] == [True] * CAPACITY + [False]
    assert answers[-1]["reason"] == "full"
