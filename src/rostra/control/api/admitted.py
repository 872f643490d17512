"""Whether somebody whose answer lasts, as a stream's does, would still be let in now, and as whom.

Asks the database only after it was written, since a credential ends by a write of this process, and
a few times a minute, since a sign-in ends by time too. Decides nothing: whoever asks anew does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from rostra.control.backstage import Backstage
from rostra.core.errors import RostraError, Unavailable

ANYWAY_NS = 15_000_000_000
T = TypeVar("T")


class Admitted(Generic[T]):
    """``ask_again`` raises what a new request would be refused with; ``answer`` is what it said last."""

    def __init__(self, backstage: Backstage, ask_again: Callable[[], Awaitable[T]], answer: T) -> None:
        self._database = backstage.database
        self._clock = backstage.clock
        self._ask_again = ask_again
        self.answer = answer
        self._seen = self._database.writes
        self._asked_ns = self._clock.monotonic_ns()

    async def still(self) -> bool:
        """Whether they would be. A database that is away refuses nobody."""
        now_ns, writes = self._clock.monotonic_ns(), self._database.writes
        if writes == self._seen and now_ns - self._asked_ns < ANYWAY_NS:
            return True
        try:
            self.answer = await self._ask_again()
        except Unavailable:
            return True
        except RostraError:
            return False
        self._seen, self._asked_ns = writes, now_ns
        return True
