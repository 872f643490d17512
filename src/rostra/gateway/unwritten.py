"""What could not be written to the journals of waiting rooms: told to the log once in a while.

A full disk must not end the door. Decides nothing, and keeps nothing but when it spoke last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from rostra.core.clock import Clock
from rostra.core.ids import SpaceId

log = structlog.get_logger()

EVERY_NS: Final = 10_000_000_000
"""The log hears of it so often at most, however many turns fail for however many spaces."""


class Unwritten:
    """Of one door process."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._next_ns = clock.monotonic_ns()
        self._times = 0

    @contextmanager
    def tolerated(self, space: SpaceId) -> Iterator[None]:
        """Go on after an OSError of this space's journal: the next turn tries again."""
        try:
            yield
        except OSError as error:
            self._times += 1
            now_ns = self._clock.monotonic_ns()
            if now_ns >= self._next_ns:
                log.error("journal_failed", space=space, reason=str(error), times=self._times)
                self._next_ns, self._times = now_ns + EVERY_NS, 0
