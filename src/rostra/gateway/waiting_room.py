"""One space's waiting room at the door: entries, draw, numbers, claims, and what pages are told of it.

Holds the columns of :mod:`rostra.admission.room` and writes its journal ahead of them; decides nothing.
Before the start whoever enters is logged for the draw; after it they get the next number. Claims are gathered
and judged together, a few times a tick.

While the journal cannot be written, those who wait keep their places, who was called comes in, and who finds
nobody waiting comes straight in; but no new place is given, nobody is called, and no draw is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np

from rostra.admission.call_pace import CallPace
from rostra.admission.line import CLAIM_TICKS, TICK_MS, Line, Verdict
from rostra.admission.moving import Block, TakenIn
from rostra.admission.outlook import Outlook
from rostra.admission.places import Place
from rostra.admission.room import Kind, Places, Room, Straight
from rostra.admission.tickets import space_tag
from rostra.core.ids import SpaceId
from rostra.gateway.journal import Journal, Remembered
from rostra.gateway.numbers_ahead import NumbersAhead
from rostra.gateway.prefixes import Prefixes
from rostra.gateway.room_draw import RoomDraw
from rostra.gateway.room_status import RoomStatus, SetApart

LATELY_MS: Final = 2 * 60_000
"""For so long a ticket may be out and not be used: whoever was let in then may not have heard of it."""
MOST_CLAIMS: Final = 20_000
"""Claims that may wait for one judgement; beyond, they are told to ask again."""


class Entered(msgspec.Struct, frozen=True):
    """A new place, and before the draw its receipt."""

    place: Place
    index: int | None = None
    """Of the entry in the log."""
    server_nonce: bytes = b""


@dataclass(frozen=True, slots=True)
class _Claim:
    line: Kind
    number: int
    answer: Callable[[Verdict], None]


class WaitingRoom:
    """Of one space. Not thread-safe.

    What lasts is counted in ticks, which no clock that is set moves; ``now_ms`` is UTC, for what is written.
    """

    def __init__(
        self, space: SpaceId, journal: Journal, *, tick: int, now_ms: int, random: Callable[[], bytes]
    ) -> None:
        """``random`` returns 32 bytes that nobody knows."""
        self.space = space
        self.room = Room()
        self.prefixes = Prefixes()
        self.straight = Straight()
        """Until the next turn."""
        self._journal = journal
        self._claims: list[_Claim] = []
        self._ahead = NumbersAhead(self.room, journal)
        self._owed: list[set[int]] = [set() for _ in Kind]
        """By line: numbers that the journal has as owed a place."""
        self._calls = CallPace()
        self.outlook = Outlook(self.room, self._calls)
        self._set_apart = SetApart(0, 0)
        self.sent_on: dict[Kind, range] = {}
        """By line: numbers that count where this space has moved to, and here no more."""
        self.taken_in = TakenIn()
        """Whose places of other spaces count here."""
        self._links: dict[int, bytes] = {}
        """By number in the reserved line: the link that it came by, until it is in."""
        self.inside_by_link: dict[bytes, bytes] = {}
        """Who was inside by a reserved link when an earlier process stopped: listener and link."""
        self._aged = -1
        self.resumed = bool(journal.remembered.seed)
        """Whether an earlier process of the door had it open."""
        self._draw = RoomDraw(journal.remembered.seed or random(), journal)
        self.key = journal.remembered.key or random()
        """Signs its places, which so live as long as the journal; told to nobody."""
        self._remember(tick, now_ms)

    @property
    def drawn(self) -> bool:
        """Whether the draw is made, and numbers are dealt."""
        return self._draw.drawn

    @property
    def closed(self) -> bool:
        """Whether the draw takes nobody any more."""
        return self._draw.closed

    def enter(self, line: Kind, nonce: bytes, *, now_ms: int) -> Entered:
        """Give somebody a place at the end of the first or second line, or in a draw that is open.

        NonceUnusable, OSError.
        """
        self.catch_up()
        if self.drawn:
            return self._number(line, now_ms)
        index, server_nonce, entry = self._draw.enter(line, nonce)
        place = Place(space=self.space, line=line, entered_s=now_ms // 1000, entry=entry)
        return Entered(place, index, server_nonce)

    def enter_by_link(self, link: bytes, *, now_ms: int) -> Entered:
        """Give somebody with a reserved link a place at the end of that line. OSError."""
        self.catch_up()
        number = self.room[Kind.RESERVED].entered
        self._journal.by_link(number, link)
        entered = self._number(Kind.RESERVED, now_ms)
        self._links[number] = link
        return entered

    def use_link(self, listener: bytes, link: bytes, *, inside: bool) -> None:
        """Note that somebody came in by a reserved link, or has left; written with the next turn."""
        self._journal.use_link(listener, link, inside=inside)

    def link_of(self, place: Place) -> bytes:
        """The reserved link that a place came by; empty for others, and once it has been let in."""
        if place.line is not Kind.RESERVED or place.number is None:
            return b""
        return self._links.get(place.number, b"")

    def waiting_by_link(self, link: bytes) -> int:
        """How many hold places by a reserved link and are not in, nor past their turn for good."""
        mine = np.array([number for number, each in self._links.items() if each == link], np.int64)
        return len(mine) - int(self.room[Kind.RESERVED].lost(self._aged, mine).sum())

    @property
    def waiting_by_line(self) -> tuple[int, int, int]:
        """Those who have not been called."""
        first, second, reserved = self.room.lines
        if not self.drawn:
            return *self._draw.counts, reserved.waiting
        return first.waiting, second.waiting, reserved.waiting

    @property
    def all_fit(self) -> bool:
        """Whether there is a place for everybody who waits: the rate alone says when they come in."""
        return self.drawn and self.outlook.all_fit

    def due_ms(self, line: Kind, number: int, *, joins_per_s: float) -> int | None:
        """Return in how long an empty place is filled by the call of a number; None where that is not sure.

        So while nobody is called because nothing can be written down.
        """
        return None if self._journal.failing else self.outlook.due_ms(line, number, joins_per_s=joins_per_s)

    def lets_straight(self, line: Kind) -> bool:
        """Whether a newcomer of this line would come in without standing in it; takes nothing."""
        return (self.drawn or line is Kind.RESERVED) and self.straight.left(line) > 0

    def go_straight(self, line: Kind) -> bool:
        """Whether a newcomer of this line comes in without standing in it; takes a place for that.

        Nobody does before those who are drawn have their numbers.
        """
        if not (self.drawn or line is Kind.RESERVED) or not self.straight.take(line):
            return False
        if line is not Kind.RESERVED:
            self.outlook.fill(1)
        return True

    def number(self, place: Place) -> int | None:
        """Return the number of a place; None before the draw, or when its entry is not in the log.

        So for one of another space, unless it stood in line there when that space moved here.
        """
        if place.space != self.space:
            return self.taken_in.number(place)
        if place.number is not None:
            return place.number
        if not self.drawn or place.line is Kind.RESERVED:
            return None
        return self._draw.number(place.line, place.entry)

    def take_in(self, other: WaitingRoom) -> None:
        """Give those who wait in a space that moved here the next numbers, in their order; once.

        Both are drawn. Those by reserved links stay where they are. OSError: it is not written yet; a kill
        before it is leaves them where they were, to be taken in anew.
        """
        self.catch_up()
        for line in (Kind.FIRST, Kind.SECOND):
            theirs = other.room[line]
            block = self.taken_in.block(other.space, line) or self._block(other.space, line, theirs)
            other.sent_on[line] = range(block.first, block.first + block.count)
            theirs.send_on(other.sent_on[line])
        self.taken_in.sources[other.space] = other.number
        self.taken_in.keys[other.space] = other.key
        self.straight = Straight()
        self._journal.flush()

    def _block(self, space: SpaceId, line: Kind, theirs: Line) -> Block:
        """Write down and give out the numbers of those who come from another space's line."""
        first = theirs.open_from()
        block = Block(first=first, count=theirs.entered - first, here=self.room[line].entered)
        used = theirs.let_in(range(first, theirs.entered)) - first + block.here
        self._journal.take_in(space_tag(space), line, block)
        self._ahead.write(line, block.here + block.count)
        for number in used.tolist():
            self._journal.let_in(line, number, 0)
        self.room[line].enter(block.count)
        self.room[line].fill(used)
        self.taken_in.add(space_tag(space), line, block)
        return block

    def claim(self, line: Kind, number: int, answer: Callable[[Verdict], None]) -> None:
        """Have a claim judged at the next turn; ``answer`` is called with the verdict."""
        if len(self._claims) >= MOST_CLAIMS:
            answer(Verdict.NOT_YET)
        else:
            self._claims.append(_Claim(line, number, answer))

    def unheard(self, line: Kind, number: int, *, link: bytes) -> None:
        """Whoever was let in by this number never came: they are owed a place if they come back in time."""
        if not self.room[line].unheard(number):
            return
        self._owed[line].discard(number)
        self._journal.unheard(line, number)
        if link:
            self._links[number] = link

    def draw(self, now_ms: int, *, seed_after_ms: int) -> None:
        """Close the log and deal numbers by rank; the seed is told ``seed_after_ms`` later.

        Of many entries each call ranks some. OSError: not yet; another call tries again.
        """
        if self.drawn:
            return
        self._draw.close(now_ms, seed_after_ms=seed_after_ms)
        if self._draw.rank():
            self._deal()

    def _deal(self) -> None:
        """Enter all who were drawn."""
        for line, count in zip((Kind.FIRST, Kind.SECOND), self._draw.counts, strict=True):
            self.room[line].enter(count)

    def catch_up(self) -> None:
        """Write what could not be written before, ahead of what comes now. OSError."""
        if self._journal.failing:
            self._journal.flush()

    def tells_seed(self, now_ms: int) -> bool:
        """Whether the seed is no secret any more."""
        return self._draw.tells_seed(now_ms)

    def turn(self, tick: int, places: Places, *, now_ms: int, poll_ms: int) -> int:
        """Judge claims, call whom there is a place for; return how many were called.

        A call is what the rate allows: whoever comes by it later has had their turn. ``poll_ms``: after how
        long an open page asks again, at most. OSError: claims are judged, but nobody was called.
        """
        self._draw.count_down(now_ms)
        self._ahead.take_back()
        if tick != self._aged:
            self.room.age(tick)
            self._calls.pass_to(tick)
            self._aged = tick
        self.outlook.look(tick, places, poll_ms=poll_ms)
        self._set_apart = SetApart(places.reserved, places.inside_reserved)
        if self.room.idle and not self._claims:
            self.straight = self.room.straight_in(places)
            self._journal.flush()
            return 0
        self.room.grant(tick, places)
        places = self._judge(tick, places, now_ms)
        self.straight = Straight()
        self.catch_up()
        called = self._call(tick, places, now_ms)
        self.outlook.fill(called)
        self.straight = self.room.straight_in(replace(places, joins=places.joins - called))
        self._journal.flush()
        return called

    def status(
        self, tick: int, now_ms: int, *, rung: str, closed: bool, reason: str, opening: int
    ) -> RoomStatus:
        """What all who wait are told now."""
        lines, outlook = self.room.lines, self.outlook
        return RoomStatus(
            open=True,
            drawn=self.drawn,
            commitment=self._draw.commitment,
            root=self._draw.root,
            seed=self._draw.seed(now_ms),
            entries=len(self._draw),
            serving=(lines[0].serving, lines[1].serving, lines[2].serving),
            per_s=self._calls.at(tick),
            near=(outlook.near(Kind.FIRST), outlook.near(Kind.SECOND), outlook.near(Kind.RESERVED)),
            filling=outlook.is_filling,
            empty=outlook.empty,
            waiting=sum(self.waiting_by_line),
            places=outlook.places,
            reserved=self._set_apart,
            opening=opening,
            rung=rung,
            closed=closed,
            reason=reason,
        )

    def close(self) -> None:
        """Tell those whose claims are not judged to ask again, and close the journal. OSError."""
        for each in self._claims:
            each.answer(Verdict.NOT_YET)
        self._claims = []
        self._journal.close()

    def _judge(self, tick: int, places: Places, now_ms: int) -> Places:
        """Answer all claims; return the places there are then.

        Whose claim counts for nothing any more may come straight in instead, where all others leave a place.
        """
        claims, self._claims = self._claims, []
        if not claims:
            return places
        kinds = np.array([each.line for each in claims], np.uint8)
        numbers = np.array([each.number for each in claims], np.int64)
        verdicts = self.room.claim(tick, places, kinds, numbers)
        admitted = verdicts == Verdict.ADMITTED
        reserved = int((admitted & (kinds == Kind.RESERVED)).sum())
        places = places.taken(int(admitted.sum()) - reserved, reserved)
        self.straight = self.room.straight_in(places)
        before = replace(self.straight)
        for each, verdict in zip(claims, verdicts, strict=True):
            if verdict == Verdict.ADMITTED:
                self._journal.let_in(each.line, each.number, now_ms)
            elif verdict == Verdict.OWED and each.number not in self._owed[each.line]:
                self._owed[each.line].add(each.number)
                self._journal.owe(each.line, each.number)
            if each.line is Kind.RESERVED and verdict in (Verdict.ADMITTED, Verdict.TOO_LATE):
                self._links.pop(each.number, None)
            each.answer(Verdict(verdict))
        now = self.straight
        places = places.taken(before.others - now.others, before.reserved - now.reserved)
        return replace(places, joins=places.joins - before.joins + now.joins)

    def _call(self, tick: int, places: Places, now_ms: int) -> int:
        calls = self.room.call(tick, places)
        for kind, numbers in zip(Kind, calls, strict=True):
            if numbers:
                self._journal.call(kind, numbers.stop, now_ms)
        return self._calls.add(tick, [len(numbers) for numbers in calls])

    def _number(self, line: Kind, now_ms: int) -> Entered:
        number = self._ahead.next(line)
        return Entered(Place(space=self.space, line=line, entered_s=now_ms // 1000, number=number))

    def _remember(self, tick: int, now_ms: int) -> None:
        """Go on where an earlier process stopped."""
        known = self._journal.remembered
        if not known.key:
            self._journal.keyed(self.key)
        if self._draw.remember(known, now_ms):
            self._deal()
        if not known.seed:
            return
        for kind in Kind:
            calls, let_in = known.called.get(kind, []), known.let_in.get(kind, {})
            serving, since = _serving(calls)
            lately = {number for number, at_ms in let_in.items() if at_ms >= now_ms - LATELY_MS}
            self._owed[kind] = known.owed.get(kind, set())
            self.room[kind].skip(
                tick,
                known.given.get(kind, 0),
                serving,
                since=since,
                owed=list(self._owed[kind] - let_in.keys()),
                inside=list(let_in.keys() - lately),
                lately=list(lately),
            )
        for tag, line, block in known.taken_in:
            self.taken_in.add(tag, Kind(line), block)
        self._journal.remembered = Remembered()  # Of a large crowd that is much, and said only once.
        self.inside_by_link = known.inside_by_link
        came, entered = known.let_in.get(Kind.RESERVED, {}), self.room[Kind.RESERVED].entered
        self._links = {
            number: link for number, link in known.links.items() if number < entered and number not in came
        }


def _serving(calls: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the serving number, and from which on numbers were called in the minute before the last call."""
    if not calls:
        return 0, 0
    last_ms, serving = calls[-1]
    before = [below for at_ms, below in calls if at_ms < last_ms - CLAIM_TICKS * TICK_MS]
    return serving, before[-1] if before else 0
