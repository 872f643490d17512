"""Open pages are counted from their questions alone, and told a pace that keeps the door's rate."""

from __future__ import annotations

import heapq
import random

from harness.clock import ManualClock
from rostra.admission.polling import LEAST_MS, MOST_MS, NEAR_MS
from rostra.gateway.askers import Askers

RATE = 50


class Crowd:
    """Pages that come back as ``web/src/door/pace.ts`` has them, on a clock that is moved for them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.askers = Askers(clock=self.clock, most_per_s=RATE)
        self._chance = random.Random(7)
        self._due: list[float] = []
        self._now_s = 0.0

    def open(self, pages: int, *, within_s: float) -> None:
        for _ in range(pages):
            heapq.heappush(self._due, self._now_s + within_s * self._chance.random())

    def wait(self, seconds: float) -> int:
        """Let time pass; return how many questions came."""
        until_s, questions = self._now_s + seconds, 0
        while self._due and self._due[0] <= until_s:
            due_s = heapq.heappop(self._due)
            self._move(due_s)
            told_s = self.askers.poll_ms / 1000
            self.askers.heard(self.askers.poll_ms)
            heapq.heappush(self._due, due_s + told_s * (0.7 + 0.3 * self._chance.random()))
            questions += 1
        self._move(until_s)
        return questions

    def leave(self) -> None:
        self._due.clear()

    def _move(self, to_s: float) -> None:
        self.clock.advance(ns=round(1e9 * max(0.0, to_s - self._now_s)))
        self._now_s = max(self._now_s, to_s)


def test_few_pages_are_told_to_ask_often() -> None:
    crowd = Crowd()
    crowd.open(50, within_s=2)
    crowd.wait(20)
    assert crowd.askers.poll_ms == LEAST_MS


def test_a_crowd_that_comes_at_once_is_soon_slowed_to_the_rate() -> None:
    crowd = Crowd()
    crowd.open(1_000, within_s=5)
    crowd.wait(60)
    assert 0.85 * RATE < crowd.wait(60) / 60 < 1.15 * RATE
    assert 0.85 < crowd.askers.poll_ms / (1000 * 1_000 / (0.85 * RATE)) < 1.15


def test_pages_that_were_closed_are_forgotten() -> None:
    crowd = Crowd()
    crowd.open(1_000, within_s=5)
    crowd.wait(60)
    crowd.leave()
    crowd.wait(MOST_MS / 1000)
    assert crowd.askers.poll_ms == LEAST_MS


def test_a_flood_of_questions_slows_pages_to_once_a_minute_and_no_further() -> None:
    crowd = Crowd()
    for _ in range(20_000):
        crowd.askers.heard(crowd.askers.poll_ms)
    assert crowd.askers.poll_ms == MOST_MS
    crowd.wait(10 * MOST_MS / 1000)
    assert crowd.askers.poll_ms == LEAST_MS


def test_a_crowd_that_joins_comes_back_after_those_who_still_come_and_then_at_the_rate() -> None:
    rate, arrivals, over_s, near = 200, 2_500, 10, 250
    clock, chance = ManualClock(), random.Random(7)
    askers = Askers(clock=clock, most_per_s=rate)
    due = [(over_s * each / arrivals, each, True) for each in range(arrivals)]
    asked, joined, now_s = [0] * 60, [0] * 60, 0.0
    while due and due[0][0] < 60:
        at_s, each, comes = heapq.heappop(due)
        clock.advance(ns=round(1e9 * (at_s - now_s)))
        now_s = at_s
        if comes:
            joined[int(at_s)] += 1
            askers.joined()
            told_ms = NEAR_MS if each < near else askers.first_ms()
        else:
            asked[int(at_s)] += 1
            told_ms = askers.poll_ms
        askers.heard(told_ms)
        heapq.heappush(due, (at_s + told_ms / 1000 * (0.7 + 0.3 * chance.random()), each, False))
    assert joined[:over_s] == [arrivals // over_s] * over_s, "more than the rate, all by themselves"
    assert max(asked[:over_s]) <= 0.6 * rate
    assert max(asked) <= 1.4 * rate
    assert 0.85 * rate <= sum(asked[40:]) / 20 <= 1.1 * rate
