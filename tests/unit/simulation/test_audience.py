"""Who is inside as the door can know it: what the edge tells once a second, and the tickets it gave out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rostra.simulation.audience import RESUME_TICKS, TOLD_TICKS, Audience
from rostra.simulation.scenario import Scenario

STAYS = Scenario("stays", arrivals=1, places=1, drop=0, again=0, stay_s=1e6)
END = 20_000


def audience(scenario: Scenario = STAYS) -> Audience:
    return Audience(scenario, END, np.random.default_rng(1))


def others(count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.zeros(count, bool)


def known(of: Audience) -> list[int]:
    return of.known.tolist()


def test_a_ticket_fills_a_place_at_once_and_a_door_that_starts_anew_learns_of_it_from_the_edge() -> None:
    house = audience()
    house.step(5)
    house.enter(5, np.array([True, False, False]))
    assert (known(house), house.inside) == ([1, 2], 3)
    house.forget(5)
    assert (known(house), house.counted.tolist()) == ([0, 0], [1, 2])
    for tick in range(6, 6 + 2 * TOLD_TICKS):
        house.step(tick)
    assert known(house) == [1, 2]


def test_a_listener_who_left_fills_a_place_until_the_edge_has_told() -> None:
    house = audience(replace(STAYS, stay_s=30))
    house.enter(0, others(2_000))
    lags = []
    for tick in range(1, 400):
        house.step(tick)
        lags.append(sum(known(house)) - house.inside)
    assert min(lags) == 0
    assert 0 < max(lags) < 200
    assert lags[389] == 0, "the edge has just told"


def test_who_drops_out_resumes_with_the_ticket_within_five_minutes() -> None:
    house = audience(replace(STAYS, drop=1, stay_s=100))
    house.enter(0, others(1_000))
    for tick in range(1, END):
        house.step(tick)
    assert house.resumed > 900
    assert house.inside == 0


def test_listeners_of_an_edge_that_dies_are_soon_on_another() -> None:
    house = audience()
    house.enter(0, others(1_000))
    for tick in range(1, 101):
        house.step(tick)
    house.lose(100, 0.4)
    assert house.inside == 600
    for tick in range(101, 150):
        house.step(tick)
    assert (house.inside, house.resumed) == (1_000, 400)


def test_who_stays_away_too_long_for_the_ticket_stands_at_the_door_again() -> None:
    house = audience(replace(STAYS, again=1, stay_s=10))
    back = house.enter(0, others(50))
    assert (back > RESUME_TICKS).all()
    assert (audience().enter(0, others(50)) < 0).all()


def test_a_place_is_kept_for_who_drops_out_and_no_longer_once_they_are_back() -> None:
    house = audience()
    house.enter(0, others(1_000))
    for tick in range(1, 101):
        house.step(tick)
    assert house.kept(100) == 0
    house.lose(100, 0.4)
    assert house.kept(100) == 400
    for tick in range(101, 150):
        house.step(tick)
    assert house.kept(149) == 0
    house.lose(150, 0.4)
    house.forget(151)
    assert house.kept(151) == 0, "a door that starts anew does not know who was there"
