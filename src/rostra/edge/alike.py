"""One object for values that are equal: thousands of listeners keep the same few numbers and names.

Each request brings its own copy of the space's name, the segment's number, the second in which its ticket
ends. To keep those would be a tenth of what a listener costs.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, TypeVar

Value = TypeVar("Value", bound=Hashable)

MOST_KEPT: Final = 256
"""Beyond, all are let go: those in use live on, and are met anew."""


class Alike:
    """Values of any types, as long as those that are equal are of one type."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Hashable] = {}

    def one(self, value: Value) -> Value:
        """Return the first of those equal to ``value``."""
        kept = self._kept.get(value)
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[value] = value
        return kept  # type: ignore[return-value]  # equal, so of one type
