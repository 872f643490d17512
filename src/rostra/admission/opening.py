"""How a limit that was raised opens: in steps that pages announce, so that no whole crowd claims at once.

A lowered limit holds at once. A raised one opens by a fifth of what is to come each three seconds, the first
step after three: until then every page that waits has been told how many places open. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

EVERY_TICKS: Final = 30
"""Between two steps; a tick is 100 ms."""
STEPS: Final = 5
LEAST: Final = 100
"""Fewer places are no step: they open with the others."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A limit on its way."""

    limit: int
    """What holds now."""
    to: int
    """What was ordered."""
    step: int = 0
    due_tick: int = 0
    """When the next step opens."""

    @property
    def left(self) -> int:
        """Places that open in the next steps."""
        return self.to - self.limit


def standing(limit: int) -> Opening:
    """Return a limit that holds as it is."""
    return Opening(limit, limit)


def towards(opening: Opening, to: int, tick: int) -> Opening:
    """Return what holds once ``to`` is ordered at ``tick``. The same order again changes nothing."""
    if to <= opening.limit:
        return standing(to)
    if to == opening.to:
        return opening
    step = max(LEAST, -(-(to - opening.limit) // STEPS))
    due_tick = opening.due_tick if opening.left else tick + EVERY_TICKS
    return Opening(opening.limit, to, step, due_tick)


def after(opening: Opening, tick: int) -> Opening:
    """Return what holds at ``tick``. A clock that jumped opens one step, not all."""
    if not opening.left or tick < opening.due_tick:
        return opening
    limit = min(opening.to, opening.limit + opening.step)
    if limit == opening.to:
        return standing(limit)
    return replace(opening, limit=limit, due_tick=tick + EVERY_TICKS)
