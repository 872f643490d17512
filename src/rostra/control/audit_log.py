"""Reading the audit, newest first: operators all of it, owners what concerns their spaces, and whoever else
holds the host's role what was done on that stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select

from rostra.control.identity import Actor, standing
from rostra.control.permits import PERMITS, Doing, require
from rostra.control.recorded_names import stage_names
from rostra.control.spaces import find
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AuditRow, SpaceRow

_OF_A_STAGE: Final = or_(
    *map(AuditRow.act.startswith, ("floor.", "stage.", "link.")),
    AuditRow.act.in_(("backstage.refused", "space.live", "space.end")),
)
"""Lines of what was done on a stage, or tried."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Some lines, newest first; ``next`` is the ``before`` of the next page."""

    entries: list[AuditRow]
    next: int | None
    names: Mapping[str, str]
    """Of those whom they know by a stage alone, by label."""


class AuditLog:
    """What happened, for those who may know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, actor: Actor, *, space: str | None, before: int | None, limit: int) -> Entries:
        """Lines about one space, or about all that ``actor`` may read; UnknownSpace, NotAllowed."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
        async with self._database.reading() as session:
            if space is not None:
                is_to_space = standing(actor, await find(session, SpaceId(space)))
                query = query.where(AuditRow.space == space)
                if is_to_space not in PERMITS[Doing.AUDIT]:
                    require(is_to_space, Doing.AUDIT_FLOOR)
                    query = query.where(_OF_A_STAGE)
            elif not actor.operates:
                hosted = select(SpaceRow.id).where(SpaceRow.host == actor.need_account().id)
                query = query.where(AuditRow.space.in_(hosted))
            if before is not None:
                query = query.where(AuditRow.id < before)
            rows = list(await session.scalars(query))
            names = await stage_names(session, rows[:limit])
        return Entries(rows[:limit], rows[limit - 1].id if len(rows) > limit else None, names)
