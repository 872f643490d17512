"""The live HLS playlist of one rendition, and who waits for its next version (blocking reload).

One rendering per version and shape, shared by all who ask for it. All renditions have a part at once, but
who waits is written to in turn: whoever asks meanwhile gets what is there. Source: RFC 8216bis section 6.2.5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, StageUnavailable
from rostra.edge import answers
from rostra.edge.holding import Holding
from rostra.edge.keeping import BY_ALL
from rostra.edge.renderings import Renderings
from rostra.edge.sweep import Delivery, send
from rostra.edge.window import Window
from rostra.media import hls, hls_live
from rostra.media.hls_live import Place
from rostra.serving.exchange import Exchange

BLOCK_NS = hls_live.BLOCK_S * 1_000_000_000
"""How long a reload may be held before it is refused."""
LAST_PARTS_NS = 2_000_000_000
"""Players that fetch parts have the last ones in less, and play as far behind."""
_FIRST_WHOLE: Place = 0, hls.PARTS_PER_SEGMENT - 1
"""What is waited for by whoever names no part: in a playlist without a whole segment, players that know no
parts find no sound, and leave."""
_MOST_DIGITS = 9
_MOST_FIELDS = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request is for."""

    place: Place | None
    """The version to wait for; None: as it is, once a segment is whole."""
    by_part: bool
    """A part was named; else all of the segment is waited for."""
    skip: bool
    """A delta update will do."""
    zipped: bool
    plain: bool = False
    """Segments will do, without parts."""


@dataclass(frozen=True, slots=True)
class _Held:
    asked: Asked
    until_ns: int
    """Monotonic."""


