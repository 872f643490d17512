"""Live segments of one rendition: whole ones, the one in the making by chunked transfer, and parts.

Every byte is rendered once and shared. An answer that waits is either *open* (its head is out and
chunks follow) or *held* (nothing is out yet, so it can still be refused).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from rostra.core.clock import Clock
from rostra.core.errors import NotFound, RostraError, StageUnavailable
from rostra.core.pace import LANES, Pace
from rostra.edge import answers
from rostra.edge.sweep import Delivery
from rostra.edge.waiting import HELD, Due, Waiting
from rostra.edge.window import Window
from rostra.media.hls import PARTS_PER_SEGMENT
from rostra.serving.exchange import Exchange
from rostra.serving.response import LAST_CHUNK, framed

CONTENT_TYPE = "audio/mp4"
LAG_BYTES = 24_576
"""A listener who leaves this much untaken or unacknowledged, three seconds of 64 kbit/s, is dropped and
counted. More than a segment's bytes would never be reached, as the next one is another answer."""
_SLICES = 64
"""Pieces of segments kept rendered: whoever is in step gets the same."""
Key = TypeVar("Key")
_ALL = -1
"""In place of a part's index: the whole segment."""
_RENDERED = 48
"""Whole segments and parts kept rendered."""
_HEAD = answers.chunked(CONTENT_TYPE, answers.FOR_EVER)
_RAW_HEAD = answers.until_close(CONTENT_TYPE, answers.FOR_EVER)


