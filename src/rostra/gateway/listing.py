"""Which spaces stand in a list: on the home page, on a host's page, in feeds and the site map. Pure.

Only public ones ever do; this is the one place that says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core.errors import NotFound, Unavailable
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.onward import Onward, onward

MOST_LISTED = 50
"""Spaces in one list of a page or feed."""
FORGOTTEN_MS = 24 * 3600 * 1000
"""A space nobody started leaves all lists so long after its announced start."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The three lists of a page, each in the order to show it."""

    live: list[Entry]
    upcoming: list[Entry]
    recordings: list[Entry]

    @property
    def all(self) -> list[Entry]:
        """All of them, each once."""
        return list(
            {entry.state.space: entry for entry in self.live + self.upcoming + self.recordings}.values()
        )


def listed(directory: Directory) -> list[Entry]:
    """Return the spaces that lists may name."""
    return [entry for entry in directory if entry.state.visibility is Visibility.PUBLIC]


def of_host(directory: Directory, handle: str) -> list[Entry]:
    """Return the public spaces of one host. NotFound; Unavailable where none is known yet."""
    found = [entry for entry in listed(directory) if handle and entry.state.host_handle == handle]
    if not found:
        raise NotFound if directory.complete else Unavailable
    return found


def sort_out(entries: Iterable[Entry], directory: Directory, *, now_ms: int) -> Lists:
    """Divide spaces into live (most listened to first), upcoming (next first) and recorded (newest first)."""
    to = onward(directory)
    entries = [entry for entry in entries if not is_elsewhere(entry.state, to)]
    live = [entry for entry in entries if entry.state.lifecycle is Lifecycle.LIVE]
    announced = [entry for entry in entries if is_announced(entry.state, now_ms)]
    recorded = [entry for entry in entries if is_recorded(entry.state)]
    return Lists(
        live=heapq.nlargest(MOST_LISTED, live, key=directory.listeners),
        upcoming=heapq.nsmallest(MOST_LISTED, announced, key=lambda entry: entry.state.starts_at),
        recordings=heapq.nlargest(MOST_LISTED, recorded, key=lambda entry: entry.state.live_at),
    )


def is_elsewhere(state: SpaceState, to: Onward) -> bool:
    """Whether a space is no event of its own: it goes on in another, and left no recording to hear."""
    return to(state) is not None and not is_recorded(state)


def is_announced(state: SpaceState, now_ms: int) -> bool:
    """Whether a space is still to come."""
    if state.lifecycle is Lifecycle.SCHEDULED:
        return now_ms - state.starts_at < FORGOTTEN_MS
    return state.lifecycle is Lifecycle.LOBBY


def is_recorded(state: SpaceState) -> bool:
    """Whether there is a recording that whoever finds the space may hear."""
    return state.recording is not None and state.is_released
