"""When whoever asked for it is told what of a space. Pure: values in, sendings out.

A sending is spread: who has a late ``spot`` in it (a millionth, drawn once) is told late. So it is neither a
burst for the servers that carry it nor a stampede at the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.control.lifecycle import BEFORE_LIVE, UNFINISHED
from rostra.core.ids import SpaceId

LEAD_MS: Final = 10 * 60_000
"""Everybody has been reminded so long before the start."""
LATE_MS: Final = 15 * 60_000
"""So long after it whoever was not reminded of it still is."""
SPOTS: Final = 1_000_000
GAP_MS: Final = 1_000
"""Between one and the next, while they are few: they need not come to the door at one time."""
FEW: Final = 60
MOST_SPREAD_MS: Final = 30 * 60_000
"""Of what is told as soon as may be."""
AHEAD_MS: Final = 5 * 60_000
"""Everybody has been told of another start so long before the one that they know, or before the new one."""
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
    ends_ms: int | None = None
    """Of one without ``begins_ms``: by when its last spot is due; None: whenever it may be."""

    @property
    def is_timed(self) -> bool:
        """Whether everybody has to be told by a time."""
        return self.begins_ms is not None or self.ends_ms is not None

    @property
    def key(self) -> tuple[Occasion, int | str]:
        """Two sendings of a space with equal keys are the same."""
        return self.occasion, self.value

    @property
    def is_last(self) -> bool:
        """Whether there is nothing more to tell of the space."""
        return self.occasion in (Occasion.RECORDING, Occasion.CANCELLED)


def needed_ms(people: int, *, rate: float) -> int:
    """Return how long it takes to tell so many, at as much of ``rate`` a second as is planned with."""
    return round(people / (rate * HASTE) * 1000)


def spread_ms(people: int, *, rate: float) -> int:
    """Return over how long a sending to so many is spread, at no more than ``rate`` a second."""
    return max(GAP_MS, GAP_MS * min(people, FEW), needed_ms(people, rate=rate))


def ends_of_soon(starts: Iterable[tuple[SpaceId, int, int]], *, rate: float) -> dict[SpaceId, int]:
    """Return by when all are to be reminded of a start (UTC ms), of (space, start, people) each.

    That is :data:`LEAD_MS` before it, or earlier where reminders of others that begin after it need the time:
    all of them share one rate.
    """
    ends: dict[SpaceId, int] = {}
    free_ms: float = inf
    for space, starts_at, people in sorted(starts, key=lambda each: each[1], reverse=True):
        ends[space] = round(min(starts_at - LEAD_MS, free_ms))
        free_ms = ends[space] - needed_ms(people, rate=rate)
    return ends


def sendings(
    state: SpaceState,
    now_ms: int,
    *,
    begins_ms: int,
    expected_ms: int | None = None,
    target: SpaceState | None = None,
) -> Iterator[Sending]:
    """Yield what is to be told of a space now, the most pressing first.

    ``expected_ms``: the earliest start that is expected by those who know of another one; None: nobody does.

    ``begins_ms``: from when on those who asked are reminded of the start. Whoever was not by then hears it in
    the minutes after: that it begins, or that it has begun.

    ``target``: where it goes on, if that is known. While that is not over it is all there is to tell, however
    the space itself ends: whoever asked is told of the other from then on.
    """
    lifecycles = {each.lifecycle for each in (state, target) if each is not None}
    if state.moved_to is not None and lifecycles & UNFINISHED:
        yield Sending(Occasion.MOVED, "told_moved", state.moved_to)
        return
    if state.lifecycle is Lifecycle.CANCELLED:
        yield Sending(Occasion.CANCELLED, "told_over", 1)
        return
    if state.lifecycle is Lifecycle.PUBLISHED and state.recording is not None:
        yield Sending(Occasion.RECORDING, "told_over", 1)
        return
    reminds = begins_ms <= now_ms < max(state.starts_at, state.live_at) + LATE_MS
    if state.lifecycle is Lifecycle.LIVE:
        yield Sending(Occasion.BEGUN, "told_begun", 1)
        if reminds:
            yield Sending(Occasion.BEGUN, "told_soon", state.starts_at, begins_ms)
    if state.lifecycle in BEFORE_LIVE:
        ends_ms = None if expected_ms is None else min(expected_ms, state.starts_at) - AHEAD_MS
        yield Sending(Occasion.RESCHEDULED, "told_start", state.starts_at, ends_ms=ends_ms)
        if reminds:
            yield Sending(Occasion.SOON, "told_soon", state.starts_at, begins_ms)


def due_spot(sending: Sending, seen_ms: int, now_ms: int, *, spread_ms: int) -> int:
    """Return up to which spot, exclusive, a sending has come that was first seen at ``seen_ms``.

    What is planned for a time takes as long as it needs, and begins so much earlier; anything else goes as
    fast as the rate allows once half an hour has passed, or what was left until it ends.
    """
    if sending.begins_ms is not None:
        return reached_spot(sending.begins_ms, now_ms, spread_ms=spread_ms)
    left_ms = MOST_SPREAD_MS if sending.ends_ms is None else sending.ends_ms - seen_ms
    return reached_spot(seen_ms, now_ms, spread_ms=max(1, min(spread_ms, MOST_SPREAD_MS, left_ms)))


def reached_spot(begins_ms: int, now_ms: int, *, spread_ms: int) -> int:
    """Return up to which spot, exclusive, a sending has come."""
    return max(0, min(SPOTS, (now_ms - begins_ms) * SPOTS // spread_ms + 1))


def portions(wanted: Sequence[tuple[Sending, int]], most: int) -> list[int]:
    """Return how many of each sending are told in this turn, ``most`` of all, of as many as are due.

    What has to be told by a time gets what was planned with, anything else the rest; among their like they
    share evenly. What the ones do not need the others get.
    """
    timed = [count if sending.is_timed else 0 for sending, count in wanted]
    other = [0 if sending.is_timed else count for sending, count in wanted]
    kept = sum(shares(other, round(most * (1 - HASTE))))
    first = shares(timed, most - kept)
    return [one + another for one, another in zip(first, shares(other, most - sum(first)), strict=True)]


def shares(wanted: Sequence[int], most: int) -> list[int]:
    """Return how many each gets of ``most``: as many as anybody else, or all that it wants."""
    given = [0] * len(wanted)
    for done, which in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[which] = min(wanted[which], -(-most // (len(wanted) - done)))
        most -= given[which]
    return given


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
