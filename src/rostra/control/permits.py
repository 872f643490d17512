"""Who may do what, as a table. Decides on a standing alone; never looks anything up.

A *standing* is what somebody is to one space; :mod:`.identity` finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rostra.core.errors import NotAllowed


class Standing(StrEnum):
    """What somebody is to a space, strongest first."""

    OPERATOR = "operator"
    OWNER = "owner"
    """The account that hosts it."""
    HOST = "host"
    """Came by a link with the role of host."""
    COHOST = "cohost"
    SPEAKER = "speaker"
    MEMBER = "member"
    """Signed in, but the space is somebody else's."""


class Doing(StrEnum):
    """What can be done; the value completes "You may not …"."""

    SEE = "see this space from backstage"
    EDIT = "change this space"
    CANCEL = "cancel this space"
    INVITE = "make links to this stage"
    GO_LIVE = "take this space live"
    END = "end this space"
    SPEAK = "enter this stage"
    MUTE_SELF = "mute yourself here"
    MUTE_OTHERS = "mute other people"


_S = Standing
_OWNERS = frozenset({_S.OPERATOR, _S.OWNER})
_HOSTS = _OWNERS | {_S.HOST, _S.COHOST}
_STAGE = _HOSTS | {_S.SPEAKER}

PERMITS: Final[Mapping[Doing, frozenset[Standing]]] = {
    Doing.SEE: _STAGE,
    Doing.EDIT: _OWNERS,
    Doing.CANCEL: _OWNERS,
    Doing.INVITE: _OWNERS,
    Doing.GO_LIVE: _HOSTS,
    Doing.END: _HOSTS,
    Doing.SPEAK: _STAGE,
    Doing.MUTE_SELF: _STAGE,
    Doing.MUTE_OTHERS: _HOSTS,
}


def require(standing: Standing, doing: Doing) -> None:
    """Raise NotAllowed, with a sentence, unless the table permits it."""
    if standing not in PERMITS[doing]:
        raise NotAllowed(f"You may not {doing}.")
