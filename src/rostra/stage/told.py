"""What control has told of spaces, for stages that open later: the newest notice, the pinned link, the move.

And which spaces are over, against an offer that crosses the end on its way. Bounded; keeps nothing of a
space that is over but that it is.
"""

from __future__ import annotations

from typing import Final

import msgspec

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import SpaceId
from rostra.media.events import Notice, Pinned
from rostra.stage.scene import newest_notice, pinned_link, standing_notices

MOST_OVER: Final = 4096
"""Ended spaces kept in mind, the oldest first. Backstage refuses whoever asks for an older one."""
OVER: Final = frozenset(Lifecycle) - {Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE}


class Words(msgspec.Struct, frozen=True):
    """What the events of a space say besides who is there."""

    notice: Notice | None = None
    notices: tuple[str, ...] = ()
    """The ids of all that stand, newest first."""
    pinned: Pinned | None = None
    moved: str = ""
    """The space where it goes on."""


_NONE: Final = Words()


class Told:
    """Of all spaces."""

    def __init__(self) -> None:
        self._words: dict[SpaceId, Words] = {}
        self._over: dict[SpaceId, None] = {}

    def take(self, state: SpaceState) -> Words:
        """Note a space's state; return what its events say now."""
        words = Words(newest_notice(state), standing_notices(state), pinned_link(state), state.moved_to or "")
        self._over.pop(state.space, None)
        if state.lifecycle in OVER:
            self._words.pop(state.space, None)
            self._over[state.space] = None
            if len(self._over) > MOST_OVER:
                del self._over[next(iter(self._over))]
        elif words == _NONE:
            self._words.pop(state.space, None)
        else:
            self._words[state.space] = words
        return words

    def forget(self, space: SpaceId) -> None:
        """A space no longer exists."""
        self._words.pop(space, None)
        self._over.pop(space, None)

    def words(self, space: SpaceId) -> Words:
        """What the events of a space say."""
        return self._words.get(space, _NONE)

    def is_over(self, space: SpaceId) -> bool:
        """Whether a space ended lately."""
        return space in self._over
