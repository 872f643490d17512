"""Asking the stage over the bus, and what is said when it does not answer."""

from __future__ import annotations

from typing import Final, TypeVar

from rostra.bus.client import BusClient
from rostra.bus.messages import Value
from rostra.core.errors import NotAllowed, RostraError, StageUnavailable

ASK_S: Final = 10.0
"""How long the stage may take; gathering addresses takes the most of it."""

R = TypeVar("R", bound=Value)


async def ask(bus: BusClient, subject: str, value: Value, reply: type[R], *, within_s: float = ASK_S) -> R:
    """Ask the stage. StageUnavailable when nobody answers, NotAllowed, or the error that the stage raised."""
    try:
        return await bus.request(subject, value, reply, timeout_s=within_s)
    except RostraError as error:
        if error.code == "unavailable":
            raise StageUnavailable from error
        if error.code == NotAllowed.code:
            raise NotAllowed(error.template, **error.detail) from error  # what was tried is written down
        raise
