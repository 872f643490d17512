"""The newest segments of one rendition in memory, chunk by chunk. No I/O, no exchanges.

Holds ten whole segments and the open one (under half a megabyte); older ones are read from the
tape by whoever is asked for them.
"""

from __future__ import annotations

from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT
from rostra.media.hls_live import LiveSegment, next_part

KEPT_SEGMENTS = 10
END_SEGMENTS = 4
"""The end of a programme whose rest is for nobody: more than 11 s, as far behind as any player plays."""


class Window:
    """Chunks by segment number. Chunks come in order, without holes."""

    def __init__(self, first: int) -> None:
        self.newest = first
        """The segment of the next chunk, or of the last one once ended."""
        self.ended = False
        self._segments: dict[int, list[bytes]] = {first: []}

    def append(self, chunk: bytes) -> int:
        """Add the next chunk; return the number of its segment."""
        number = self.newest
        chunks = self._segments[number]
        chunks.append(chunk)
        if len(chunks) == CHUNKS_PER_SEGMENT:
            self.newest = number + 1
            self._segments[self.newest] = []
            self._segments.pop(self.newest - KEPT_SEGMENTS - 1, None)
        return number

    def end(self) -> None:
        """No chunk follows. A segment that was open is complete as it is."""
        self.ended = True
        if not self._segments[self.newest] and self.newest - 1 in self._segments:
            del self._segments[self.newest]
            self.newest -= 1

    def shorten(self) -> None:
        """Keep of an ended programme the end alone."""
        for number in list(self._segments)[:-END_SEGMENTS]:
            del self._segments[number]

    @property
    def oldest(self) -> int:
        """The first segment that is held here."""
        return next(iter(self._segments))

    @property
    def quanta(self) -> int:
        """The end of what is here, in chunks since the programme began."""
        return self.newest * CHUNKS_PER_SEGMENT + len(self._segments[self.newest])

    def between(self, first: int, last: int) -> list[bytes]:
        """The chunks from ``first`` to before ``last``, counted as ``quanta``; all must be held here."""
        numbers = range(first // CHUNKS_PER_SEGMENT, -(-last // CHUNKS_PER_SEGMENT))
        chunks = [chunk for number in numbers for chunk in self._segments[number]]
        skipped = first % CHUNKS_PER_SEGMENT
        return chunks[skipped : skipped + last - first]

    def is_complete(self, number: int) -> bool:
        """Whether no further chunk comes in segment ``number``."""
        return number < self.newest or (self.ended and number == self.newest)

    def is_past(self, number: int) -> bool:
        """Whether segment ``number`` was before those that are held here."""
        return number < self.oldest

    def chunks(self, number: int) -> list[bytes] | None:
        """The chunks so far of a segment; None when it is not held here."""
        return self._segments.get(number)

    def part(self, number: int, part: int) -> bytes | None:
        """A whole part of a segment that is held here; None for any other."""
        chunks = self._segments.get(number, [])[part * CHUNKS_PER_PART : (part + 1) * CHUNKS_PER_PART]
        if len(chunks) == CHUNKS_PER_PART or (chunks and self.is_complete(number)):
            return b"".join(chunks)
        return None

    @property
    def listing(self) -> list[LiveSegment]:
        """The segments as a playlist lists them, the newest last."""
        return [
            LiveSegment(number, len(chunks), self.is_complete(number))
            for number, chunks in self._segments.items()
        ]

    @property
    def next_part(self) -> tuple[int, int]:
        """Segment number and index of the part in the making."""
        return next_part(self.listing[-1:])
