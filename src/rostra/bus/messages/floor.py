"""The floor: listeners who ask to speak, through the door, and what became of it.

The door passes a request on and remembers nothing of it; control answers and tells the outcome.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.value import Value
from rostra.core.ids import SpaceId


class Asking(StrEnum):
    """Where a request to speak stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    BLOCKED = "blocked"
    """Answered by blocking whoever asks."""
    WITHDRAWN = "withdrawn"


class AskToSpeak(Value, frozen=True):
    """Request: a listener would like to speak."""

    space: SpaceId
    request: str
    """SHA-256, in hex, of a secret that only their page knows. Once accepted, that secret is their link."""
    name: str
    note: str = ""
    browser: str = ""
    """What their browser calls itself, so that a block holds for it; never shown."""
    voucher: str = ""
    """Backstage's statement who is signed in there; empty for guests."""
    network: str = ""
    """From which they ask, as the door counts networks; forgotten once they are answered."""


class WithdrawAsking(Value, frozen=True):
    """Request: they would rather not. The door has seen the request's secret."""

    space: SpaceId
    request: str


class Asked(Value, frozen=True):
    """One request to speak, and where it stands."""

    request: str
    state: Asking


class FloorState(Value, frozen=True):
    """Requests to speak in one space: those who wait, and what became of the latest. Retained; by control."""

    space: SpaceId
    requests: tuple[Asked, ...] = ()


FLOOR_ASK: Final = "floor.ask"
"""Request AskToSpeak → Asked."""
FLOOR_WITHDRAW: Final = "floor.withdraw"
"""Request WithdrawAsking → Asked."""


def floor_state(space: SpaceId) -> str:
    """Retained FloorState."""
    return f"space.{space}.floor"
