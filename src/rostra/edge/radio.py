"""The endless stream: AAC frames in ADTS, as Icecast serves them, for radios and cars.

Stays open through an outage and leaves out the silence that stands for it: a stream without times
would otherwise play it late and stay late.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import islice

from rostra.edge import answers
from rostra.edge.pace import LANES, Pace
from rostra.edge.segments import LAG_BYTES
from rostra.edge.sweep import Delivery
from rostra.media import adts, cmaf
from rostra.media.cmaf import Track
from rostra.serving.exchange import Exchange

CONTENT_TYPE = "audio/aac"
BURST_CHUNKS = 5
"""1.6 s at once, so that a radio starts at once."""


class _Lane(set[Exchange]):
    """The streams of one lane, in step."""

    def over(self, exchange: Exchange) -> None:
        """One has gone."""
        self.discard(exchange)


class Radio:
    """The endless stream of one AAC rendition."""

    def __init__(self, track: Track, *, title: str) -> None:
        self._format = adts.Format.parse(track.config)
        self._recent: deque[bytes] = deque(maxlen=BURST_CHUNKS + LANES)
        self._count = 0
        """Chunks so far; ``_recent`` ends with the newest."""
        self._sent = [0] * LANES
        """How many of them each lane has."""
        self._due: set[int] = set()
        self._lanes: tuple[_Lane, ...] = tuple(_Lane() for _ in range(LANES))
        self._head = answers.until_close(CONTENT_TYPE, answers.NEVER)
        name = "".join(c if c.isascii() and c.isprintable() else "?" for c in title)[:100]
        icy = (("icy-name", name), ("icy-br", str(track.bandwidth // 1000)), ("icy-pub", "0"))
        self._icy_head = answers.until_close(CONTENT_TYPE, answers.NEVER, icy)
        self.skipped = 0
        """Writes left out because a listener lagged; they begin and end with a frame."""

    @property
    def open_count(self) -> int:
        """Streams now open."""
        return sum(map(len, self._lanes))

    def answer(self, exchange: Exchange, *, icy: bool, lane: int = 0) -> None:
        """Begin a stream with the newest second or so that its lane has (:mod:`rostra.edge.pace`)."""
        exchange.begin(self._icy_head if icy else self._head, chunked=False)
        if exchange.closed:
            return
        first = max(0, self._sent[lane] - BURST_CHUNKS)
        exchange.write(self._chunks(first, self._sent[lane]))
        self._lanes[lane].add(exchange)
        exchange.watch(self._lanes[lane])

    def arrived(self, chunk: bytes, quanta: int, pace: Pace) -> None:
        """Take a chunk of the programme, which has ``quanta`` quanta now."""
        self._recent.append(self._format.wrap(cmaf.frames(chunk)))
        self._count += 1
        self._due.update(pace.due(quanta))
        for lane, sent in enumerate(self._sent):
            if self._count - sent >= LANES:  # a change of pace may pass a lane over
                self._due.add(lane)

    def due(self) -> list[Delivery]:
        """Say what is due to whom, of all that has arrived since last asked."""
        due = [self._of_lane(lane) for lane in self._due if self._lanes[lane]]
        for lane in self._due:
            self._sent[lane] = self._count
        self._due.clear()
        return due

    def ended(self) -> list[Delivery]:
        """Every stream ends with the tape."""
        self._due.update(range(LANES))
        return [*self.due(), *(Delivery(tuple(each), Exchange.end) for each in self._lanes if each)]

    def _of_lane(self, lane: int) -> Delivery:
        data = self._chunks(self._sent[lane], self._count)
        return Delivery(tuple(self._lanes[lane]), partial(self._feed, data))

    def _feed(self, data: bytes, exchange: Exchange) -> None:
        """Write whole frames, or leave them out where the last ones were not taken."""
        if exchange.buffered_bytes > LAG_BYTES:
            self.skipped += 1
        else:
            exchange.write(data)

    def _chunks(self, first: int, last: int) -> bytes:
        """Chunks ``first`` to ``last`` of all so far, as far as they are kept."""
        oldest = self._count - len(self._recent)
        return b"".join(islice(self._recent, max(0, first - oldest), max(0, last - oldest)))
