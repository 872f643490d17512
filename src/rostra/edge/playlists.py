"""The live HLS playlist of one rendition, and who waits for its next version (blocking reload).

One rendering per version, shared by all. Source: RFC 8216bis section 6.2.5.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl

from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, StageUnavailable
from rostra.edge import answers
from rostra.edge.sweep import Delivery
from rostra.edge.window import Window
from rostra.media import hls
from rostra.serving.exchange import Exchange

BLOCK_NS = 3 * hls.TARGET_S * 1_000_000_000
"""How long a reload may be held before it is refused."""
_MOST_DIGITS = 9
Place = tuple[int, int]
"""Segment number and part."""


class LivePlaylist:
    """Answers ``live.m3u8`` with and without ``_HLS_msn`` and ``_HLS_part``."""

    def __init__(self, window: Window, *, anchor_utc_ns: int, clock: Clock) -> None:
        self._window = window
        self._anchor_utc_ns = anchor_utc_ns
        self._clock = clock
        self._rendered: bytes | None = None
        self._blocked: dict[Place, dict[Exchange, int]] = {}
        """What is waited for; who waits, and until when (monotonic ns)."""

    @property
    def blocked_count(self) -> int:
        """Reloads now held."""
        return sum(map(len, self._blocked.values()))

    def answer(self, query: str, exchange: Exchange) -> None:
        """Answer now, or once the version asked for is there. BadRequest for one too far ahead."""
        wanted = _wanted(query)
        if wanted is None or self._window.has_part(*wanted):
            exchange.send(self._current())
            return
        self._check_reach(*wanted)
        waiting = self._blocked.setdefault(wanted, {})
        waiting[exchange] = self._clock.monotonic_ns() + BLOCK_NS
        exchange.on_close(lambda: _forget(waiting, exchange))

    def changed(self) -> list[Delivery]:
        """Say what is due to whom, now that the window has more or has ended."""
        self._rendered = None
        ready = [place for place in self._blocked if self._window.has_part(*place)]
        if not ready:
            return []
        send = partial(_send, self._current())
        return [Delivery(tuple(self._blocked.pop(place)), send) for place in ready]

    def expired(self, now_ns: int) -> list[Delivery]:
        """Say who has waited for too long."""
        late = [
            each for held in self._blocked.values() for each, until_ns in held.items() if until_ns < now_ns
        ]
        return [Delivery(late, _REFUSE)] if late else []

    def abandoned(self) -> list[Delivery]:
        """Say who waits in vain when the programme is let go."""
        return [Delivery(tuple(held), _REFUSE) for held in self._blocked.values()]

    def _check_reach(self, number: int, part: int) -> None:
        open_number, open_part = self._window.next_part
        if number > open_number + 1:
            raise BadRequest("This playlist is further ahead than may be waited for.", newest=open_number - 1)
        if number == open_number and part < hls.PARTS_PER_SEGMENT and part >= open_part + hls.ADVANCE_PARTS:
            raise BadRequest("This part is further ahead than may be waited for.", newest=open_part - 1)

    def _current(self) -> bytes:
        if self._rendered is None:
            window = self._window
            body = hls.live(window.listing, anchor_utc_ns=self._anchor_utc_ns, ended=window.ended)
            date_s = self._clock.utc_ns() / 1e9
            self._rendered = answers.whole(body, hls.CONTENT_TYPE, answers.BRIEFLY, date_s=date_s)
        return self._rendered


def _forget(waiting: dict[Exchange, int], exchange: Exchange) -> None:
    waiting.pop(exchange, None)


def _send(rendered: bytes, exchange: Exchange) -> None:
    exchange.send(rendered)


_MOST_FIELDS = 16
_REFUSE = partial(_send, answers.refusal(StageUnavailable()))


def _wanted(query: str) -> Place | None:
    """The version that a query asks for. A segment without a part means all of it. Raises BadRequest."""
    try:
        asked = dict(parse_qsl(query, max_num_fields=_MOST_FIELDS)) if query else {}
    except ValueError as error:
        raise BadRequest("The address asks for too many things.") from error
    number, part = asked.get("_HLS_msn"), asked.get("_HLS_part")
    if number is None and part is None:
        return None
    if number is None:
        raise BadRequest("_HLS_part needs _HLS_msn.")
    return _count(number), hls.PARTS_PER_SEGMENT - 1 if part is None else _count(part)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise BadRequest("_HLS_msn and _HLS_part are whole numbers.")
    return int(text)
