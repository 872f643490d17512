"""What control has told of spaces, for stages that open later: the notices, the pinned link, the move.

And which spaces are over, against an offer that crosses the end on its way, those included whose run has
ended while control has not said so yet. Bounded; keeps nothing of a space that is over but that it is.
"""

from __future__ import annotations

from typing import Final

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.errors import SpaceOver
from rostra.core.ids import RunId, SpaceId
from rostra.stage.scene import Words, words_of

MOST_OVER: Final = 4096
"""Ended spaces kept in mind, the oldest first. Backstage refuses whoever asks for an older one."""
OVER: Final = frozenset(Lifecycle) - {Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE}


class Told:
    """Of all spaces."""

    def __init__(self) -> None:
        self._words: dict[SpaceId, Words] = {}
        self._over: dict[SpaceId, None] = {}
        self._live: dict[SpaceId, RunId] = {}
        """The run of each space that control holds for live."""
        self._ended: set[SpaceId] = set()
        """Those of them whose run has ended, as control has been told."""

    def take(self, state: SpaceState) -> Words:
        """Note a space's state; return what its events say now."""
        words = words_of(state)
        self._over.pop(state.space, None)
        self._take_run(state.space, state.run if state.lifecycle is Lifecycle.LIVE else None)
        if state.lifecycle in OVER:
            self._words.pop(state.space, None)
            self._over[state.space] = None
            if len(self._over) > MOST_OVER:
                del self._over[next(iter(self._over))]
        else:
            self._words[state.space] = words
        return words

    def forget(self, space: SpaceId) -> None:
        """A space no longer exists."""
        self._words.pop(space, None)
        self._over.pop(space, None)
        self._take_run(space, None)

    def end(self, space: SpaceId, run: RunId) -> None:
        """A run has ended, or is lost, and control is told so now."""
        if self._live.get(space) == run:
            self._ended.add(space)

    def words(self, space: SpaceId) -> Words | None:
        """What the events of a space say; None before control has told of it."""
        return self._words.get(space)

    def is_over(self, space: SpaceId) -> bool:
        """Whether a space ended lately."""
        return space in self._over

    def has_ended(self, space: SpaceId) -> bool:
        """Whether the run has ended that control holds for live."""
        return space in self._ended

    def must_not_be_over(self, space: SpaceId) -> None:
        """Raise SpaceOver for a space that takes nobody any more."""
        if self.is_over(space) or self.has_ended(space):
            raise SpaceOver

    def _take_run(self, space: SpaceId, run: RunId | None) -> None:
        if run is None or run != self._live.get(space):
            self._ended.discard(space)
            self._live.pop(space, None)
        if run is not None:
            self._live[space] = run
