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
    """What can be done to a space and its records; the value completes "You may not …".

    What is done on its stage is in :mod:`.floor`.
    """

    SEE = "see this conversation from backstage"
    EDIT = "change this conversation"
    CANCEL = "cancel this conversation"
    MOVE = "move this conversation"
    TAKE_IN = "move another conversation here"
    SPEAK = "enter this stage"
    MONITOR = "listen in to this stage"
    NOTIFY = "write notices here"
    PIN = "pin a link here"
    CAPTION = "write captions here"
    HOLD_MUSIC = "choose the music of this stage"
    SEE_CHECKS = "see who checked their sound"
    RELEASE = "release this recording"
    DELETE_RECORDING = "delete this recording"
    LISTEN = "listen to this private conversation"
    PREVIEW = "hear this recording before its release"
    RESERVE = "set places apart here"
    AUDIT = "read the record of this conversation"
    AUDIT_FLOOR = "read the record of this stage"


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
    Doing.LISTEN: _STAGE,
    Doing.PREVIEW: _OWNERS | {_S.HOST},
    Doing.RESERVE: _HOST,
    Doing.AUDIT: _OWNERS,
    Doing.AUDIT_FLOOR: _HOST,
}


OPERATOR: Final = "operator"
MODERATOR: Final = "moderator"
MEMBER: Final = "member"


class Ruling(StrEnum):
    """What one account can do to another; the value completes "You may not …"."""

    LOOK = "see who has an account"
    INVITE = "invite people"
    RESET = "give others a new password"
    SUSPEND = "suspend or reinstate this account"
    VERIFY = "verify this account"
    PROMOTE = "change roles"
    DELETE = "delete others' accounts"
    EXPORT = "export others' data"
    REPORTS = "see what was reported"
    REMOVE = "remove what they said"
    HIDE = "hide this account's conversations"


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


def require(standing: Standing, doing: Doing) -> None:
    """Raise NotAllowed, with a sentence, unless the table permits it."""
    if standing not in PERMITS[doing]:
        raise NotAllowed(f"You may not {doing}.")
