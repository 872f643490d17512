"""Live segments of one rendition: whole ones, those in the making by chunked transfer, and parts.

What is asked for is a *stretch*: some segments one after the other, mostly one or sixteen. Every byte is
rendered once and shared. An answer that waits is either *open* (its head is out and chunks follow) or *held*
(nothing is out yet, so it can still be refused).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from rostra.core.clock import Clock
from rostra.core.errors import NotFound, RostraError, StageUnavailable
from rostra.core.pace import LANES
from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT, STRETCH, STRETCH_BEHIND
from rostra.edge import answers, portions
from rostra.edge.finished import Finished
from rostra.edge.holding import Holding
from rostra.edge.keeping import BY_ALL, Keeping
from rostra.edge.lingering import Follower, Lingering
from rostra.edge.older import Older, Render
from rostra.edge.sweep import Delivery, Fanout, Round, send
from rostra.edge.waiting import Had, InStep, Waiting, is_held, position
from rostra.edge.window import Window
from rostra.media.hls import PARTS_PER_SEGMENT
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Seats, people
from rostra.serving.response import LAST_CHUNK, framed

CONTENT_TYPE = "audio/mp4"
LAG_BYTES = 49_152
"""A listener who leaves this much untaken or unacknowledged, six seconds of 64 kbit/s, is dropped and
counted. It is more than a segment: somebody who begins near a border gets a whole one at once."""
_SLICES = 64
"""Pieces of segments kept rendered: whoever is in step gets the same."""


class LiveSegments:
    """Answers ``{n}.m4s``, ``{first}-{last}.m4s`` and ``{n}.{p}.m4s``.

    ``read_older`` fetches a segment from the tape, as chunks, and is called in a thread.
    """

    def __init__(
        self,
        window: Window,
        *,
        clock: Clock,
        read_older: Callable[[int], list[bytes]],
        lag_bytes: int = LAG_BYTES,
        finished: Finished | None = None,
    ) -> None:
        self._keeping = BY_ALL
        self._window = window
        self._clock = clock
        self._older = Older(read_older)
        self._waiting: dict[int, Waiting] = {}
        """By the last segment that was asked for."""
        self._lanes: set[int] = set()
        """Those due since last asked."""
        self._slices: dict[tuple[Had, int, bool, bool], bytes] = {}
        self._lag_bytes = lag_bytes
        self._held_parts: dict[tuple[int, int], Holding[None]] = {}
        self._lingering = Lingering(clock=clock)
        self._is_withheld = False
        self.finished = finished or Finished()
        self.leaving = False
        """Whether answers are to go no further than the segments that they are in."""
        self.dropped = 0
        """Listeners dropped because they lagged."""

    @property
    def open_count(self) -> int:
        """Answers now open or held."""
        held = sum(map(len, self._held_parts.values())) + self._older.waiting_count + self._lingering.count
        return held + sum(each.count for each in self._waiting.values())

    def keep(self, keeping: Keeping) -> None:
        """Say so from now on of who may keep answers, also where they are rendered already."""
        self._keeping = keeping
        self._slices.clear()
        self.finished.clear()
        self.finished.are_for_all = keeping is BY_ALL

    def withhold(self, withheld: bool) -> None:
        """Say whether what has left the window is refused, also what is rendered already or on its way."""
        self._is_withheld = withheld
        if withheld:
            self.finished.clear()

    def stretch(
        self,
        first: int,
        last: int,
        exchange: Exchange,
        *,
        http10: bool,
        stalled: bool,
        lane: int = 0,
        follower: Follower | None = None,
    ) -> bool:
        """Answer segments ``first`` to ``last``, whole or as they come: always the same bytes.

        True when they come as the programme goes on.

        NotFound beyond the next segment, for more than STRETCH, and for several that begin before what is in
        memory, as half a megabyte is much for one question. Where they go on NotFound for more than
        STRETCH_BEHIND that are whole: all of those are written at once, and who does not take them soon would
        be dropped. StageUnavailable in a stall. ``lane`` says when the next chunks are due
        (:mod:`rostra.edge.pace`). A ``follower`` of a manifest hears NotFound of the one after the last only
        when they know of the end (:mod:`rostra.edge.lingering`).
        """
        if not first <= last < first + STRETCH or (last > first and self._window.is_past(first)):
            raise NotFound
        if self._window.is_complete(last) or (self._window.ended and first <= self._window.newest):
            self._answer_whole(first, last, exchange)
            return False
        if first < self._window.newest - STRETCH_BEHIND:
            raise NotFound
        begins, has = first * CHUNKS_PER_SEGMENT, self._window.quanta
        ahead = follower if has <= begins else None
        if ahead is not None and self._is_after_the_end(first) and self._lingering.hold(exchange, ahead):
            return True
        self._may_wait(first, stalled=stalled)
        held: Had = ~begins
        if exchange.head_only:
            exchange.begin(self._head(http10=http10), chunked=not http10)
        elif has > begins:
            exchange.begin(self._slice(held, has, over=False, http10=http10), chunked=not http10)
        if not exchange.closed:
            waiting = self._waiting.get(last)
            if waiting is None:  # many small parts: not to be made in vain for each request
                waiting = self._waiting[last] = Waiting()
            waiting.add(exchange, lane, had=has if has > begins else held, http10=http10)
            if ahead is not None:
                self._lingering.ahead(exchange, ahead)
        return True

    def part(self, number: int, part: int, exchange: Exchange, *, stalled: bool) -> None:
        """Answer a part now, or once it is whole. Raises as :meth:`stretch`."""
        if part >= PARTS_PER_SEGMENT:
            raise NotFound
        if self._window.is_complete(number) or self._window.part(number, part) is not None:
            self._answer_whole_part(number, part, exchange)
            return
        self._may_wait(number, stalled=stalled)
        self._held_parts.setdefault((number, part), Holding()).hold(exchange, None)

    def arrived(self, lanes: range) -> None:
        """Take note that the window has another chunk, at which these lanes are due."""
        self._lanes.update(lanes)
        if self.leaving and self._window.quanta % CHUNKS_PER_SEGMENT == 0:
            self._lanes.update(range(LANES))

    def due(self) -> list[Round]:
        """Say what is due to whom, of all that has arrived since last asked."""
        groups: defaultdict[tuple[Had, int, bool, bool], list[Seats]] = defaultdict(list)
        for last in tuple(self._waiting):
            for group, over in self._due_of(last):
                groups[group.had, group.has, over, group.http10].append(group.seats)
        due = [self._delivery(seats, *what) for what, seats in groups.items()]
        self._lanes.clear()
        for key in tuple(self._held_parts):
            if self._window.part(*key) is not None:
                held = self._held_parts.pop(key)
                due.append(Delivery(list(held), partial(send, self._whole_part(*key))))
        return due

    def close(self) -> None:
        """No chunk follows, as of just now."""
        self._lingering.close()

    def ended(self) -> list[Round]:
        """Say how all that waits ends with the tape: what is open by its end, what is held by 404.

        That of whoever may not know of the end only once :meth:`expired` says so.
        """
        everyone = self._everyone()
        self._lanes.update(range(LANES))
        due = self.due()
        self._waiting, self._held_parts = {}, {}
        return [*due, *(Delivery(each, self._finish) for each in everyone)]

    def told(self, follower: Follower) -> None:
        """Refuse what is held of somebody who has just read of the end."""
        for exchange in self._lingering.told(follower):
            _refuse(NotFound(), exchange)

    def expired(self) -> list[Delivery]:
        """Say who was held after the end for long enough."""
        over = self._lingering.over()
        return [Delivery(over, partial(_refuse, NotFound()))] if over else []

    def stalled(self) -> list[Delivery]:
        """Say how everything that waits breaks off: no chunk has come for too long."""
        everyone = self._everyone()
        self._waiting, self._held_parts = {}, {}
        return [Delivery(each, _break_off) for each in everyone]

    def abandoned(self) -> list[Delivery]:
        """Say how everything that waits breaks off when nothing more is answered here."""
        others = [*self._older.everyone(), *self._lingering.everyone()]
        return [*self.stalled(), *([Delivery(others, _break_off)] if others else [])]

    def left(self) -> list[Delivery]:
        """Say who breaks off when all leave: who is at the end of a segment.

        Not in the same breath as its last chunk, which a browser would throw away with the answer.
        """
        if not self.leaving:
            return []
        waiting = self._waiting.values()
        return [Delivery(group, _break_off) for each in waiting for group in each.at_borders()]

    def _everyone(self) -> list[list[Exchange]]:
        waiting = [list(waiting.everyone()) for waiting in self._waiting.values()]
        return [each for each in (*waiting, *map(list, self._held_parts.values())) if each]

    def _is_after_the_end(self, number: int) -> bool:
        return self._window.ended and number == self._window.newest + 1

    def _may_wait(self, number: int, *, stalled: bool) -> None:
        if self._window.ended or number > self._window.newest + 1:
            raise NotFound
        if stalled:
            raise StageUnavailable

    def _due_of(self, last: int) -> Iterator[tuple[InStep, bool]]:
        """Yield who gets what in the lanes that are due, of those who asked for segments up to ``last``, and
        whether that is all they asked for."""
        waiting, end = self._waiting[last], (last + 1) * CHUNKS_PER_SEGMENT
        has = min(self._window.quanta, end)
        for lane in self._lanes:
            for group in waiting.take(lane, has, leaving=self.leaving):
                yield group, group.has == end or self._window.ended
        if waiting.empty:
            del self._waiting[last]

    def _delivery(self, seats: list[Seats], had: Had, has: int, over: bool, http10: bool) -> Round:
        """Say what is to be done to each of those who are in step: one write of the same bytes."""
        if self._window.is_past(position(had) // CHUNKS_PER_SEGMENT):
            return Delivery(people(seats), _break_off)  # this worker stood still for so long
        data = self._slice(had, has, over=over, http10=http10)
        if is_held(had) and over:
            return Delivery(people(seats), partial(_begin_and_end, data, not http10))
        if is_held(had):
            done = partial(Exchange.has_begun, chunked=not http10)
            return Fanout(data, partial(_begin, data, not http10), seats, done=done)
        if over:
            return Fanout(data, partial(_end, data), seats, done=Exchange.has_ended)
        return Fanout(data, partial(self._feed, data), seats)

    def _finish(self, exchange: Exchange) -> None:
        if exchange.begun:
            exchange.end()
        elif not self._lingering.keep(exchange):
            _refuse(NotFound(), exchange)

    def _feed(self, data: bytes, exchange: Exchange) -> None:
        untaken = exchange.feed(data)
        if untaken and untaken + exchange.unacknowledged_bytes > self._lag_bytes:
            self.dropped += 1
            exchange.drop()

    def _slice(self, had: Had, has: int, *, over: bool, http10: bool) -> bytes:
        """Render the chunks up to ``has`` as they go out, with the head where none is out, and the end."""
        key = (had, has, over, http10)
        data = self._slices.get(key)
        if data is None:
            head = self._head(http10=http10) if is_held(had) else b""
            last = LAST_CHUNK if over and not http10 else b""
            body = b"".join(self._window.between(position(had), has))
            data = head + (body if http10 else framed(body)) + last
            if len(self._slices) >= _SLICES:
                del self._slices[next(iter(self._slices))]
            self._slices[key] = data
        return data

    def _head(self, *, http10: bool) -> bytes:
        """Render the head of an answer that goes on.

        By HTTP/1.0 one that was broken off looks whole, so nobody is to keep it.
        """
        date_s = self._clock.utc_ns() / 1e9
        if http10:
            return answers.until_close(CONTENT_TYPE, answers.NEVER, date_s=date_s)
        return answers.chunked(CONTENT_TYPE, self._keeping.media, date_s=date_s)

    def _answer_whole(self, first: int, last: int, exchange: Exchange) -> None:
        name = f"{first}.m4s" if first == last else f"{first}-{last}.m4s"
        rendered = self.finished.get(name)
        if rendered is None and self._window.is_past(first):
            self._answer_older(first, exchange, partial(self._keep, name))
            return
        numbers = range(first, min(last, self._window.newest) + 1)
        chunks = (chunk for number in numbers for chunk in self._window.chunks(number) or ())
        portions.send(rendered or self._keep(name, chunks), exchange)

    def _answer_whole_part(self, number: int, part: int, exchange: Exchange) -> None:
        if self._window.is_past(number) and _part_name(number, part) not in self.finished:
            self._answer_older(number, exchange, partial(self._part, number, part))
        else:
            exchange.send(self._whole_part(number, part))

    def _answer_older(self, number: int, exchange: Exchange, render: Render) -> None:
        """Answer from the tape, unless that is for nobody any more, asked once it is read as well."""

        def rendered(chunks: list[bytes]) -> bytes:
            if self._is_withheld:
                raise NotFound
            return render(chunks)

        if self._is_withheld:
            raise NotFound
        self._older.answer(number, exchange, rendered)

    def _whole_part(self, number: int, part: int) -> bytes:
        return self._part(number, part, self._window.chunks(number) or [])

    def _part(self, number: int, part: int, chunks: list[bytes]) -> bytes:
        """Render a part of a segment's chunks, or find it rendered."""
        first, name = part * CHUNKS_PER_PART, _part_name(number, part)
        return self.finished.get(name) or self._keep(name, chunks[first : first + CHUNKS_PER_PART])

    def _keep(self, name: str, chunks: Iterable[bytes]) -> bytes:
        data = b"".join(chunks)
        if not data:
            raise NotFound
        rendered = self._render(data)
        self.finished.keep(name, rendered)
        return rendered

    def _render(self, data: bytes) -> bytes:
        return answers.whole(data, CONTENT_TYPE, self._keeping.media, date_s=self._clock.utc_ns() / 1e9)


def _part_name(number: int, part: int) -> str:
    return f"{number}.{part}.m4s"


def _begin(data: bytes, chunked: bool, exchange: Exchange) -> None:
    exchange.begin(data, chunked=chunked)


def _begin_and_end(data: bytes, chunked: bool, exchange: Exchange) -> None:
    exchange.begin(data, chunked=chunked)
    exchange.finish(b"")


def _end(data: bytes, exchange: Exchange) -> None:
    exchange.finish(data)


def _refuse(error: RostraError, exchange: Exchange) -> None:
    exchange.send(answers.refusal(error))


def _break_off(exchange: Exchange) -> None:
    if exchange.begun:
        exchange.abort()
    else:
        _refuse(StageUnavailable(), exchange)
