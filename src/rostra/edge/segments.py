"""Live segments of one rendition: whole ones, the one in the making by chunked transfer, and parts.

Every byte is rendered once and shared. An answer that waits is either *open* (its head is out and
chunks follow) or *held* (nothing is out yet, so it can still be refused).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rostra.core.clock import Clock
from rostra.core.errors import NotFound, RostraError, StageUnavailable
from rostra.edge import answers
from rostra.edge.sweep import Delivery
from rostra.edge.window import Window
from rostra.media.hls import PARTS_PER_SEGMENT
from rostra.serving.exchange import Exchange
from rostra.serving.response import framed

CONTENT_TYPE = "audio/mp4"
LAG_BYTES = 65_536
"""A listener who leaves this much untaken, beyond what the kernel holds, is dropped and counted."""
Key = TypeVar("Key")
_ALL = -1
"""In place of a part's index: the whole segment."""
_RENDERED = 48
"""Whole segments and parts kept rendered."""
_HEAD = answers.chunked(CONTENT_TYPE, answers.FOR_EVER)
_RAW_HEAD = answers.until_close(CONTENT_TYPE, answers.FOR_EVER)


class LiveSegments:
    """Answers ``{n}.m4s`` and ``{n}.{p}.m4s``. ``read_older`` fetches a segment from the tape, as chunks."""

    def __init__(self, window: Window, *, clock: Clock, read_older: Callable[[int], list[bytes]]) -> None:
        self._window = window
        self._clock = clock
        self._read_older = read_older
        self._waiting: dict[tuple[int, bool], set[Exchange]] = {}
        """By segment number and whether the client takes chunked transfer; some not begun yet."""
        self._held_parts: dict[tuple[int, int], set[Exchange]] = {}
        self._rendered: dict[tuple[int, int], bytes] = {}
        self.dropped = 0
        """Listeners dropped because they lagged."""

    @property
    def open_count(self) -> int:
        """Answers now open or held."""
        return sum(map(len, self._waiting.values())) + sum(map(len, self._held_parts.values()))

    def segment(self, number: int, exchange: Exchange, *, http10: bool, stalled: bool) -> None:
        """Answer a segment, whole or as it comes. NotFound beyond the next, StageUnavailable in a stall."""
        if self._window.is_complete(number):
            exchange.send(self._whole(number))
            return
        self._may_wait(number, stalled=stalled)
        chunks = self._window.chunks(number)
        if chunks:
            _begin(exchange, http10=http10)
            exchange.write(b"".join(chunks if http10 else map(framed, chunks)))
        if not exchange.closed:
            _wait(self._waiting, (number, not http10), exchange)

    def part(self, number: int, part: int, exchange: Exchange, *, stalled: bool) -> None:
        """Answer a part now, or once it is whole. Raises as :meth:`segment`."""
        if part >= PARTS_PER_SEGMENT:
            raise NotFound
        if self._window.is_complete(number) or self._window.part(number, part) is not None:
            exchange.send(self._whole_part(number, part))
            return
        self._may_wait(number, stalled=stalled)
        _wait(self._held_parts, (number, part), exchange)

    def arrived(self, number: int, chunk: bytes) -> list[Delivery]:
        """Say what is due to whom now that the window has taken ``chunk`` as the newest of ``number``."""
        last = self._window.is_complete(number)
        due = []
        for chunked, data in ((True, framed(chunk)), (False, chunk)):
            key = (number, chunked)
            waiting = self._waiting.pop(key, None) if last else self._waiting.get(key)
            if waiting:
                due.append(Delivery(tuple(waiting), partial(self._feed, data, last, not chunked)))
        part = (len(self._window.chunks(number) or ()) - 1) // 2
        if (number, part) in self._held_parts and self._window.part(number, part) is not None:
            held = self._held_parts.pop((number, part))
            due.append(Delivery(tuple(held), partial(_send, self._whole_part(number, part))))
        return due

    def ended(self) -> list[Delivery]:
        """Say how all that waits ends with the tape: what is open by its end, what is held by 404."""
        due = []
        for (number, part), held in self._held_parts.items():
            data = self._window.part(number, part)
            act = partial(_refuse, NotFound()) if data is None else partial(_send, self._render(data))
            due.append(Delivery(tuple(held), act))
        due += [Delivery(tuple(waiting), _finish) for waiting in self._waiting.values()]
        self._waiting, self._held_parts = {}, {}
        return due

    def stalled(self) -> list[Delivery]:
        """Say how everything that waits breaks off: no chunk has come for too long."""
        everyone = [*self._waiting.values(), *self._held_parts.values()]
        self._waiting, self._held_parts = {}, {}
        return [Delivery(tuple(waiting), _break_off) for waiting in everyone]

    def _may_wait(self, number: int, *, stalled: bool) -> None:
        if self._window.ended or number > self._window.newest + 1:
            raise NotFound
        if stalled:
            raise StageUnavailable

    def _feed(self, data: bytes, last: bool, http10: bool, exchange: Exchange) -> None:
        if not exchange.begun:
            _begin(exchange, http10=http10)
        exchange.write(data)
        if last:
            exchange.end()
        elif exchange.buffered_bytes > LAG_BYTES:
            self.dropped += 1
            exchange.drop()

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


def _begin(exchange: Exchange, *, http10: bool) -> None:
    exchange.begin(_RAW_HEAD if http10 else _HEAD, chunked=not http10)


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
