"""Refusals of the door. Each docstring is the sentence a person reads."""

from __future__ import annotations

from typing import ClassVar

from rostra.core.errors import Conflict, NotFound, Unavailable

_SENTENCES = {
    "late": "This conversation has not started yet; its host is not here.",
    "lobby": "This conversation starts in a moment.",
    "ended": "This conversation has ended.",
    "lost": "This conversation has ended. Its recording was lost to a fault.",
    "published": "This conversation has ended. Its recording is on the event page.",
    "held": "This conversation has ended. The recording is held until the host releases it.",
    "deleted": "This conversation has ended. Its recording was deleted.",
    "cancelled": "This conversation was cancelled.",
}


class NotLive(Conflict):
    """This conversation has not started yet."""

    code: ClassVar[str] = "not_live"

    @classmethod
    def because(cls, state: str) -> NotLive:
        """Say it in the words that fit ``state``, the word of ``status.json``."""
        return cls(_SENTENCES.get(state), state=state)


class SpaceHidden(NotFound):
    """This conversation was hidden by an operator of this site."""

    code: ClassVar[str] = "space_hidden"
    status: ClassVar[int] = 410

    @classmethod
    def because(cls, reason: str) -> SpaceHidden:
        """Say why, in the detail: it is in the operator's own words."""
        return cls(reason=reason)


class ReportsAway(Unavailable):
    """Reports cannot be taken in just now. Please send it again in a moment."""

    code: ClassVar[str] = "reports_away"


class RemindersAway(Unavailable):
    """Reminders cannot be taken in just now. Please try again in a moment."""

    code: ClassVar[str] = "reminders_away"


class RoomFull(Unavailable):
    """All places are taken just now. Open the event page, which keeps a place in line for you."""

    code: ClassVar[str] = "room_full"


class NotDrawn(Conflict):
    """There is no draw here that is over."""

    code: ClassVar[str] = "not_drawn"


class NoReactions(Conflict):
    """Nobody can react here now."""

    code: ClassVar[str] = "no_reactions"
