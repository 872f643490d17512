"""The floor: who may do what to whom, as one table. Decides on places alone; never looks anything up.

API, pages and ``docs/reference/floor.md`` come from it. A *place* is what somebody is on one space's
floor; :mod:`.places` finds it. An act without a target is one that the actor does to the stage, or to
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rostra.core.errors import BadRequest, NotAllowed


class FloorRefused(NotAllowed):
    """Your place on this stage does not allow that."""

    code = "floor_refused"


class Place(StrEnum):
    """What somebody is on a floor, strongest first."""

    OPERATOR = "operator"
    """Operates this site, whatever else they are here."""
    OWNER = "owner"
    """The account whose space it is, also while somebody else holds the host's role."""
    HOST = "host"
    ACTING = "acting"
    """The co-host who acts as host until the host is back."""
    COHOST = "cohost"
    SPEAKER = "speaker"
    LISTENER = "listener"


class Act(StrEnum):
    """What can be done on a floor, by the name that API and record use."""

    ASK = "ask"
    SEE_FLOOR = "see-floor"
    ACCEPT = "accept"
    DECLINE = "decline"
    INVITE = "invite"
    INVITE_COHOST = "invite-cohost"
    INVITE_HOST = "invite-host"
    TAKE_LINK_BACK = "take-link-back"
    MUTE_SELF = "mute-self"
    MUTE = "mute"
    MUTE_ALL = "mute-all"
    LISTENER = "to-listener"
    REMOVE = "remove"
    BLOCK = "block"
    BLOCK_EVERYWHERE = "block-everywhere"
    UNBLOCK = "unblock"
    LOCK = "lock"
    UNLOCK = "unlock"
    PROMOTE = "promote"
    DEMOTE = "demote"
    HAND_OVER = "hand-over"
    TAKE_BACK = "take-back"
    GO_LIVE = "go-live"
    END = "end"


EXPLAINED: Final = (Act.LOCK, Act.END)
"""What an operator does to a stage only with a reason, which the audience reads."""
LINES: Final[Mapping[Act, tuple[str, ...]]] = {
    **{act: (f"floor.{act}",) for act in Act},
    Act.SEE_FLOOR: (),
    Act.INVITE: ("floor.invite", "link.create"),
    Act.INVITE_COHOST: ("link.create",),
    Act.INVITE_HOST: ("link.create",),
    Act.TAKE_LINK_BACK: ("link.take-back",),
    Act.GO_LIVE: ("space.live",),
    Act.END: ("space.end",),
}
"""What an act is called in the record: by one of these. Seeing changes nothing and is no line."""

Targets = frozenset[Place | None]
_P = Place
_ALONE: Final[Targets] = frozenset({None})
_ON_STAGE: Final[Targets] = frozenset(Place) - {_P.LISTENER}
_SPEAKERS: Final[Targets] = frozenset({_P.SPEAKER})
_COHOSTS: Final[Targets] = frozenset({_P.ACTING, _P.COHOST})
_LED: Final[Targets] = _COHOSTS | _SPEAKERS
_LED_BY_ACTING: Final[Targets] = _LED - {_P.ACTING}
_LISTENERS: Final[Targets] = frozenset({_P.LISTENER})
_HEADS: Final = (_P.OPERATOR, _P.OWNER, _P.HOST)
_LEADERS: Final = (*_HEADS, _P.ACTING)
"""Whoever acts as host may what the host may, but to give the host's role away."""
_RUNNERS: Final = (*_LEADERS, _P.COHOST)


def _each(actors: tuple[Place, ...], targets: Targets = _ALONE) -> dict[Place, Targets]:
    return dict.fromkeys(actors, targets)


_TAKEN_OFF_BY: Final = {**_each(_HEADS, _LED), _P.ACTING: _LED_BY_ACTING, _P.COHOST: _SPEAKERS}
RULES: Final[Mapping[Act, Mapping[Place, Targets]]] = {
    Act.ASK: _each((_P.LISTENER,)),
    Act.SEE_FLOOR: _each(_RUNNERS),
    Act.ACCEPT: _each(_RUNNERS, _LISTENERS),
    Act.DECLINE: _each(_RUNNERS, _LISTENERS),
    Act.INVITE: _each(_RUNNERS),
    Act.INVITE_COHOST: _each(_LEADERS),
    Act.INVITE_HOST: _each((_P.OPERATOR, _P.OWNER)),
    Act.TAKE_LINK_BACK: {
        **{by: below | _LISTENERS for by, below in _TAKEN_OFF_BY.items()},
        **_each((_P.OPERATOR, _P.OWNER), _LED | _LISTENERS | {_P.HOST}),
    },
    Act.MUTE_SELF: _each((*_RUNNERS, _P.SPEAKER)),
    Act.MUTE: {**_each(_LEADERS, _ON_STAGE), _P.COHOST: _LED},
    Act.MUTE_ALL: _each(_RUNNERS),
    Act.LISTENER: _TAKEN_OFF_BY,
    Act.REMOVE: _TAKEN_OFF_BY,
    Act.BLOCK: {by: below | _LISTENERS for by, below in _TAKEN_OFF_BY.items()},
    Act.BLOCK_EVERYWHERE: _each((_P.OPERATOR, _P.OWNER), _LED | _LISTENERS),
    Act.UNBLOCK: _each(_RUNNERS),
    Act.LOCK: _each(_RUNNERS),
    Act.UNLOCK: _each(_RUNNERS),
    Act.PROMOTE: _each(_LEADERS, _SPEAKERS),
    Act.DEMOTE: {**_each(_HEADS, _COHOSTS), _P.ACTING: frozenset({_P.COHOST})},
    Act.HAND_OVER: _each(_HEADS, _LED),
    Act.TAKE_BACK: _each((_P.OWNER,)),
    Act.GO_LIVE: _each(_RUNNERS),
    Act.END: _each(_LEADERS),
}
"""By act and place of whoever acts: the places of those they may do it to; None: nobody in particular."""
TARGETED: Final = frozenset(act for act, rule in RULES.items() if _ALONE not in rule.values())
"""Acts that are done to somebody."""


def may(act: Act, actor: Place, target: Place | None = None) -> bool:
    """Whether the table allows it."""
    return target in RULES[act].get(actor, ())


def why_not(act: Act, actor: Place, target: Place | None = None) -> FloorRefused | None:
    """The refusal; None when the table allows it. The same for all targets, where there is none."""
    if may(act, actor, target):
        return None
    if act not in TARGETED:
        return FloorRefused("{actor} may not {act}.", actor=actor.value, act=act.value)
    to_some = target is not None and actor in RULES[act]
    whom = target.value if to_some and target is not None else "anybody"
    return FloorRefused("{actor} may not {act}.", actor=actor.value, act=act.value, target=whom)


def require(act: Act, actor: Place, target: Place | None = None) -> None:
    """Raise FloorRefused, with the sentence, unless the table allows it."""
    refusal = why_not(act, actor, target)
    if refusal is not None:
        raise refusal


def need_reason(act: Act, actor: Place, reason: str) -> None:
    """Raise BadRequest where an operator gives none for what the table asks them to explain."""
    if actor is Place.OPERATOR and act in EXPLAINED and not reason:
        raise BadRequest("The reason is missing: why? The audience reads it.", field="reason")


def acts(actor: Place, target: Place | None = None) -> tuple[Act, ...]:
    """Everything ``actor`` may do to somebody of that place, in the table's order: what pages offer."""
    return tuple(act for act in RULES if may(act, actor, target))
