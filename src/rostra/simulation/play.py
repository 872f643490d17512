"""Play a crowd to a room, tick by tick, and keep what happened to everyone. Decides nothing: admission does.

What is checked afterwards (:mod:`.report`) is kept here apart from what admission counts of itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostra.admission import draw, ladder, throttle
from rostra.admission.line import Numbers, Verdict
from rostra.admission.room import Kind, Places, Room
from rostra.simulation.crowd import NEVER, Crowd, delays, gather, ticks
from rostra.simulation.scenario import Scenario

SEED = 1
NOBODY = -1
AGAIN_TICKS = 20
"""Whoever is owed a place asks again after two seconds."""


@dataclass(slots=True)
class Course:
    """What happened: a row for everyone, and a row for every tick."""

    crowd: Crowd
    number: NDArray[np.int64]
    """In their line; NOBODY for whoever came straight in or got no answer."""
    told: NDArray[np.bool_]
    """Whether they got a ticket or a place."""
    called: NDArray[np.int32]
    """Tick of the first call; NOBODY before."""
    claimed: NDArray[np.int32]
    """Half tick of the first claim."""
    granted: NDArray[np.int32]
    """Half tick from which a place was theirs: held for them (the earlier half), or entered (the later)."""
    admitted: NDArray[np.int32]
    inside: NDArray[np.int32]
    places: NDArray[np.int32]
    waiting: NDArray[np.int32]
    over: NDArray[np.int32]
    """Admissions and calls of a tick beyond what its budget had free."""
    rung: NDArray[np.uint8]
    lapsed: int = 0
    reused: int = 0
    """Places given again: after a call that was not claimed, or after a listener left."""


def play(scenario: Scenario, *, seed: int = SEED) -> Course:
    """Play one scenario; the same seed gives the same course."""
    rng = np.random.default_rng(seed)
    crowd = gather(scenario, rng)
    return _Player(scenario, crowd, rng).run()


class _Player:
    def __init__(self, scenario: Scenario, crowd: Crowd, rng: np.random.Generator) -> None:
        self._scenario = scenario
        self._crowd = crowd
        self._rng = rng
        self._start = ticks(scenario.start_s)
        self._end = self._start + ticks(scenario.length_s)
        self._room = Room()
        size = len(crowd)
        self._owner = [np.full(size + 1, NOBODY, np.int64) for _ in Kind]
        """Who holds which number, by line."""
        self._claims: defaultdict[int, list[Numbers]] = defaultdict(list)
        self._leaving = np.zeros((2, self._end + 2), np.int64)
        """Listeners who leave at a tick: of reserved links, and all others."""
        self._inside = [0, 0]
        self._rate = 1_000.0
        self._asked = 0
        self._ladder = ladder.Ladder()
        self._unanswered: list[Numbers] = []
        self._course = Course(
            crowd=crowd,
            number=np.full(size, NOBODY, np.int64),
            told=np.zeros(size, bool),
            called=np.full(size, NOBODY, np.int32),
            claimed=np.full(size, NOBODY, np.int32),
            granted=np.full(size, NOBODY, np.int32),
            admitted=np.full(size, NOBODY, np.int32),
            inside=np.zeros(self._end, np.int32),
            places=np.zeros(self._end, np.int32),
            waiting=np.zeros(self._end, np.int32),
            over=np.zeros(self._end, np.int32),
            rung=np.zeros(self._end, np.uint8),
        )

    def run(self) -> Course:
        """Play all ticks."""
        bounds = np.searchsorted(self._crowd.tick, np.arange(self._end + 1))
        self._draw(np.arange(bounds[self._start], dtype=np.int64))
        for tick in range(self._start, self._end):
            self._tick(tick, np.arange(bounds[tick], bounds[tick + 1], dtype=np.int64))
        self._course.lapsed = sum(line.lapsed for line in self._room.lines)
        self._course.reused += self._course.lapsed
        return self._course

    def _draw(self, early: Numbers) -> None:
        """Deal numbers to all who were there before the start, each in their line."""
        for kind in Kind:
            mine = early[self._crowd.kind[early] == kind]
            # Ranks are HMACs of ids that nobody chose: as good as these, and a hundred times dearer.
            ranks = self._rng.integers(0, 2**64, len(mine), np.uint64)
            numbers = draw.deal(ranks)
            self._place(kind, mine[np.argsort(numbers, kind="stable")])

    def _place(self, kind: Kind, people: Numbers) -> None:
        """Give the next numbers of a line to these, in this order."""
        numbers = np.array(self._room[kind].enter(len(people)), np.int64)
        self._owner[kind][numbers] = people
        self._course.number[people] = numbers
        self._course.told[people] = True

    def _tick(self, tick: int, coming: Numbers) -> None:
        self._leave(tick)
        if self._door_away(tick):
            self._unanswered.append(coming)
        else:
            coming = np.concatenate([*self._unanswered, coming])
            self._unanswered = []
            self._turn(tick, coming)
        self._keep(tick)

    def _turn(self, tick: int, coming: Numbers) -> None:
        """What the door does in one tick; the places it gives away are held against what was free before."""
        places = self._places(tick)
        free = places.all - places.inside - places.inside_reserved - self._room.held
        self._room.age(tick)
        granted = 0
        for kind, numbers in zip(Kind, self._room.grant(tick, places), strict=True):
            self._course.granted[self._owner[kind][numbers]] = 2 * tick
            granted += len(numbers)
        held = self._room.held
        admitted = self._claim(tick, places) - (held - self._room.held)
        straight = self._arrive(tick, self._places(tick), coming)
        self._call(tick, self._places(tick, but=straight))
        self._course.over[tick] = max(0, granted + admitted + straight - max(0, free))

    def _leave(self, tick: int) -> None:
        for which in range(2):
            gone = int(self._leaving[which, tick])
            self._inside[which] -= gone
            self._course.reused += min(gone, self._room.waiting)

    def _places(self, tick: int, *, but: int = 0) -> Places:
        """What there is now; ``but``: joins of this tick that are spent already."""
        scenario = self._scenario
        edges = (each for each in scenario.away if not each.door)
        share = sum(each.share for each in edges if _during(each.at_s, each.for_s, tick))
        return Places(
            all=int(scenario.places * (1 - share)),
            reserved=scenario.reserved,
            inside=self._inside[1],
            inside_reserved=self._inside[0],
            joins=max(0, round(self._rate / 10) - but),
        )

    def _door_away(self, tick: int) -> bool:
        return any(each.door and _during(each.at_s, each.for_s, tick) for each in self._scenario.away)

    def _arrive(self, tick: int, places: Places, coming: Numbers) -> int:
        """Let in, or give a place to, all who come; return how many came straight in."""
        self._asked += len(coming)
        kinds = self._crowd.kind[coming]
        by_line = [coming[kinds == kind] for kind in Kind]
        straight = self._room.straight_in(places, [len(people) for people in by_line])
        for kind, people, count in zip(Kind, by_line, straight, strict=True):
            self._enter(tick, people[:count])
            self._course.told[people[:count]] = True
            self._place(kind, people[count:])
        return sum(straight)

    def _call(self, tick: int, places: Places) -> None:
        """Call the next, and plan when they will claim."""
        for kind, numbers in zip(Kind, self._room.call(tick, places), strict=True):
            people = self._owner[kind][numbers.start : numbers.stop]
            self._course.called[people] = tick
            self._plan(tick, people)

    def _plan(self, tick: int, people: Numbers) -> None:
        """When each of those called will claim: pages ask with jitter, locked phones minutes later."""
        index = self._crowd.delay[people]
        people, index = people[index != NEVER], index[index != NEVER]
        order = np.argsort(index, kind="stable")
        found, first = np.unique(index[order], return_index=True)
        for each, when in zip(
            np.split(people[order], first[1:]), tick + delays(found), strict=len(found) > 0
        ):
            self._claims[int(when)].append(each)

    def _claim(self, tick: int, places: Places) -> int:
        """Judge those who claim now; return how many came in."""
        people = np.concatenate(self._claims.pop(tick, [np.empty(0, np.int64)]))
        course = self._course
        fresh = people[course.claimed[people] == NOBODY]
        course.claimed[fresh] = 2 * tick + 1
        verdicts = self._room.claim(tick, places, self._crowd.kind[people], course.number[people])
        admitted = people[verdicts == Verdict.ADMITTED]
        self._enter(tick, admitted)
        owed = people[verdicts == Verdict.OWED]
        if len(owed):
            self._claims[tick + AGAIN_TICKS].append(owed)
        late = people[verdicts == Verdict.TOO_LATE]
        course.called[late] = course.claimed[late] = NOBODY
        for kind in Kind:
            self._place(kind, late[self._crowd.kind[late] == kind])
        return len(admitted)

    def _enter(self, tick: int, people: Numbers) -> None:
        course = self._course
        course.admitted[people] = tick
        sooner = course.granted[people] == NOBODY
        course.granted[people[sooner]] = 2 * tick + 1
        stay = ticks(self._scenario.stay_s)
        until = np.minimum(
            self._end + 1, tick + 1 + self._rng.exponential(stay, len(people)).astype(np.int64)
        )
        reserved = self._crowd.kind[people] == Kind.RESERVED
        for which, chosen in enumerate((reserved, ~reserved)):
            np.add.at(self._leaving[which], until[chosen], 1)
            self._inside[which] += int(chosen.sum())

    def _keep(self, tick: int) -> None:
        course, inside, places = self._course, sum(self._inside), self._places(tick).all
        course.inside[tick], course.places[tick], course.waiting[tick] = inside, places, self._room.waiting
        signs = ladder.Signs(used=inside / max(1, places), late_share=0.0)
        self._ladder = ladder.step(self._ladder, signs)
        course.rung[tick] = self._ladder.at
        if tick % throttle.INTERVAL_TICKS == 0:
            wanted = self._asked + sum(line.wanted for line in self._room.lines)
            wait_ms = (
                1_000 * max(0, self._asked - self._scenario.joins_per_s / 2) / self._scenario.joins_per_s
            )
            pressure = throttle.Pressure(least_wait_ms=wait_ms, late_share=0.0, asked=wanted)
            self._rate = throttle.next_rate(
                self._rate, pressure, throttle.Rates(most=self._scenario.joins_per_s)
            )
            self._asked = 0


def _during(at_s: float, for_s: float, tick: int) -> bool:
    return ticks(at_s) <= tick < ticks(at_s + for_s)
