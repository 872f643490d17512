"""What somebody tried and may not leaves its line in the record, and nothing else.

One line each, and at most so many a minute of one person: whoever tries without end fills no disk.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.allowance import Allowance
from rostra.control import audit
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests
from rostra.core.ids import SpaceId
from rostra.store.database import Database

WRITTEN_DOWN: Final = Allowance(burst=200, refill_s=1)
"""Of one person in one space; further ones are refused all the same."""


class RefusedActs:
    """Writes them down."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._throttle = Throttle(clock=clock)

    async def note(self, act: str, *, actor: str, space: SpaceId | None = None, **detail: str) -> None:
        """Write down that ``actor``, as the record names them, was refused."""
        try:
            self._throttle.spend(f"{space} {actor}", WRITTEN_DOWN)
        except TooManyRequests:
            return
        async with self._database.session() as session:
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor, act=act, space=space, **detail)
