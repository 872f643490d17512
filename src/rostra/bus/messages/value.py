"""What every message is, and the two replies that any request may get."""

from __future__ import annotations

import msgspec

from rostra.core.errors import RostraError


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Whatever travels on the bus."""


class Done(Value, frozen=True):
    """The reply to a request that only succeeds."""


class Failed(Value, frozen=True):
    """The reply to a request that was refused: a RostraError in transit. ``sentence`` is its template."""

    code: str
    status: int
    sentence: str
    detail: dict[str, str | int] = {}

    @classmethod
    def of(cls, error: RostraError) -> Failed:
        return cls(code=error.code, status=error.status, sentence=error.template, detail=error.detail)
