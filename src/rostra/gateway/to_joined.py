"""The answer to whoever joined: a ticket and what it opens, or a place in line.

To all who come into a space as it stands it is the same but for the ticket, and rendered once for that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from rostra.admission.tickets import TICKET_CHARS
from rostra.bus.messages import SpaceState, Visibility
from rostra.core.ids import SpaceId
from rostra.gateway import headers
from rostra.gateway.answers import ANY_ORIGIN, NO_STORE
from rostra.gateway.in_line import InLine
from rostra.gateway.joining import Admitted
from rostra.gateway.origins import Origins
from rostra.serving.response import JSON, response

_BLANK: Final = "~" * TICKET_CHARS
"""In the place of a ticket: no ticket holds such a character, nor does an address."""
_LENGTH: Final = b"Content-Length: "


class _Come(msgspec.Struct, frozen=True):
    """What whoever comes in is told."""

    admitted: bool
    ticket: str
    edge: str
    base: str
    run: str | None


def to_joined(outcome: Admitted | InLine, state: SpaceState, origins: Origins) -> bytes:
    """Return the whole answer."""
    is_findable = state.visibility is Visibility.PUBLIC
    if isinstance(outcome, Admitted):
        return outcome.ticket.encode().join(_around_ticket(state.space, state.run, origins, is_findable))
    body = msgspec.json.encode(outcome)
    before, after = _FINDABLE if is_findable else _UNFINDABLE
    return b"%b%d%b%b" % (before, len(body), after, body)


@lru_cache(maxsize=64)
def _around_ticket(space: SpaceId, run: str | None, origins: Origins, is_findable: bool) -> list[bytes]:
    """What stands before, between and after the two places of a ticket."""
    told = _Come(True, _BLANK, origins.edge, origins.ticketed(space, _BLANK), run)
    lines = [NO_STORE, *(() if is_findable else (headers.NOINDEX,)), ANY_ORIGIN]
    return response(200, msgspec.json.encode(told), content_type=JSON, headers=lines).split(_BLANK.encode())


def _around_length(*others: tuple[str, str]) -> tuple[bytes, bytes]:
    """What stands before and after the length, which a place in line makes another for everybody."""
    lines = [NO_STORE, *others, ANY_ORIGIN]
    before, length, after = response(200, b"", content_type=JSON, headers=lines).partition(_LENGTH + b"0")
    return before + length[:-1], after


_FINDABLE: Final = _around_length()
_UNFINDABLE: Final = _around_length(headers.NOINDEX)
