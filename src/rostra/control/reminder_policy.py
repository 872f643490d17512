"""When whoever asked for it is told what of a space. Pure: values in, sendings out.

A sending is spread: who has a late ``spot`` in it (a millionth, drawn once) is told late. So it is neither a
burst for the servers that carry it nor a stampede at the door.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.control.lifecycle import BEFORE_LIVE, UNFINISHED

LEAD_MS: Final = 10 * 60_000
"""Everybody has been reminded so long before the start."""
SPOTS: Final = 1_000_000
GAP_MS: Final = 1_000
"""Between one and the next, while they are few: they need not come to the door at one time."""
FEW: Final = 60
MOST_SPREAD_MS: Final = 30 * 60_000
HASTE: Final = 0.8
"""Of the rate that may be, a sending plans with so much: what fails is tried again beside it."""
RETRY_MS: Final = 30_000
"""After the first failure; twice as long after each further one."""
MOST_FAILURES: Final = 5
"""In a row; then this address is not told of this any more."""
KEPT_MS: Final = 7 * 86_400_000
"""A reminder goes so long after its space's start, or end, at the latest."""
CONFIRM_MS: Final = 86_400_000
"""Time in which the owner of a mail address can say yes."""
WAITS: Final = (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE, Lifecycle.ENDED, Lifecycle.HELD)
"""Of a space that stands there, something may still be told."""


class Occasion(StrEnum):
    """What one is told; the words are the catalogue's, ``mail.told.<occasion>.…``."""

    SOON = "soon"
    BEGUN = "begun"
    RESCHEDULED = "rescheduled"
    MOVED = "moved"
    """It goes on in another space."""
    RECORDING = "recording"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Sending:
    """Something that those are to be told whose ``column`` holds anything but ``value``."""

    occasion: Occasion
    column: str
    value: int | str
    begins_ms: int | None = None
    """When its first spot is due; None: as soon as it is seen."""

    @property
    def key(self) -> tuple[Occasion, int | str]:
        """Two sendings of a space with equal keys are the same."""
        return self.occasion, self.value

    @property
    def is_last(self) -> bool:
        """Whether there is nothing more to tell of the space."""
        return self.occasion in (Occasion.RECORDING, Occasion.CANCELLED)


def spread_ms(people: int, *, rate: float) -> int:
    """Return over how long a sending to so many is spread, at no more than ``rate`` a second."""
    needed_ms = round(people / (rate * HASTE) * 1000)
    return max(GAP_MS, GAP_MS * min(people, FEW), min(MOST_SPREAD_MS, needed_ms))


def sendings(
    state: SpaceState, now_ms: int, *, spread_ms: int, target: SpaceState | None = None
) -> Iterator[Sending]:
    """Yield what is to be told of a space now, the most pressing first.

    ``target``: where it goes on, if that is known. While that is not over it is all there is to tell, however
    the space itself ends: whoever asked is told of the other from then on.
    """
    if state.moved_to is not None and any(each and each.lifecycle in UNFINISHED for each in (state, target)):
        yield Sending(Occasion.MOVED, "told_moved", state.moved_to)
        return
    if state.lifecycle is Lifecycle.CANCELLED:
        yield Sending(Occasion.CANCELLED, "told_over", 1)
        return
    if state.lifecycle is Lifecycle.PUBLISHED and state.recording is not None:
        yield Sending(Occasion.RECORDING, "told_over", 1)
        return
    if state.lifecycle is Lifecycle.LIVE:
        yield Sending(Occasion.BEGUN, "told_begun", 1)
    if state.lifecycle in BEFORE_LIVE:
        yield Sending(Occasion.RESCHEDULED, "told_start", state.starts_at)
        begins_ms = state.starts_at - LEAD_MS - spread_ms
        if begins_ms <= now_ms < state.starts_at:
            yield Sending(Occasion.SOON, "told_soon", state.starts_at, begins_ms)


def reached_spot(begins_ms: int, now_ms: int, *, spread_ms: int) -> int:
    """Return up to which spot, exclusive, a sending has come."""
    return max(0, min(SPOTS, (now_ms - begins_ms) * SPOTS // spread_ms + 1))


def retry_at(failures: int, now_ms: int) -> int | None:
    """Return when to try again after so many failures in a row; None: not any more."""
    return None if failures >= MOST_FAILURES else now_ms + RETRY_MS * 2 ** (failures - 1)


def seconds_good(sending: Sending, state: SpaceState, now_ms: int) -> int:
    """Return how long a push service may hold the message for a device that is away (RFC 8030 §5.2)."""
    if sending.occasion is Occasion.SOON:
        return max(60, (state.starts_at - now_ms) // 1000 + 900)
    return 3_600 if sending.occasion is Occasion.BEGUN else 86_400


def is_over(state: SpaceState | None, created_ms: int, now_ms: int) -> bool:
    """Whether a reminder is kept no longer; ``state`` is None where the space is hidden or gone."""
    if state is None:
        return now_ms >= created_ms + KEPT_MS
    return now_ms >= max(state.starts_at, state.ended_at, state.live_at) + KEPT_MS
