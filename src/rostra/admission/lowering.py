"""Whether a limit has been lowered lately: whoever waits is told so while it is news. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEWS_TICKS: Final = 3_000
"""Five minutes: whoever waits has been told by then, and reckons with it; a tick is 100 ms."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A limit fell."""

    before: int
    """What it was before it began to fall."""
    tick: int
    """When it fell last."""


def after(known: Lowered | None, before: int, now: int, tick: int) -> Lowered | None:
    """Return what there is to tell of a limit that was ``before`` and is ``now``, where ``known`` was."""
    if now >= before:
        return known
    if known is not None and is_news(known, before, tick):
        before = known.before
    return Lowered(before, tick)


def is_news(known: Lowered | None, now: int, tick: int) -> bool:
    """Whether a limit that is ``now`` was higher lately."""
    return known is not None and now < known.before and tick - known.tick < NEWS_TICKS
