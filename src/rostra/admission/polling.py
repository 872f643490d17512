"""How often an open page asks the door: decided from how many do. Pure.

A small crowd asks so often that a notice stands on every page within two seconds. A large one asks
less often, so that all of it together stays under the rate that the door is given for this.
"""

from __future__ import annotations

from math import ceil

LEAST_MS = 1_500
"""With half a second for the way from the notice to the answer, this makes two."""
MOST_MS = 60_000
"""Also under a flood of questions, a page asks at least so often."""
MEAN = 0.85
"""A page comes back after 0.7 to 1 of the time it was told, evenly spread (``web/src/door/pace.ts``)."""


def poll_ms(askers: int, *, most_per_s: int) -> int:
    """Return the longest time until a page asks again, while ``askers`` pages do."""
    return min(MOST_MS, max(LEAST_MS, ceil(1_000 * askers / (MEAN * most_per_s))))


def back_ms(told_ms: int) -> int:
    """Return when a page that was told ``told_ms`` is expected back, on average."""
    return round(MEAN * told_ms)
