"""How long to wait before the next try: doubling, capped, jittered. Pure but for its dice."""

from __future__ import annotations

import random


class Backoff:
    """One per thing retried. ``reset`` once it has worked."""

    def __init__(
        self, *, first_s: float = 0.2, cap_s: float = 4.0, dice: random.Random | None = None
    ) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._dice = dice or random.Random()
        self._tries = 0

    def next_s(self) -> float:
        """Seconds to wait now: between half and all of the doubled step, so that crowds spread out."""
        step = min(self._cap_s, self._first_s * float(1 << min(self._tries, 30)))
        self._tries += 1
        return step * self._dice.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._tries = 0
