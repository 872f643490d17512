"""The audit: who did what to which space, when. Only ever added to, in the transaction of the act itself."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.core.ids import SpaceId
from rostra.store.tables import AuditRow

SYSTEM = "system"
"""What backstage does by itself, such as ending a space whose stage stopped."""


def record(
    session: AsyncSession,
    /,
    *,
    at: int,
    actor: str,
    act: str,
    space: SpaceId | None = None,
    **detail: str | int | bool,
) -> None:
    """Add one line. ``at`` is UTC milliseconds; ``act`` is ``noun.verb``; a detail may be called anything."""
    session.add(AuditRow(at=at, actor=actor, act=act, space=space, detail=detail))
