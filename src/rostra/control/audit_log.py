"""Reading the audit: operators all of it, hosts what concerns their spaces. Newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from rostra.control.identity import Actor, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AuditRow, SpaceRow


@dataclass(frozen=True, slots=True)
class Entries:
    """Some lines, newest first; ``next`` is the ``before`` of the next page."""

    entries: list[AuditRow]
    next: int | None


class AuditLog:
    """What happened, for those who may know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, actor: Actor, *, space: str | None, before: int | None, limit: int) -> Entries:
        """Lines about one space, or about all that ``actor`` may read; UnknownSpace, NotAllowed."""
        account = actor.need_account()
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
        async with self._database.reading() as session:
            if space is not None:
                require(standing(actor, await find(session, SpaceId(space))), Doing.AUDIT)
                query = query.where(AuditRow.space == space)
            elif not actor.operates:
                hosted = select(SpaceRow.id).where(SpaceRow.host == account.id)
                query = query.where(AuditRow.space.in_(hosted))
            if before is not None:
                query = query.where(AuditRow.id < before)
            rows = list(await session.scalars(query))
        return Entries(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
