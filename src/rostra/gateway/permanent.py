"""A space's name for calendars and feeds: the same for good, whatever the site's address. Pure."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from rostra.bus.messages import SpaceState
from rostra.core.ids import SpaceId


def permanent_id(space: SpaceId) -> UUID:
    """Return the same UUID (RFC 9562, version 5) for the same space, always."""
    return uuid5(NAMESPACE_URL, f"rostra:space:{space}")


def changed_ms(state: SpaceState) -> int:
    """When what feeds show of a space last changed, as far as it is known."""
    return state.updated_at or state.ended_at or state.live_at or state.starts_at
