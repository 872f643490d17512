"""How many pages are open and asking: each counts from one answer until it is expected back.

So nobody is counted twice whatever they were told, and who closes a page is forgotten by then. Counts
no addresses: whoever asks without being told to is counted as a page each time, which slows the pages
down to ``polling.MOST_MS`` and no further. Counts joins of the last second beside them.
"""

from __future__ import annotations

from rostra.admission import polling
from rostra.core.clock import Clock

_STEP_MS = 250
_STEP_NS = _STEP_MS * 1_000_000
_STEPS = polling.back_ms(polling.MOST_MS) // _STEP_MS + 2
_SECOND = 1_000 // _STEP_MS
_SPREAD = 16
"""Newcomers one after the other are told so many different times."""


class Askers:
    """A ring of quarter seconds; each holds how many pages are expected back in it."""

    def __init__(self, *, clock: Clock, most_per_s: int) -> None:
        self._clock = clock
        self._most_per_s = most_per_s
        self._expected = [0] * _STEPS
        self._count = 0
        self._joins = [0] * _SECOND
        """In each quarter of the last second."""
        self._joins_per_s = 0
        self._came = 0
        self._step = clock.monotonic_ns() // _STEP_NS

    def heard(self, told_ms: int) -> None:
        """Count a page that is answered now, and told to come back after ``told_ms``."""
        self._forget()
        self._expect(told_ms)

    def told(self) -> None:
        """Count a page that is answered now, and told to come back as all are (:attr:`poll_ms`)."""
        self._forget()
        self._expect(self._poll_ms())

    def joined(self) -> None:
        """Count somebody who joins."""
        self._forget()
        self._joins[self._step % _SECOND] += 1
        self._joins_per_s += 1

    @property
    def poll_ms(self) -> int:
        """What to tell a page now."""
        self._forget()
        return self._poll_ms()

    def first_ms(self) -> int:
        """What to tell somebody who has just come and is not soon called."""
        self._forget()
        self._came = (self._came + 1) % _SPREAD
        return polling.first_ms(
            self._poll_ms(),
            most_per_s=self._most_per_s,
            joins_per_s=self._joins_per_s,
            spread=self._came / _SPREAD,
        )

    def _poll_ms(self) -> int:
        left = polling.left_per_s(self._most_per_s, joins_per_s=self._joins_per_s)
        return polling.poll_ms(self._count, most_per_s=left)

    def _expect(self, told_ms: int) -> None:
        back = polling.back_ms(min(told_ms, polling.MOST_MS)) // _STEP_MS
        self._expected[(self._step + max(1, back)) % _STEPS] += 1
        self._count += 1

    def _forget(self) -> None:
        """Take out whoever was expected by now: they have asked again, or are gone. So are joins long ago."""
        now = self._clock.monotonic_ns() // _STEP_NS
        if now == self._step:
            return
        for step in range(max(self._step, now - _STEPS) + 1, now + 1):
            self._count -= self._expected[step % _STEPS]
            self._expected[step % _STEPS] = 0
            self._joins_per_s -= self._joins[step % _SECOND]
            self._joins[step % _SECOND] = 0
        self._step = now
