"""Answers that say how things stand, each rendered once for all who ask until things stand otherwise.

A rendering is made anew after a second even so, for its Date to be true. Knows nothing of what is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from rostra.core.clock import Clock

Answer = TypeVar("Answer")

FRESH_NS: Final = 1_000_000_000
MOST_KEPT: Final = 32
"""Shapes of one answer; the one made longest ago goes first."""


class _Rendering(NamedTuple, Generic[Answer]):
    answer: Answer
    version: Hashable
    made_ns: int
    """Monotonic."""


class Renderings(Generic[Answer]):
    """Of answers that are about the same, by what they look like."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[Hashable, _Rendering[Answer]] = {}

    def of(self, shape: Hashable, version: Hashable, render: Callable[[float], Answer]) -> Answer:
        """Return the answer in a shape, as things stand; ``render`` gets its Date (UTC seconds)."""
        now_ns = self._clock.monotonic_ns()
        made = self._made.get(shape)
        if made is not None and made.version == version and now_ns - made.made_ns <= FRESH_NS:
            return made.answer
        answer = render(self._clock.utc_ns() / 1e9)
        self._made.pop(shape, None)
        if len(self._made) >= MOST_KEPT:
            del self._made[next(iter(self._made))]
        self._made[shape] = _Rendering(answer, version, now_ns)
        return answer
