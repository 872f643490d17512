"""The endless stream: one rendition as Icecast serves it, for radios and cars.

Stays open through an outage and leaves out the silence that stands for it: a stream without times
would otherwise play it late and stay late. When all places are taken a radio hears that instead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from rostra.core.clock import Clock
from rostra.core.pace import LANES
from rostra.edge import answers
from rostra.edge.forms import Form
from rostra.edge.holding import Holding
from rostra.edge.in_step import Group, Groups
from rostra.edge.renderings import Renderings
from rostra.edge.sweep import Delivery, Fanout, Round
from rostra.media import events, icy
from rostra.media.events import Event, Snapshot
from rostra.serving.errors import Overloaded
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Recipients, Seats

BURST_CHUNKS = 12
"""3.84 s at once: players look at some seconds of a stream before they play the first."""
LAG_BYTES = 32_768
"""A listener for whom so much waits in this process misses what comes next: just more than the burst."""
LAGS_NS = 60 * 1_000_000_000
"""Whoever lags for so long without a break is paused or gone, and leaves the place to others."""
MOST_TOLD = 500
"""Radios that hear at one time that all places are taken; further ones are refused."""
MESSAGE_S = 12
"""From one beginning of the message to the next; it is shorter."""
TOLD_TIMES = 5
"""Then the stream ends, and the radio tries again."""
_MESSAGES = Path(__file__).with_name("messages")


class Billboard:
    """What a radio shows: the title, and who speaks or spoke last."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._seen: Snapshot | None = None
        self._speakers = ""
        self.block = icy.block(title)
        """The same as ICY metadata."""

    @property
    def text(self) -> str:
        return f"{self._title} – {self._speakers}" if self._speakers else self._title

    def take(self, chunk: bytes) -> None:
        """Read a chunk's events."""
        before = self._speakers
        for event in events.read(chunk):
            self._apply(event)
        if self._speakers != before:
            self.block = icy.block(self.text)

    def _apply(self, event: Event) -> None:
        self._seen = seen = events.apply(self._seen, event)
        names = {each.id: each.name for each in seen.speakers}
        self._speakers = ", ".join(names[each] for each in seen.speaking if each in names) or self._speakers


@dataclass(frozen=True, slots=True)
class RadioPlaces:
    """How many may listen to each endless stream of a process, and whether others are told so."""

    most: int = 16_000
    tells: bool = True


ENOUGH = RadioPlaces()


class _Beginning(NamedTuple):
    """What a listener gets first, all in one write."""

    head: bytes
    whole: bytes
    """The head, and the newest seconds."""
    phase: icy.Phase
    """Where whoever gets titles is then."""


