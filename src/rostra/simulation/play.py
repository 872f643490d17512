"""Play a crowd to a room, tick by tick, and keep what happened to everyone. Decides nothing: admission does.

The door knows what it can know (:mod:`.audience`), and after it died what its journal says. What is checked
afterwards (:mod:`.report`) is kept here apart from what admission counts of itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission import draw, ladder, opening, throttle
from rostra.admission.call_pace import CallPace
from rostra.admission.capacity import MOST_LATE
from rostra.admission.line import CLAIM_TICKS, Numbers, Verdict
from rostra.admission.opening import Opening
from rostra.admission.outlook import Outlook
from rostra.admission.polling import SOON_MS
from rostra.admission.room import Kind, Places, Room
from rostra.simulation.audience import Audience
from rostra.simulation.crowd import Crowd, by_tick, gather, ticks
from rostra.simulation.edge import MEASURE_TICKS, Edge, is_away, is_back
from rostra.simulation.pages import Pages
from rostra.simulation.scenario import Scenario

SEED: Final = 1
NOBODY: Final = -1
RETRY_TICKS: Final = 50
"""Whoever found the door away asks again within five seconds of its return."""
SETTLE_TICKS: Final = 30
"""A door that starts anew lets nobody in for so long."""


@dataclass(slots=True)
class Course:
    """What happened: a row for everyone, and a row for every tick."""

    crowd: Crowd
    came: NDArray[np.int32]
    """Tick of coming to the door, the last time."""
    number: NDArray[np.int64]
    """In their line; NOBODY for whoever came straight in or got no answer."""
    told: NDArray[np.bool_]
    """Whether they got a ticket, or a place that is theirs to the end and was not refused once called."""
    called: NDArray[np.int32]
    """Tick of the first call of that number; NOBODY before."""
    claimed: NDArray[np.int32]
    """Half tick of its first claim."""
    waits: NDArray[np.int32]
    """Half tick from which its owner waits for a place: that, or when one that was held for them was lost."""
    granted: NDArray[np.int32]
    """Half tick from which a place was theirs: held for them (the earlier half), or entered (the later)."""
    admitted: NDArray[np.int32]
    """Tick of the last admission; NOBODY before."""
    inside: NDArray[np.int32]
    """In truth."""
    places: NDArray[np.int32]
    waiting: NDArray[np.int32]
    over: NDArray[np.int32]
    """Admissions of a tick beyond what its budget had free."""
    rung: NDArray[np.uint8]
    lapsed: int = 0
    reused: int = 0
    """Places given again: after a call that was not claimed, or after a listener left."""
    resumed: int = 0
    """How often somebody came back with the ticket that they had."""
    again: int = 0
    """How often somebody came to the door again who had been in."""
    told_when: int = 0
    """How often somebody was told when an empty place is theirs."""
    in_vain: int = 0
    """After how many of these they came and were not called yet."""


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
        self._audience = Audience(scenario, self._end, rng)
        self._room = Room()
        self._calls = CallPace()
        self._outlook = Outlook(self._room, self._calls)
        self._pages = Pages(crowd, self._end, rng)
        size = len(crowd)
        self._owner = [np.full(size + 1, NOBODY, np.int64) for _ in Kind]
        """Who holds which number, by line."""
        self._waits = np.zeros(size, bool)
        """Who has a number and was not let in by it."""
        self._dropped = np.zeros(size, bool)
        """Whose claim was refused though their number had been called."""
        self._given = [0 for _ in Kind]
        """As the journal has it: numbers below may have been given out."""
        self._called = [0 for _ in Kind]
        """As the journal has it: numbers below were called."""
        self._let_in: list[list[Numbers]] = [[] for _ in Kind]
        """As the journal has it: numbers that were let in."""
        self._owed = np.zeros(size, bool)
        """As the journal has it: who claimed and found no place."""
        self._serving = np.zeros((len(Kind), self._end), np.int64)
        """As the journal has it, by tick."""
        self._seen = self._start
        """Tick in which the door was there last."""
        self._claims: defaultdict[int, list[Numbers]] = defaultdict(list)
        self._returns: defaultdict[int, list[Numbers]] = defaultdict(list)
        self._unanswered: list[Numbers] = []
        self._settled = 0
        self._edge = Edge(scenario, rng)
        self._limit = opening.standing(self._edge.places(self._start))
        self._rate = throttle.FIRST_RATE
        self._asked = 0
        self._ladder = ladder.Ladder()
        self._course = Course(
            crowd=crowd,
            came=crowd.tick.copy(),
            number=np.full(size, NOBODY, np.int64),
            told=np.zeros(size, bool),
            called=np.full(size, NOBODY, np.int32),
            claimed=np.full(size, NOBODY, np.int32),
            waits=np.full(size, NOBODY, np.int32),
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
        self._course.lapsed += sum(line.lapsed for line in self._room.lines)
        self._course.reused += self._course.lapsed
        self._course.resumed = self._audience.resumed
        self._course.told_when, self._course.in_vain = self._pages.told_when, self._pages.in_vain
        self._course.told &= ~self._dropped & ~self._lost()
        return self._course

    def _lost(self) -> NDArray[np.bool_]:
        """Who waits by a number that the line does not know, or that somebody else has too."""
        found = np.zeros(len(self._crowd), bool)
        for kind in Kind:
            mine = np.flatnonzero(self._waits & (self._crowd.kind == kind))
            numbers = self._course.number[mine]
            known = numbers < self._room[kind].entered
            found[mine] = ~known | (self._owner[kind][numbers] != mine)
        return found

    def _draw(self, early: Numbers) -> None:
        """Deal numbers to all who were there before the start, each in their line."""
        for kind in Kind:
            mine = early[self._crowd.kind[early] == kind]
            # Ranks are HMACs of ids that nobody chose: as good as these, and a hundred times dearer.
            ranks = self._rng.integers(0, 2**64, len(mine), np.uint64)
            numbers = draw.deal(ranks)
            self._place(kind, mine[np.argsort(numbers, kind="stable")])
        entries = int((self._crowd.kind[early] != Kind.RESERVED).sum())
        self._schedule(self._claims, *self._pages.start(self._start, early, entries=entries))

    def _place(self, kind: Kind, people: Numbers) -> None:
        """Give the next numbers of a line to these, in this order."""
        if not len(people):
            return
        numbers = np.array(self._room[kind].enter(len(people)), np.int64)
        more = self._room[kind].entered - len(self._owner[kind])
        if more > 0:
            grown = np.full(more + len(self._owner[kind]) // 8, NOBODY, np.int64)
            self._owner[kind] = np.concatenate([self._owner[kind], grown])
        self._owner[kind][numbers] = people
        self._given[kind] = self._room[kind].entered
        self._pages.wait(people[~self._waits[people]])
        self._waits[people] = True
        self._course.number[people] = numbers
        self._course.told[people] = True

    def _tick(self, tick: int, coming: Numbers) -> None:
        left = self._audience.step(tick)
        self._course.reused += min(left, self._room.waiting)
        for each in self._scenario.away:
            if not each.door and tick == ticks(each.at_s):
                self._audience.lose(tick, each.share)
        if any(each.door and is_away(each, tick) for each in self._scenario.away):
            self._put_off(tick, coming)
        else:
            if any(each.door and is_back(each, tick) for each in self._scenario.away):
                self._start_anew(tick)
            coming = np.concatenate([*self._unanswered, coming, self._again(tick)])
            self._unanswered = []
            self._turn(tick, coming)
            self._pace(tick)
            self._seen = tick
        self._keep(tick)

    def _put_off(self, tick: int, coming: Numbers) -> None:
        """Nobody answers: pages try again."""
        self._unanswered.append(coming)
        claiming = self._claims.pop(tick, [])
        for people in claiming:
            later = tick + 1 + self._rng.integers(0, RETRY_TICKS, len(people))
            self._schedule(self._claims, people, later)
        self._returns[tick + 1] += self._returns.pop(tick, [])

    def _start_anew(self, tick: int) -> None:
        """The door is killed and goes on from its journal."""
        before, self._room = self._room, Room()
        self._calls = CallPace()
        self._outlook = Outlook(self._room, self._calls)
        for kind in Kind:
            let_in = np.concatenate([np.empty(0, np.int64), *self._let_in[kind]])
            owed = np.flatnonzero(self._owed & (self._crowd.kind == kind))
            self._room[kind].skip(
                tick,
                self._given[kind],
                self._called[kind],
                since=int(self._serving[kind, max(0, self._seen - CLAIM_TICKS - 1)]),
                owed=self._course.number[owed].tolist(),
                inside=let_in.tolist(),
            )
            self._course.lapsed += before[kind].lapsed
        promised = (self._course.admitted == NOBODY) & (self._course.granted != NOBODY)
        self._course.granted[promised] = NOBODY  # What was held for them is held no longer.
        self._course.waits[promised] = 2 * tick
        self._audience.forget(tick)
        self._settled = tick + SETTLE_TICKS
        self._limit = opening.standing(self._edge.places(tick))
        self._ladder, self._asked = ladder.resume(self._ladder.rung.name), 0

    def _turn(self, tick: int, coming: Numbers) -> None:
        """What the door does in one tick; the places it gives away are held against what was free before."""
        places = self._places(tick)
        reserved, others = map(int, self._audience.counted)
        free = replace(places, inside=others, inside_reserved=reserved).left - self._room.held
        self._room.age(tick)
        self._calls.pass_to(tick)
        self._outlook.look(tick, places, poll_ms=self._pages.poll_ms)
        claiming = _joined(self._claims.pop(tick, []))
        self._asked += len(coming) + len(claiming)
        self._pages.join(len(coming) + len(claiming))
        granted = 0
        for kind, numbers in zip(Kind, self._room.grant(tick, places), strict=True):
            self._course.granted[self._owner[kind][numbers]] = 2 * tick
            granted += len(numbers)
        held = self._room.held
        admitted = self._claim(tick, places, claiming) - (held - self._room.held)
        straight = self._arrive(tick, self._places(tick), coming)
        self._call(tick, self._places(tick, but=straight))
        self._course.over[tick] = max(0, granted + admitted + straight - max(0, free))

    def _places(self, tick: int, *, but: int = 0) -> Places:
        """What the door knows now; ``but``: joins of this tick that are spent already."""
        reserved, others = map(int, self._audience.known)
        return Places(
            all=self._limit.limit,
            reserved=self._scenario.reserved,
            inside=others,
            inside_reserved=reserved,
            joins=max(0, round(self._rate / 10) - but),
            resuming=self._audience.kept(tick),
            closed=self._ladder.rung.closed or tick < self._settled,
        )

    def _again(self, tick: int) -> Numbers:
        """Those come to the door again who had been in: with a used place, or as at first."""
        people = _joined(self._returns.pop(tick, []))
        numbered = self._course.number[people] != NOBODY
        bare: Numbers = people[~numbered]
        self._course.again += len(people)
        self._course.came[people] = tick
        self._claims[tick].append(people[numbered])
        self._forget(bare)
        return bare

    def _forget(self, people: Numbers) -> None:
        """These stand where newcomers stand."""
        course = self._course
        course.called[people] = course.claimed[people] = course.granted[people] = NOBODY

    def _arrive(self, tick: int, places: Places, coming: Numbers) -> int:
        """Let in, or give a place to, all who come; return how many came straight in."""
        kinds = self._crowd.kind[coming]
        by_line = [coming[kinds == kind] for kind in Kind]
        straight, came = self._room.straight_in(places), 0
        for kind, people in zip(Kind, by_line, strict=True):
            count = straight.take(kind, len(people))
            self._enter(tick, people[:count])
            self._course.told[people[:count]] = True
            if kind is not Kind.RESERVED:
                self._outlook.fill(count)
            self._place(kind, people[count:])
            self._answer(tick, kind, people[count:])
            came += count
        return came

    def _answer(self, tick: int, kind: Kind, people: Numbers, *, least_ms: int = 0) -> None:
        """Tell these, who are not called yet, when to come again."""
        if not len(people):
            return
        numbers = self._course.number[people]
        told = self._pages.answer(
            tick, self._outlook, kind, people, numbers, joins_per_s=self._rate, least_ms=least_ms
        )
        self._schedule(self._claims, *told)

    def _call(self, tick: int, places: Places) -> None:
        """Call the next, and plan when they will claim."""
        calls = self._room.call(tick, places)
        self._outlook.fill(self._calls.add(tick, [len(numbers) for numbers in calls]))
        for kind, numbers in zip(Kind, calls, strict=True):
            if not numbers:
                continue
            self._called[kind] = numbers.stop
            called = np.arange(numbers.start, numbers.stop, dtype=np.int64)
            people = self._owner[kind][called]
            self._course.called[people] = tick
            self._schedule(self._claims, *self._pages.call(tick, kind, people, called))

    @staticmethod
    def _schedule(into: defaultdict[int, list[Numbers]], people: Numbers, at: NDArray[np.integer]) -> None:
        """Have each of these do something at their tick."""
        for when, some in by_tick(people, at):
            into[when].append(some)

    def _claim(self, tick: int, places: Places, people: Numbers) -> int:
        """Judge those who claim now; return how many came in."""
        if not len(people):
            return 0
        course, kinds = self._course, self._crowd.kind[people]
        is_called = course.called[people] != NOBODY
        fresh = people[is_called & (course.claimed[people] == NOBODY)]
        course.claimed[fresh] = course.waits[fresh] = 2 * tick + 1
        verdicts = self._room.claim(tick, places, kinds, course.number[people])
        admitted = people[verdicts == Verdict.ADMITTED]
        for kind in Kind:
            self._let_in[kind].append(course.number[admitted[self._crowd.kind[admitted] == kind]])
        self._enter(tick, admitted)
        owed = people[verdicts == Verdict.OWED]
        self._owed[admitted], self._owed[owed] = False, True
        self._schedule(self._claims, owed, self._pages.owe(tick, owed))
        self._dropped[people[is_called & (verdicts == Verdict.NOT_YET)]] = True
        early = ~is_called & (verdicts == Verdict.NOT_YET)
        self._pages.come(people, early=early)
        late = (verdicts == Verdict.TOO_LATE) | (verdicts == Verdict.USED)
        self._forget(people[late])
        for kind in Kind if early.any() or late.any() else ():
            self._answer(tick, kind, people[early & (kinds == kind)], least_ms=SOON_MS)
            again = people[late & (kinds == kind)]
            self._place(kind, again)
            self._answer(tick, kind, again)
        return len(admitted)

    def _enter(self, tick: int, people: Numbers) -> None:
        if not len(people):
            return
        course = self._course
        self._pages.leave(people[self._waits[people]])
        self._waits[people] = False
        course.admitted[people] = tick
        sooner = course.granted[people] == NOBODY
        course.granted[people[sooner]] = 2 * tick + 1
        back = self._audience.enter(tick, self._crowd.kind[people] == Kind.RESERVED)
        comes = (back != NOBODY) & (back < self._end)
        self._schedule(self._returns, people[comes], back[comes])

    def _pace(self, tick: int) -> None:
        """Let limit, ladder and rate follow what was seen."""
        known = int(self._audience.known.sum())
        self._edge.measure(tick, known, self._audience.inside, self._ladder.at)
        self._limit = self._followed(tick)
        signs = self._edge.signs(tick, known, self._audience.inside)
        was_closed, self._ladder = self._ladder.rung.closed, ladder.step(self._ladder, signs)
        if was_closed and not self._ladder.rung.closed:
            begun = opening.standing(min(known, self._limit.limit))
            self._limit = opening.towards(begun, self._limit.to, tick)
        if tick % throttle.INTERVAL_TICKS or (signs.late_share > MOST_LATE and tick % MEASURE_TICKS):
            return
        wanted = self._asked + sum(line.wanted for line in self._room.lines)
        most = self._scenario.joins_per_s
        queued = max(0, self._asked - round(most / 2))
        wait_ms = throttle.wait_ms(queued, round(most), 1_000)
        pressure = throttle.Pressure(least_wait_ms=wait_ms, late_share=signs.late_share, asked=wanted)
        self._rate = throttle.next_rate(self._rate, pressure, throttle.Rates(most=most))
        self._asked = 0

    def _followed(self, tick: int) -> Opening:
        """The limit once a tick has passed: what is measured holds at once, what is set opens in steps."""
        places = self._edge.places(tick)
        if self._scenario.dearness:
            return opening.standing(places)
        return opening.after(opening.towards(self._limit, places, tick), tick)

    def _keep(self, tick: int) -> None:
        course = self._course
        self._serving[:, tick] = [line.serving for line in self._room.lines]
        self._pages.keep(tick, self._outlook)
        course.inside[tick], course.places[tick] = self._audience.inside, self._limit.limit
        course.waiting[tick], course.rung[tick] = self._room.waiting, self._ladder.at


def _joined(some: list[Numbers]) -> Numbers:
    return np.concatenate(some) if some else np.empty(0, np.int64)
