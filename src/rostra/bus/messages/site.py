"""The site: what its operator named it, and the keys that its tickets and passes are signed with."""

from __future__ import annotations

from typing import Final

from rostra.bus.messages.value import Value


class SiteState(Value, frozen=True):
    """This site, as its operator named it. Retained; published by control."""

    name: str
    color: str = ""
    """``#rrggbb``, or empty for the built-in accent."""
    logo: str = ""
    """A ``data:`` address of a small PNG, JPEG or SVG-free image, or empty."""
    contact: str = ""
    imprint: str = ""
    terms: str = ""
    """Markdown-free plain text; blank lines part paragraphs."""
    open_sign_up: bool = False


class PassKeys(Value, frozen=True):
    """Keys of passes to private spaces, newest first. Retained; published by the supervisor."""

    keys: tuple[tuple[int, bytes], ...]


class TicketKeys(Value, frozen=True):
    """Keys of the door, the one that signs first; a new one is told before it signs. Retained.

    Published by the supervisor.
    """

    keys: tuple[tuple[int, bytes], ...]


SITE_STATE: Final = "site.state"
"""Retained SiteState."""
PASS_KEYS: Final = "keys.passes"
"""Retained PassKeys."""
TICKET_KEYS: Final = "keys.tickets"
"""Retained TicketKeys."""
