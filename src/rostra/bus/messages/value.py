"""What every message is, and the two replies that any request may get."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Whatever travels on the bus."""


class Done(Value, frozen=True):
    """The reply to a request that only succeeds."""


class Failed(Value, frozen=True):
    """The reply to a request that was refused: a RostraError in transit."""

    code: str
    status: int
    sentence: str