class LiveSegments:
    """Answers ``{n}.m4s`` and ``{n}.{p}.m4s``. ``read_older`` fetches a segment from the tape, as chunks."""

    def __init__(
        self,
        window: Window,
        *,
        clock: Clock,
        read_older: Callable[[int], list[bytes]],
        lag_bytes: int = LAG_BYTES,
    ) -> None:
        self._window = window
        self._clock = clock
        self._read_older = read_older
        self._waiting: dict[int, Waiting] = {}
        """By segment number."""
        self._lanes: set[int] = set()
        """Those due since last asked."""
        self._slices: dict[tuple[int, int, int, bool, bool], bytes] = {}
        self._lag_bytes = lag_bytes
        self._held_parts: dict[tuple[int, int], set[Exchange]] = {}
        self._rendered: dict[tuple[int, int], bytes] = {}
        self.dropped = 0
        """Listeners dropped because they lagged."""

    @property
    def open_count(self) -> int:
        """Answers now open or held."""
        return sum(each.count for each in self._waiting.values()) + sum(map(len, self._held_parts.values()))

    def segment(self, number: int, exchange: Exchange, *, http10: bool, stalled: bool, lane: int = 0) -> None:
        """Answer a segment, whole or as it comes. NotFound beyond the next, StageUnavailable in a stall.

        ``lane`` says when its next chunks are due (:mod:`rostra.edge.pace`).
        """
        if self._window.is_complete(number):
            exchange.send(self._whole(number))
            return
        self._may_wait(number, stalled=stalled)
        chunks = self._window.chunks(number) or []
        if exchange.head_only:
            exchange.begin(_RAW_HEAD if http10 else _HEAD, chunked=not http10)
        elif chunks:
            exchange.begin(self._slice(number, HELD, len(chunks), http10=http10), chunked=not http10)
        if not exchange.closed:
            waiting = self._waiting.get(number)
            if waiting is None:  # many small parts: not to be made in vain for each request
                waiting = self._waiting[number] = Waiting()
            waiting.add(exchange, lane, has=len(chunks) or HELD, http10=http10)

    def part(self, number: int, part: int, exchange: Exchange, *, stalled: bool) -> None:
        """Answer a part now, or once it is whole. Raises as :meth:`segment`."""
        if part >= PARTS_PER_SEGMENT:
            raise NotFound
        if self._window.is_complete(number) or self._window.part(number, part) is not None:
            exchange.send(self._whole_part(number, part))
            return
        self._may_wait(number, stalled=stalled)
        _wait(self._held_parts, (number, part), exchange)

    def arrived(self, quanta: int, pace: Pace) -> None:
        """Take note that the window has all of the programme's first ``quanta`` quanta."""
        self._lanes.update(pace.due(quanta))

    def due(self) -> list[Delivery]:
        """Say what is due to whom, of all that has arrived since last asked."""
        due = [delivery for number in tuple(self._waiting) for delivery in self._due_of(number)]
        self._lanes.clear()
        for key in tuple(self._held_parts):
            if self._window.part(*key) is not None:
                held = self._held_parts.pop(key)
                due.append(Delivery(list(held), partial(_send, self._whole_part(*key))))
        return due

    def ended(self) -> list[Delivery]:
        """Say how all that waits ends with the tape: what is open by its end, what is held by 404."""
        everyone = self._everyone()
        self._lanes.update(range(LANES))
        due = self.due()
        self._waiting, self._held_parts = {}, {}
        return [*due, *(Delivery(each, _finish) for each in everyone)]

    def stalled(self) -> list[Delivery]:
        """Say how everything that waits breaks off: no chunk has come for too long."""
        everyone = self._everyone()
        self._waiting, self._held_parts = {}, {}
        return [Delivery(each, _break_off) for each in everyone]

    def _everyone(self) -> list[list[Exchange]]:
        waiting = [list(waiting.everyone()) for waiting in self._waiting.values()]
        return [each for each in (*waiting, *map(list, self._held_parts.values())) if each]

    def _may_wait(self, number: int, *, stalled: bool) -> None:
        if self._window.ended or number > self._window.newest + 1:
            raise NotFound
        if stalled:
            raise StageUnavailable

    def _due_of(self, number: int) -> Iterator[Delivery]:
        """Yield what one segment's listeners get in the lanes that are due."""
        waiting = self._waiting[number]
        has = len(self._window.chunks(number) or ())
        if has:
            for lane in self._lanes:
                for group in waiting.take(lane, has):
                    yield Delivery(group.exchanges, self._act(number, group, has))
        if not any(waiting.everyone()) or (self._window.is_complete(number) and len(self._lanes) == LANES):
            del self._waiting[number]

    def _act(self, number: int, group: Due, has: int) -> Callable[[Exchange], None]:
        """Return what is to be done to each exchange of a group: one write of the same bytes."""
        data = self._slice(number, group.has, has, http10=group.http10)
        if not self._window.is_complete(number):
            if group.has == HELD:
                return partial(_begin, data, not group.http10)
            return partial(self._feed, data)
        if group.has == HELD:
            return partial(_begin_and_end, data, not group.http10)
        return partial(_end, data)

    def _feed(self, data: bytes, exchange: Exchange) -> None:
        untaken = exchange.feed(data)
        if untaken and untaken + exchange.unacknowledged_bytes > self._lag_bytes:
            self.dropped += 1
            exchange.drop()

    def _slice(self, number: int, had: int, has: int, *, http10: bool) -> bytes:
        """Render chunks ``had`` to ``has`` of a segment as they go out; from HELD on, the head first."""
        complete = self._window.is_complete(number)
        key = (number, had, has, http10, complete)
        data = self._slices.get(key)
        if data is None:
            chunks = (self._window.chunks(number) or [])[max(had, 0) : has]
            head = (_RAW_HEAD if http10 else _HEAD) if had == HELD else b""
            last = b"" if http10 or not complete else LAST_CHUNK
            body = b"".join(chunks)
            data = head + (body if http10 else framed(body)) + last
            if len(self._slices) >= _SLICES:
                del self._slices[next(iter(self._slices))]
            self._slices[key] = data
        return data

    def _whole(self, number: int) -> bytes:
        rendered = self._rendered.get((number, _ALL))
        return rendered or self._keep((number, _ALL), b"".join(self._chunks(number)))

    def _whole_part(self, number: int, part: int) -> bytes:
        rendered = self._rendered.get((number, part))
        if rendered is not None:
            return rendered
        data = b"".join(self._chunks(number)[part * 2 : part * 2 + 2])
        return self._keep((number, part), data)

    def _chunks(self, number: int) -> list[bytes]:
        chunks = self._window.chunks(number)
        return self._read_older(number) if chunks is None else chunks

    def _keep(self, key: tuple[int, int], data: bytes) -> bytes:
        if not data:
            raise NotFound
        if len(self._rendered) >= _RENDERED:
            del self._rendered[next(iter(self._rendered))]
        rendered = self._rendered[key] = self._render(data)
        return rendered

    def _render(self, data: bytes) -> bytes:
        return answers.whole(data, CONTENT_TYPE, answers.FOR_EVER, date_s=self._clock.utc_ns() / 1e9)


def _begin(data: bytes, chunked: bool, exchange: Exchange) -> None:
    exchange.begin(data, chunked=chunked)


def _begin_and_end(data: bytes, chunked: bool, exchange: Exchange) -> None:
    exchange.begin(data, chunked=chunked)
    exchange.finish(b"")


def _end(data: bytes, exchange: Exchange) -> None:
    exchange.finish(data)


def _wait(waiting: dict[Key, set[Exchange]], key: Key, exchange: Exchange) -> None:
    group = waiting.setdefault(key, set())
    group.add(exchange)
    exchange.on_close(partial(group.discard, exchange))


def _send(rendered: bytes, exchange: Exchange) -> None:
    exchange.send(rendered)


def _refuse(error: RostraError, exchange: Exchange) -> None:
    exchange.send(answers.refusal(error))


def _finish(exchange: Exchange) -> None:
    if exchange.begun:
        exchange.end()
    else:
        _refuse(NotFound(), exchange)


def _break_off(exchange: Exchange) -> None:
    if exchange.begun:
        exchange.abort()
    else:
        _refuse(StageUnavailable(), exchange)
