"""Answers rendered before they are asked for: plain, and gzipped for who accepts it.

An answer that depends on the time is kept by :class:`Fresh` for a second, however many ask.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rostra.core.clock import Clock
from rostra.serving.codings import takes_gzip
from rostra.serving.request import Request
from rostra.serving.response import Headers, dated, http_date, response

K = TypeVar("K", bound=Hashable)

FRESH_NS = 1_000_000_000
READY_NS = 100_000_000
"""So long a page goes out unchanged: what it counts may be so much older than in one that is kept fresh."""
_WORTH_BYTES = 600
"""Smaller bodies fit into one packet anyway."""
NO_STORE = ("Cache-Control", "no-store")
ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
SHORT_LIVED = ("Cache-Control", "max-age=1")


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole response; ``gzipped`` is the same with its body compressed, where that pays."""

    plain: bytes
    gzipped: bytes | None = None

    def to(self, request: Request) -> bytes:
        """Return the variant that ``request`` accepts."""
        return self.gzipped if self.gzipped is not None and takes_gzip(request.headers) else self.plain


def answer(
    status: int,
    body: bytes,
    *,
    content_type: str,
    headers: Headers = (),
    gzip_level: int = 6,
    vary: Sequence[str] = (),
) -> Answer:
    """Render a response; text of some size gets its gzipped variant. ``gzip_level`` 0: never.

    ``vary`` names the request's headers that the answer depends on besides.
    """
    if gzip_level == 0 or len(body) < _WORTH_BYTES:
        varying = [*headers, ("Vary", ", ".join(vary))] if vary else headers
        return Answer(response(status, body, content_type=content_type, headers=varying))
    varying = [*headers, ("Vary", ", ".join(["Accept-Encoding", *vary]))]
    packed = gzip.compress(body, gzip_level, mtime=0)
    return Answer(
        response(status, body, content_type=content_type, headers=varying),
        response(status, packed, content_type=content_type, headers=[*varying, ("Content-Encoding", "gzip")]),
    )


class Fresh(Generic[K]):
    """Answers by key, each rendered again when asked for after more than a second.

    Holds at most ``most`` answers; beyond, the one asked for longest ago goes.
    """

    def __init__(self, *, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[K, tuple[int, Answer]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K, render: Callable[[], Answer]) -> Answer:
        """Return the answer under ``key``, by ``render`` unless a fresh one is there."""
        now_ns = self._clock.monotonic_ns()
        kept = self._kept.get(key)
        if kept is None or now_ns - kept[0] >= FRESH_NS:
            kept = self._kept[key] = (now_ns, render())
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept[1]


class Ready:
    """Answers by the very words of a request: whoever says the same a moment later gets the same.

    All are let go after a tenth of a second, and with every ``turn`` of what they tell of. Holds ``most``.
    """

    def __init__(self, *, clock: Clock, turn: Callable[[], int], most: int) -> None:
        self._clock = clock
        self._turn = turn
        self._most = most
        self._kept: dict[tuple[str, bytes], bytes] = {}
        self._until_ns = self._of_turn = 0

    def get(self, path: str, fields: bytes) -> bytes | None:
        """Return the answer to a GET of ``path`` with these lines (:attr:`Request.fields`)."""
        if self._kept and (self._clock.monotonic_ns() >= self._until_ns or self._of_turn != self._turn()):
            self._kept.clear()
        return self._kept.get((path, fields))

    def keep(self, request: Request, rendered: bytes) -> None:
        """Have this go out to whoever asks so, dated now. Nothing is kept of what few others say, too."""
        if not request.fields or request.query or request.method != "GET":
            return
        if not self._kept:
            self._until_ns, self._of_turn = self._clock.monotonic_ns() + READY_NS, self._turn()
        if len(self._kept) < self._most:
            now = f"\r\nDate: {http_date(self._clock.utc_ns() // 1_000_000_000)}".encode()
            self._kept[request.path, request.fields] = dated(rendered, now)
