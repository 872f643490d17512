"""A space's life as a table. Says what may follow what; never acts.

The documentation's diagram is drawn from :data:`TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rostra.bus.messages import Lifecycle
from rostra.core.errors import Conflict, SpaceOver


class Act(StrEnum):
    """What happens to a space; the value completes "cannot …"."""

    ENTER = "enter"
    """The first person is on stage."""
    EMPTY = "empty"
    """The last person left the stage before it went live."""
    RESCHEDULE = "be rescheduled"
    GO_LIVE = "go live"
    END = "end"
    PUBLISH = "be published"
    CANCEL = "be cancelled"


_L = Lifecycle

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
}

_PRESENT: Final[Mapping[Lifecycle, str]] = {
    _L.SCHEDULED: "has not begun",
    _L.LOBBY: "is not live yet",
    _L.LIVE: "is live",
    _L.ENDED: "has ended",
    _L.PUBLISHED: "has ended",
    _L.CANCELLED: "was cancelled",
}


def after(present: Lifecycle, act: Act) -> Lifecycle:
    """Return the state that ``act`` leads to; Conflict, with a sentence, when it cannot happen now."""
    try:
        return TRANSITIONS[present, act]
    except KeyError:
        raise Conflict(f"This space {_PRESENT[present]} and cannot {act}.", state=present.value) from None


def on_stage_possible(present: Lifecycle) -> None:
    """SpaceOver when nobody can be on stage any more."""
    if present not in (_L.SCHEDULED, _L.LOBBY, _L.LIVE):
        raise SpaceOver(f"This space {_PRESENT[present]}; its stage is closed.", state=present.value)
