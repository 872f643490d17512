"""How many pages are open and asking: each counts from one answer until it is expected back.

So nobody is counted twice whatever they were told, and who closes a page is forgotten by then. Counts
no addresses: whoever asks without being told to is counted as a page each time, which slows the pages
down to ``polling.MOST_MS`` and no further.
"""

from __future__ import annotations

from rostra.admission import polling
from rostra.core.clock import Clock

_STEP_MS = 250
_STEPS = polling.back_ms(polling.MOST_MS) // _STEP_MS + 2


class Askers:
    """A ring of quarter seconds; each holds how many pages are expected back in it."""

    def __init__(self, *, clock: Clock, most_per_s: int) -> None:
        self._clock = clock
        self._most_per_s = most_per_s
        self._expected = [0] * _STEPS
        self._count = 0
        self._step = self._now()

    def heard(self) -> None:
        """Count a page that is answered now, and told to come back after ``poll_ms``."""
        back = polling.back_ms(self.poll_ms) // _STEP_MS
        self._expected[(self._step + max(1, back)) % _STEPS] += 1
        self._count += 1

    @property
    def poll_ms(self) -> int:
        """What to tell a page now."""
        self._forget()
        return polling.poll_ms(self._count, most_per_s=self._most_per_s)

    def _forget(self) -> None:
        """Take out whoever was expected by now: they have asked again, or are gone."""
        now = self._now()
        for step in range(max(self._step, now - _STEPS) + 1, now + 1):
            self._count -= self._expected[step % _STEPS]
            self._expected[step % _STEPS] = 0
        self._step = now

    def _now(self) -> int:
        return self._clock.monotonic_ns() // (_STEP_MS * 1_000_000)
