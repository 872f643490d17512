"""Answers of one rendition that are whole and stay as they are: those asked for lately, by name.

Those that all who have a ticket may have lie *at hand*, too: by what follows the ticket in their address, so
that finding one is a single look-up for whoever is here already (:meth:`rostra.edge.site.Site.at_hand`).
"""

from __future__ import annotations

from typing import Final

from rostra.edge import portions

_MOST: Final = 48
"""Whole stretches and parts kept; the one longest kept goes first."""

AtHand = dict[str, tuple[str, bytes]]
"""Of one worker: by ``{space}/{run}/{rendition}/{name}`` the space and the rendered answer."""


class Finished:
    """See the module. ``space`` and what follows it name the rendition."""

    __slots__ = ("_answers", "_at_hand", "_folder", "_space", "are_for_all")

    def __init__(self, at_hand: AtHand | None = None, *, space: str = "", folder: str = "") -> None:
        self._answers: dict[str, bytes] = {}
        self._at_hand = {} if at_hand is None else at_hand
        self._space = space
        self._folder = f"{space}/{folder}/"
        self.are_for_all = True
        """Whether what is kept from now on is for all who have a ticket."""

    def __contains__(self, name: str) -> bool:
        return name in self._answers

    def get(self, name: str) -> bytes | None:
        """Return it if it is kept."""
        return self._answers.get(name)

    def keep(self, name: str, rendered: bytes) -> None:
        """Keep a rendered answer; it lies at hand unless it is too long to be written at once."""
        if len(self._answers) >= _MOST:
            oldest = next(iter(self._answers))
            del self._answers[oldest]
            self._at_hand.pop(self._folder + oldest, None)
        self._answers[name] = rendered
        if self.are_for_all and len(rendered) <= portions.PORTION_BYTES:
            self._at_hand[self._folder + name] = self._space, rendered

    def clear(self) -> None:
        """Keep none of them."""
        for name in self._answers:
            self._at_hand.pop(self._folder + name, None)
        self._answers.clear()
