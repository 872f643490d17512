"""The endless stream: AAC frames in ADTS, as Icecast serves them, for radios and cars.

Stays open through an outage and leaves out the silence that stands for it: a stream without times
would otherwise play it late and stay late.
"""

from __future__ import annotations

from collections import deque

from rostra.edge import answers
from rostra.edge.segments import LAG_BYTES
from rostra.edge.sweep import Delivery
from rostra.media import adts, cmaf
from rostra.media.cmaf import Track
from rostra.serving.exchange import Exchange

CONTENT_TYPE = "audio/aac"
BURST_CHUNKS = 5
"""1.6 s at once, so that a radio starts at once."""


class Radio:
    """The endless stream of one AAC rendition."""

    def __init__(self, track: Track, *, title: str) -> None:
        self._format = adts.Format.parse(track.config)
        self._recent: deque[bytes] = deque(maxlen=BURST_CHUNKS)
        self._listeners: set[Exchange] = set()
        self._head = answers.until_close(CONTENT_TYPE, answers.NEVER)
        name = "".join(c if c.isascii() and c.isprintable() else "?" for c in title)[:100]
        icy = (("icy-name", name), ("icy-br", str(track.bandwidth // 1000)), ("icy-pub", "0"))
        self._icy_head = answers.until_close(CONTENT_TYPE, answers.NEVER, icy)
        self.dropped = 0
        """Listeners dropped because they lagged."""

    @property
    def open_count(self) -> int:
        """Streams now open."""
        return len(self._listeners)

    def answer(self, exchange: Exchange, *, icy: bool) -> None:
        """Begin a stream with the newest second or so."""
        exchange.begin(self._icy_head if icy else self._head, chunked=False)
        if exchange.closed:
            return
        exchange.write(b"".join(self._recent))
        self._listeners.add(exchange)
        exchange.on_close(lambda: self._listeners.discard(exchange))

    def arrived(self, chunk: bytes) -> list[Delivery]:
        """Say what is due to whom, now that a chunk of the programme has come."""
        data = self._format.wrap(cmaf.frames(chunk))
        self._recent.append(data)

        def feed(exchange: Exchange) -> None:
            exchange.write(data)
            if exchange.buffered_bytes > LAG_BYTES:
                self.dropped += 1
                exchange.drop()

        return [Delivery(tuple(self._listeners), feed)] if self._listeners else []

    def ended(self) -> list[Delivery]:
        """Every stream ends with the tape."""
        return [Delivery(tuple(self._listeners), Exchange.end)]
