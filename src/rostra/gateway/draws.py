"""Publishes draws that are over: ``draw.json`` and ``draw.log`` of a space, from its journal.

Reads one journal at a time, in a thread, and keeps what the last few say; the log goes out in pieces, so that
a slow reader fills no memory. Tells nothing of a draw before its numbers are dealt.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from rostra.admission.draw import commit
from rostra.admission.drawn import ENTRY_BYTES, Document, write_log
from rostra.core import words
from rostra.core.errors import RostraError, Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.answers import ANY_ORIGIN, answer
from rostra.gateway.errors import NotDrawn
from rostra.gateway.journal import of_the_draw
from rostra.serving.exchange import Deliver, Exchange
from rostra.serving.response import JSON, Headers, error_response, head

DOCUMENT: Final = "draw.json"
LOG: Final = "draw.log"
KEPT: Final = 2
"""Draws kept in memory; beyond, the one asked for longest ago goes."""
MOST_ASKED: Final = 8
"""Journals that are asked for at once, one of them being read; beyond, whoever asks is told to come again."""
PIECE: Final = 1_000
"""Entries written at once."""
LASTING: Final = ("Cache-Control", "public, max-age=86400")
"""A draw that is over does not change."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw that is over."""

    document: Document
    entries: NDArray[np.uint8]
    """In order: a row of 33 bytes each, its line and its id."""

    def log(self, at: int, count: int) -> bytes:
        """Return so many lines of ``draw.log``, from one on."""
        return write_log((int(row[0]), row[1:].tobytes()) for row in self.entries[at : at + count])


class Draws:
    """Of one door process."""

    def __init__(self, folder: Path) -> None:
        """``folder`` holds each space's journal."""
        self._folder = folder
        self._kept: OrderedDict[SpaceId, Drawn] = OrderedDict()
        self._asked: dict[SpaceId, asyncio.Task[None]] = {}
        self._reads = asyncio.Lock()
        """Held while a journal is read."""

    def deliver(
        self,
        space: SpaceId,
        name: str,
        exchange: Exchange,
        *,
        kept: Headers,
        language: str = words.ENGLISH,
    ) -> None:
        """Answer now, or once the journal is read: then perhaps with NotDrawn. Unavailable."""
        drawn = self._kept.get(space)
        if drawn is not None:
            self._kept.move_to_end(space)
            _send(drawn, name, exchange, kept)
            return
        reading = self._asked.get(space)
        if reading is None:
            if len(self._asked) >= MOST_ASKED:
                raise Unavailable
            reading = self._asked[space] = asyncio.create_task(self._read(space))
        reading.add_done_callback(lambda _: self._answer(space, name, exchange, kept, language))

    def _answer(self, space: SpaceId, name: str, exchange: Exchange, kept: Headers, language: str) -> None:
        drawn = self._kept.get(space)
        if drawn is None:
            exchange.send(error_response(NotDrawn(), headers=[ANY_ORIGIN], language=language))
        else:
            _send(drawn, name, exchange, kept)

    async def _read(self, space: SpaceId) -> None:
        try:
            async with self._reads:
                drawn = await asyncio.to_thread(read, self._folder / space / "journal", space)
            self._kept[space] = drawn
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        except (RostraError, OSError):
            pass  # Whoever asked is told that there is none.
        finally:
            del self._asked[space]


def read(journal: Path, space: SpaceId) -> Drawn:
    """Return the draw that a journal tells of. NotDrawn, OSError."""
    known, entries = of_the_draw(journal)
    if not known.root:
        raise NotDrawn
    document = Document(
        space=space,
        commitment=commit(known.seed).hex(),
        root=known.root.hex(),
        seed=known.seed.hex(),
        opened_at=known.opened_ms,
        closed_at=known.closed_ms,
        entries=len(entries),
    )
    return Drawn(document, entries)


def _send(drawn: Drawn, name: str, exchange: Exchange, kept: Headers) -> None:
    lines = [*kept, ANY_ORIGIN, ("X-Content-Type-Options", "nosniff")]
    if name == DOCUMENT:
        body = msgspec.json.encode(drawn.document)
        exchange.send(answer(200, body, content_type=JSON, headers=lines, gzip_level=0).plain)
        return
    length = ("Content-Length", str(len(drawn.entries) * ENTRY_BYTES))
    pieces = itertools.count()

    def piece(deliver: Deliver) -> None:
        at = next(pieces) * PIECE
        deliver(drawn.log(at, PIECE) if at < len(drawn.entries) else None)

    exchange.stream(head(200, [("Content-Type", "text/plain; charset=us-ascii"), length, *lines]), piece)