class Radio:
    """The endless stream of one rendition, the number ``rendition`` of its tape."""

    def __init__(
        self,
        form: Form,
        *,
        rendition: int,
        title: str,
        bit_rate: int,
        billboard: Billboard,
        clock: Clock,
        places: RadioPlaces,
    ) -> None:
        self.rendition = rendition
        self.extension = form.extension
        self._form = form
        self._title = title
        self._bit_rate = bit_rate
        self._billboard = billboard
        self._clock = clock
        self._places = places
        self._recent: deque[bytes] = deque(maxlen=BURST_CHUNKS + LANES)
        self._count = 0
        """Chunks so far; ``_recent`` ends with the newest."""
        self._sent = [0] * LANES
        """How many of them each lane has."""
        self._due: set[int] = set()
        self._plain = tuple(Recipients() for _ in range(LANES))
        """By lane, those who hear the audio alone."""
        self._titled: tuple[Groups[icy.Phase], ...] = tuple(map(Groups, range(LANES)))
        """By lane, those who get titles, by where they have the next one."""
        self._beginnings: Renderings[_Beginning] = Renderings(clock=clock)
        """By how many chunks a lane has, and whether titles are wanted."""
        self._told: Holding[list[int]] = Holding()
        """Who hears that it is full: when next (monotonic ns), and how often still."""
        self._lagging: dict[Exchange, int] = {}
        """Since when they have missed what comes (monotonic ns)."""
        self.skipped = 0
        """Writes left out because a listener lagged; they begin and end with a frame."""
        self.dropped = 0
        """Listeners let go because they lagged for too long."""
        self.open_count = 0
        """Streams now open."""

    def over(self, exchange: Exchange) -> None:
        """A stream is over."""
        self.open_count -= 1
        self._lagging.pop(exchange, None)

    def answer(self, exchange: Exchange, *, wants_titles: bool, lane: int = 0) -> bool:
        """Begin a stream with the newest seconds that its lane has (:mod:`rostra.edge.pace`).

        False when there is no place. Raises Overloaded when nobody can be told so either.
        """
        if self.open_count >= self._places.most:
            self._tell(exchange)
            return False
        titled, sent = wants_titles and self._form.takes_titles, self._sent[lane]
        begins = self._beginnings.of(
            (sent, titled), self._billboard.text, partial(self._beginning, sent, titled=titled)
        )
        exchange.begin(begins.head if exchange.head_only else begins.whole, chunked=False)
        if not exchange.closed:
            self.open_count += 1
            exchange.watch(self)
            if titled:
                self._titled[lane].put(begins.phase, exchange)
            else:
                self._plain[lane].add(exchange)
        return True

    def arrived(self, chunk: bytes, lanes: range) -> None:
        """Take a chunk of the programme, at which these lanes are due."""
        self._recent.append(self._form.wrap(chunk))
        self._count += 1
        self._due.update(lanes)

    def due(self) -> list[Fanout]:
        """Say what is due to whom, of all that has arrived since last asked."""
        lanes: dict[int, list[int]] = {}
        for lane in self._due:
            lanes.setdefault(self._sent[lane], []).append(lane)
            self._sent[lane] = self._count
        self._due.clear()
        return [each for sent, alike in lanes.items() for each in self._of_lanes(alike, sent)]

    def tick(self) -> list[Delivery]:
        """Say who is due to hear the message again, and who lags for too long. Call a few times a second."""
        now_ns = self._clock.monotonic_ns()
        due = [exchange for exchange, (next_ns, _) in self._told.items() if next_ns <= now_ns]
        self._lagging = {each: since for each, since in self._lagging.items() if _lags(each)}
        paused = [exchange for exchange, since_ns in self._lagging.items() if now_ns - since_ns > LAGS_NS]
        return [Delivery(who, act) for who, act in ((due, self._repeat), (paused, self._drop)) if who]

    def ended(self) -> list[Round]:
        """Every stream ends with the tape."""
        self._due.update(range(LANES))
        end = partial(_end, self._form.closing())
        streams = [list(each) for each in self._plain] + [list(each.everyone()) for each in self._titled]
        over = [Delivery(each, end) for each in streams if each]
        return [*self.due(), *over, Delivery(list(self._told), Exchange.end)]

    def _of_lanes(self, lanes: list[int], sent: int) -> Iterator[Fanout]:
        """To those who get the audio alone, and to those who get titles: the same to all in one phase.

        From now on they are in the phase behind it, but for those whom the fan-out leaves out.
        """
        audio = self._chunks(sent, self._count)
        plain = [self._plain[lane].seats() for lane in lanes if self._plain[lane]]
        if plain:
            yield Fanout(audio, partial(self._feed, audio), plain)
        titled: dict[icy.Phase, list[Seats]] = {}
        woven: dict[icy.Phase, tuple[bytes, icy.Phase]] = {}
        for groups in map(self._titled.__getitem__, lanes):
            for phase in groups.keys() - woven.keys():
                woven[phase] = phase.weave(audio, self._billboard.block)
            for phase, seats in groups.advance([(phase, woven[phase][1]) for phase in groups]):
                titled.setdefault(phase, []).append(seats)
        for phase, some in titled.items():
            data, _ = woven[phase]
            yield Fanout(data, partial(self._feed_titled, data, phase), some)

    def _feed(self, data: bytes, exchange: Exchange) -> bool:
        """Write whole frames, or leave them out where the last ones were not taken. True when written."""
        if _lags(exchange):
            self.skipped += 1
            self._lagging.setdefault(exchange, self._clock.monotonic_ns())
            return False
        exchange.write(data)
        return True

    def _feed_titled(self, data: bytes, phase: icy.Phase, exchange: Exchange) -> None:
        """The same; whoever is left out stays in their phase."""
        if not self._feed(data, exchange) and isinstance(exchange.company, Group):
            lane = exchange.company.lane
            exchange.rise()
            self._titled[lane].put(phase, exchange)

    def _drop(self, exchange: Exchange) -> None:
        self.dropped += not exchange.closed
        exchange.drop()

    def _chunks(self, first: int, last: int) -> bytes:
        """Chunks ``first`` to ``last`` of all so far, as far as they are kept."""
        oldest = self._count - len(self._recent)
        return b"".join(islice(self._recent, max(0, first - oldest), max(0, last - oldest)))

    def _beginning(self, sent: int, date_s: float, *, titled: bool) -> _Beginning:
        head, phase = self._head(date_s, metadata=titled), icy.Phase()
        burst = self._chunks(max(0, sent - BURST_CHUNKS), sent)
        if titled:
            burst, phase = phase.weave(burst, self._billboard.block)
        return _Beginning(head, head + self._form.opening(self._billboard.text) + burst, phase)

    def _head(self, date_s: float, *, metadata: bool) -> bytes:
        told = icy.headers(name=self._title, bit_rate=self._bit_rate, metadata=metadata)
        exposed = ("Access-Control-Expose-Headers", ", ".join(name for name, _ in told))
        return answers.until_close(self._form.content_type, answers.NEVER, (*told, exposed), date_s=date_s)

    def _tell(self, exchange: Exchange) -> None:
        if not self._places.tells or len(self._told) >= MOST_TOLD:
            raise Overloaded
        exchange.begin(self._head(self._clock.utc_ns() / 1e9, metadata=False), chunked=False)
        if not exchange.closed:
            self._told.hold(exchange, [0, TOLD_TIMES])
            self._repeat(exchange)

    def _repeat(self, exchange: Exchange) -> None:
        """Write the whole message: it is short, and a player takes it as it plays."""
        told = self._told.get(exchange)
        if told is None:
            return  # it has gone since it was due
        if not told[1] or _lags(exchange):
            exchange.end()
            return
        exchange.write(message(self._form.extension))
        told[0], told[1] = self._clock.monotonic_ns() + MESSAGE_S * 1_000_000_000, told[1] - 1


def _lags(exchange: Exchange) -> bool:
    return exchange.buffered_bytes > LAG_BYTES


def _end(closing: bytes, exchange: Exchange) -> None:
    exchange.write(closing)
    exchange.end()


@cache
def message(extension: str) -> bytes:
    """The message that all places are taken, in English and Spanish (scripts/make_full_message.py)."""
    return (_MESSAGES / f"full.{extension}").read_bytes()


def open_count(radios: Iterable[Radio]) -> int:
    """Streams now open, of all kinds."""
    return sum(each.open_count for each in radios)
