"""Moments in which this machine ran something else: sound in real time is late then, and no network's fault.

All times are monotonic seconds, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable

STALL_S = 0.04
"""Two ticks. Less than that a jitter buffer hides."""
REACH_S = 1.0
"""So long after a stall it may be heard: what was late waits for its turn with the rest."""
_LOOK_S = 0.01

Moment = tuple[float, float]
"""When something was due, and when it was done."""


class Stalls:
    """What was done too late, by whomever."""

    def __init__(self) -> None:
        self._moments: list[Moment] = []

    def note(self, moments: Iterable[Moment]) -> None:
        """Take in what somebody measured; what was hardly late is no stall."""
        self._moments += [(due, done) for due, done in moments if done - due >= STALL_S]

    def explain(self, begins: float, ends: float) -> bool:
        """Whether what was heard between these times may be the doing of a stall."""
        return any(due <= ends and done >= begins - REACH_S for due, done in self._moments)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Note the stalls of this event loop during the block."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self.note([(due, time.monotonic())])
