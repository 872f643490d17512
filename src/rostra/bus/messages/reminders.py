"""Reminders: who in the audience wants to be told of a space. The door asks control, which keeps them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.value import Value
from rostra.core.ids import SpaceId


class RemindBy(StrEnum):
    """How somebody is reminded."""

    PUSH = "push"
    MAIL = "mail"


class Remind(Value, frozen=True):
    """Request: remind somebody of a space. Asked again by the same address, it is kept once."""

    space: SpaceId
    by: RemindBy
    address: str
    """A push endpoint, or a mail address."""
    language: str
    door: str
    """Under which address of the door they came; links in what they get begin with it."""
    begun: bool = False
    """Whether to say so too when it has begun."""
    p256dh: str = ""
    """Of a push subscription, base64url (Push API §8.1)."""
    auth: str = ""


class Reminding(Value, frozen=True):
    """It is kept. ``forget`` is the secret that ends it; empty for a mail address: its owner must confirm."""

    forget: str = ""


class Answered(StrEnum):
    """What somebody says who holds a reminder's secret."""

    CONFIRM = "confirm"
    FORGET = "forget"


class AnswerReminder(Value, frozen=True):
    """Request: its owner answers. A reminder that is no more is forgotten already."""

    answered: Answered
    token: str


class ReminderAnswered(Value, frozen=True):
    """It is done; of which space it is."""

    space: SpaceId
    title: str
    """Empty where it is not for anyone: the space is private, or hidden."""


class ReminderMeans(Value, frozen=True):
    """By what one can be reminded here. Retained; published by control."""

    push_key: str = ""
    """The public key for push subscriptions, base64url (RFC 8292); empty: none are taken."""
    mail: bool = False


CONTROL_REMIND: Final = "control.remind"
"""Request Remind → Reminding."""
CONTROL_ANSWER_REMINDER: Final = "control.answer-reminder"
"""Request AnswerReminder → ReminderAnswered."""
REMINDER_MEANS: Final = "control.reminder-means"
"""Retained ReminderMeans."""
