"""A space's life as a table. Says what may follow what; never acts.

The documentation's diagram is drawn from :data:`TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rostra.bus.messages import Lifecycle, RecordingPolicy
from rostra.core.errors import Conflict, SpaceOver


class Act(StrEnum):
    """What happens to a space."""

    ENTER = "enter"
    """The first person is on stage."""
    EMPTY = "empty"
    """The last person left the stage before it went live."""
    RESCHEDULE = "reschedule"
    GO_LIVE = "go-live"
    END = "end"
    PUBLISH = "publish"
    HOLD = "hold"
    """The recording waits for its release."""
    RELEASE = "release"
    DELETE = "delete"
    CANCEL = "cancel"


_L = Lifecycle

CLOSING: Final[Mapping[RecordingPolicy, Act]] = {
    RecordingPolicy.PUBLISH: Act.PUBLISH,
    RecordingPolicy.HOLD: Act.HOLD,
    RecordingPolicy.DELETE: Act.DELETE,
}
"""What follows the end, as it was chosen at scheduling."""
BEFORE_LIVE: Final = frozenset({_L.SCHEDULED, _L.LOBBY})
IN_USE: Final = frozenset({_L.LOBBY, _L.LIVE})
"""Somebody is on stage, or it is on air."""
UNFINISHED: Final = BEFORE_LIVE | {_L.LIVE}
OVER: Final = frozenset({_L.ENDED, _L.HELD, _L.PUBLISHED, _L.DELETED})
"""What was live and is no longer."""

TRANSITIONS: Final[Mapping[tuple[Lifecycle, Act], Lifecycle]] = {
    (_L.SCHEDULED, Act.RESCHEDULE): _L.SCHEDULED,
    (_L.SCHEDULED, Act.ENTER): _L.LOBBY,
    (_L.SCHEDULED, Act.GO_LIVE): _L.LIVE,
    (_L.SCHEDULED, Act.CANCEL): _L.CANCELLED,
    (_L.LOBBY, Act.RESCHEDULE): _L.LOBBY,
    (_L.LOBBY, Act.EMPTY): _L.SCHEDULED,
    (_L.LOBBY, Act.GO_LIVE): _L.LIVE,
    (_L.LOBBY, Act.CANCEL): _L.CANCELLED,
    (_L.LIVE, Act.END): _L.ENDED,
    (_L.ENDED, Act.PUBLISH): _L.PUBLISHED,
    (_L.ENDED, Act.HOLD): _L.HELD,
    (_L.ENDED, Act.DELETE): _L.DELETED,
    (_L.HELD, Act.RELEASE): _L.PUBLISHED,
    (_L.HELD, Act.DELETE): _L.DELETED,
    (_L.PUBLISHED, Act.DELETE): _L.DELETED,
}


def after(present: Lifecycle, act: Act) -> Lifecycle:
    """Return the state that ``act`` leads to; Conflict, with a sentence, when it cannot happen now."""
    try:
        return TRANSITIONS[present, act]
    except KeyError:
        raise Conflict(
            "This conversation {state} and cannot {act}.", state=present.value, act=act.value
        ) from None


def on_stage_possible(present: Lifecycle) -> None:
    """SpaceOver when nobody can be on stage any more."""
    if present is _L.CANCELLED:
        raise SpaceOver("This conversation was cancelled; its stage is closed.", state=present.value)
    if present not in UNFINISHED:
        raise SpaceOver(state=present.value)
