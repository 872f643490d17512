"""How often an open page asks the door: decided from how many do, and how many come. Pure.

A small crowd asks so often that a notice stands on every page within two seconds. A large one asks
less often, so that all of it together stays under the rate that the door is given for this. Whoever joins
takes part of that rate: while a crowd arrives, those who are there already ask less often still.
"""

from __future__ import annotations

from math import ceil

LEAST_MS = 1_500
"""With half a second for the way from the notice to the answer, this makes two."""
MOST_MS = 60_000
"""Also under a flood of questions, a page asks at least so often."""
MEAN = 0.85
"""A page comes back after 0.7 to 1 of the time it was told, evenly spread (``web/src/door/pace.ts``)."""
NEAR_MS = 8_000
"""Whoever is soon called asks at least so often."""
SOON_MS = 2_000
"""When whoever is owed a place, or called, asks again; nobody who came too early does so sooner."""
OWED_MS = 5_000
"""The same at the latest, where very many pages ask."""
LEAST_SHARE = 0.5
"""Of the rate, what is left for open pages however many join."""


def left_per_s(most_per_s: int, *, joins_per_s: int) -> float:
    """Return how many questions of open pages the rate has room for beside those who join."""
    return max(LEAST_SHARE * most_per_s, most_per_s - joins_per_s)


def poll_ms(askers: int, *, most_per_s: float) -> int:
    """Return the longest time until a page asks again, while ``askers`` pages do."""
    return min(MOST_MS, max(LEAST_MS, ceil(1_000 * askers / (MEAN * most_per_s))))


def first_ms(poll_ms: int, *, most_per_s: int, joins_per_s: int, spread: float) -> int:
    """Return the longest time until somebody asks again who has just come and is not soon called.

    While many arrive they come back after these, not among them: all together would be twice as many. Where
    few do, they ask as often as everybody. ``spread`` is in [0, 1), another for each.
    """
    load = joins_per_s / most_per_s
    return min(MOST_MS, max(poll_ms, round(NEAR_MS * (min(1, load) + 2 * spread * load))))


def owed_ms(poll_ms: int) -> int:
    """Return when somebody asks again who is called, or owed the next place."""
    return max(SOON_MS, min(OWED_MS, poll_ms))


def again_ms(first_ms: int, *, is_near: bool, due_ms: int | None = None, least_ms: int = 0) -> int:
    """Return when somebody asks again who is not called yet: just when they surely are, where that is known.

    ``least_ms``: until whoever came too early comes again.
    """
    return max(least_ms, due_ms or (min(NEAR_MS, first_ms) if is_near else first_ms))


def back_ms(told_ms: int) -> int:
    """Return when a page that was told ``told_ms`` is expected back, on average."""
    return round(MEAN * told_ms)