class LivePlaylist:
    """Answers ``live.m3u8`` and ``plain.m3u8``.

    ``reports`` are the addresses of the renditions a player may change to.
    """

    def __init__(
        self, window: Window, *, anchor_utc_ns: int, clock: Clock, reports: Sequence[str] = ()
    ) -> None:
        self.keeping = BY_ALL
        self._window = window
        self._anchor_utc_ns = anchor_utc_ns
        self._clock = clock
        self._reports = reports
        self._closes_ns: int | None = None
        """When it says that it is over (monotonic), once no part follows and nobody was told so yet."""
        self._told = self._version
        """What those have who waited for it."""
        self._renderings: Renderings[bytes] = Renderings(clock=clock)
        self._blocked: dict[Place, Holding[_Held]] = {}
        """What is waited for; who waits, for which shape, and until when."""

    @property
    def blocked_count(self) -> int:
        """Reloads now held."""
        return sum(map(len, self._blocked.values()))

    def answer(self, query: str, exchange: Exchange, *, zipped: bool = False) -> None:
        """Answer now, or once the version asked for is there. BadRequest for one too far ahead.

        Once the playlist has ended it is answered as it is, whatever the query says.
        """
        asked = _asked("" if self._is_over else query, zipped=zipped)
        if asked.place is not None and not self._lists(asked.place):
            self._check_reach(asked.place, by_part=asked.by_part)
        self._answer(asked, exchange)

    def answer_plain(self, exchange: Exchange, *, zipped: bool = False) -> None:
        """Answer with the segments that are whole, the first at least; nobody waits for the next one."""
        self._answer(Asked(None, by_part=False, skip=False, zipped=zipped, plain=True), exchange)

    def _answer(self, asked: Asked, exchange: Exchange) -> None:
        """Answer now, or once the part that is waited for is there."""
        awaited = _FIRST_WHOLE if asked.place is None else asked.place
        if self._lists(awaited):
            exchange.send(self._current(asked))
            return
        held = _Held(asked, self._clock.monotonic_ns() + BLOCK_NS)
        self._blocked.setdefault(awaited, Holding()).hold(exchange, held)

    def close(self) -> None:
        """No part follows: list all for who waits for parts, and tell them a moment later that it is over.

        Of an end that comes with further parts hls.js 1.7 plays none, and waits for them for ever. All others
        are told at once: of an end that comes without a further segment Video.js 8 takes no note.
        """
        self._closes_ns = self._clock.monotonic_ns() + LAST_PARTS_NS

    def closed(self, now_ns: int) -> list[Delivery]:
        """Say who hears that it is over, once that is due."""
        if self._closes_ns is None or now_ns < self._closes_ns:
            return []
        self._closes_ns = None
        return self.changed()

    def changed(self) -> list[Delivery]:
        """Say what is due to whom, now that the window has more or has ended."""
        if self._version == self._told:
            return []
        self._told = self._version
        by_shape: dict[Asked, list[Exchange]] = defaultdict(list)
        for place in [place for place in self._blocked if self._lists(place)]:
            for exchange, held in self._blocked.pop(place).items():
                by_shape[held.asked].append(exchange)
        return [
            Delivery(exchanges, partial(send, self._current(asked))) for asked, exchanges in by_shape.items()
        ]

    def expired(self, now_ns: int) -> list[Delivery]:
        """Say who has waited for too long."""
        late = [
            exchange
            for held in self._blocked.values()
            for exchange, each in held.items()
            if each.until_ns < now_ns
        ]
        return [Delivery(late, _REFUSE)] if late else []

    def abandoned(self) -> list[Delivery]:
        """Say who waits in vain when the programme is let go."""
        return [Delivery(list(held), _REFUSE) for held in self._blocked.values()]

    def _check_reach(self, wanted: Place, *, by_part: bool) -> None:
        """Refuse what is beyond the next segment but one, or the Advance Part Limit."""
        making = self._window.next_part
        if wanted[0] > making[0] + 1:
            raise BadRequest("This playlist is further ahead than may be waited for.", newest=making[0] - 1)
        if by_part and hls_live.parts_ahead(wanted, making) > hls_live.ADVANCE_PARTS:
            raise BadRequest("This part is further ahead than may be waited for.", newest=making[1] - 1)

    @property
    def _is_over(self) -> bool:
        return self._window.ended and self._closes_ns is None

    def _lists(self, place: Place) -> bool:
        """Whether there is nothing to wait for."""
        return self._is_over or place < self._window.next_part

    @property
    def _version(self) -> tuple[Place, bool, bool, int]:
        return self._window.next_part, self._window.ended, self._is_over, self._window.oldest

    def _current(self, asked: Asked) -> bytes:
        shape = (asked.skip, asked.zipped, asked.place is not None, asked.plain)
        return self._renderings.of(shape, (self._version, self.keeping), partial(self._render, asked))

    def _render(self, asked: Asked, date_s: float) -> bytes:
        window = self._window
        closing = self._closes_ns is not None and asked.place is not None
        body = hls_live.live(
            window.listing,
            anchor_utc_ns=self._anchor_utc_ns,
            ended=window.ended and not closing,
            closing=closing,
            reports=self._reports,
            skip=asked.skip,
            plain=asked.plain,
        )
        cache = self.keeping.playlists if asked.place is None else self.keeping.reloads
        return answers.document(body, hls.CONTENT_TYPE, cache, date_s=date_s, zipped=asked.zipped)


_REFUSE = partial(send, answers.refusal(StageUnavailable()))


def _asked(query: str, *, zipped: bool) -> Asked:
    """What a query asks for. A segment without a part means all of it. Raises BadRequest."""
    if not query:
        return Asked(None, by_part=False, skip=False, zipped=zipped)
    try:
        fields = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise BadRequest("The address asks for too many things.") from error
    number, part = fields.get("_HLS_msn"), fields.get("_HLS_part")
    skip = fields.get("_HLS_skip") in {"YES", "v2"}
    return Asked(_place(number, part), by_part=part is not None, skip=skip, zipped=zipped)


def _place(number: str | None, part: str | None) -> Place | None:
    """Which part is waited for; one beyond a segment's last stands for the next one's first."""
    if number is None:
        if part is not None:
            raise BadRequest("_HLS_part needs _HLS_msn.")
        return None
    if part is None:
        return _count(number), hls.PARTS_PER_SEGMENT - 1
    place = _count(number), _count(part)
    return place if place[1] < hls.PARTS_PER_SEGMENT else (place[0] + 1, 0)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise BadRequest("_HLS_msn and _HLS_part are whole numbers.")
    return int(text)
