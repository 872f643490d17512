"""Who may do what, as tables. Decides on a standing or a role alone; never looks anything up.

A *standing* is what somebody is to one space; :mod:`.identity` finds it. A *role* is what an
account is on this site.
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
    ACTING = "acting"
    """The co-host who acts as host until the host is back."""
    COHOST = "cohost"
    SPEAKER = "speaker"
    CAPTIONER = "captioner"
    """Came by a link to write what is said."""
    LISTENER = "listener"
    """Was on its stage and is taken off it."""
    MEMBER = "member"
    """Signed in, but the space is somebody else's."""


class Doing(StrEnum):
    """What can be done to a space and its records. What is done on its stage is in :mod:`.floor`."""

    SEE = "see"
    EDIT = "edit"
    CANCEL = "cancel"
    MOVE = "move"
    TAKE_IN = "take-in"
    SPEAK = "speak"
    MONITOR = "monitor"
    NOTIFY = "notify"
    PIN = "pin"
    CAPTION = "caption"
    HOLD_MUSIC = "hold-music"
    SEE_CHECKS = "see-checks"
    RELEASE = "release"
    DELETE_RECORDING = "delete-recording"
    LISTEN = "listen"
    PREVIEW = "preview"
    RESERVE = "reserve"
    AUDIT = "audit"
    AUDIT_FLOOR = "audit-floor"


_S = Standing
_OWNERS = frozenset({_S.OPERATOR, _S.OWNER})
_HOST = _OWNERS | {_S.HOST, _S.ACTING}
_HOSTS = _HOST | {_S.COHOST}
_STAGE = _HOSTS | {_S.SPEAKER}

PERMITS: Final[Mapping[Doing, frozenset[Standing]]] = {
    Doing.SEE: _STAGE,
    Doing.EDIT: _OWNERS,
    Doing.CANCEL: _OWNERS,
    Doing.MOVE: _HOST,
    Doing.TAKE_IN: _OWNERS,
    Doing.SPEAK: _STAGE,
    Doing.MONITOR: _HOSTS,
    Doing.NOTIFY: _HOSTS,
    Doing.PIN: _HOSTS,
    Doing.CAPTION: _HOSTS | {_S.CAPTIONER},
    Doing.HOLD_MUSIC: _HOST,
    Doing.SEE_CHECKS: _HOSTS,
    Doing.RELEASE: _OWNERS,
    Doing.DELETE_RECORDING: _OWNERS,
    Doing.LISTEN: _STAGE | {_S.LISTENER},
    Doing.PREVIEW: _OWNERS | {_S.HOST},
    Doing.RESERVE: _HOST,
    Doing.AUDIT: _OWNERS,
    Doing.AUDIT_FLOOR: _HOST,
}


OPERATOR: Final = "operator"
MODERATOR: Final = "moderator"
MEMBER: Final = "member"


class Ruling(StrEnum):
    """What one account can do to another."""

    LOOK = "look"
    INVITE = "invite"
    RESET = "reset"
    SUSPEND = "suspend"
    VERIFY = "verify"
    PROMOTE = "promote"
    DELETE = "delete"
    EXPORT = "export"
    REPORTS = "reports"
    REMOVE = "remove"
    HIDE = "hide"


_EVERYONE = frozenset({OPERATOR, MODERATOR, MEMBER})
_MEMBERS = frozenset({MEMBER})

RULINGS: Final[Mapping[Ruling, Mapping[str, frozenset[str]]]] = {
    Ruling.LOOK: {OPERATOR: _EVERYONE, MODERATOR: _EVERYONE},
    Ruling.INVITE: {OPERATOR: _EVERYONE, MODERATOR: _MEMBERS},
    Ruling.RESET: {OPERATOR: _EVERYONE},
    Ruling.SUSPEND: {OPERATOR: _EVERYONE, MODERATOR: _MEMBERS},
    Ruling.VERIFY: {OPERATOR: _EVERYONE, MODERATOR: _MEMBERS},
    Ruling.PROMOTE: {OPERATOR: _EVERYONE},
    Ruling.DELETE: {OPERATOR: _EVERYONE},
    Ruling.EXPORT: {OPERATOR: _EVERYONE},
    Ruling.REPORTS: {OPERATOR: _EVERYONE, MODERATOR: _EVERYONE},
    Ruling.REMOVE: {OPERATOR: _EVERYONE, MODERATOR: _MEMBERS},
    Ruling.HIDE: {OPERATOR: _EVERYONE, MODERATOR: _MEMBERS},
}
"""By the role of who rules: the roles of those they may do it to."""


def may_not(act: Doing | Ruling) -> NotAllowed:
    """The refusal of an act."""
    return NotAllowed("You may not {act}.", act=act.value)


def require(standing: Standing, doing: Doing) -> None:
    """Raise NotAllowed, with a sentence, unless the table permits it."""
    if standing not in PERMITS[doing]:
        raise may_not(doing)
