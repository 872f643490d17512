"""Hides a space from everybody outside of backstage, its address showing why; and shows it again.

A live one is ended first, and none goes live while it is hidden. Its tape stays.
"""

from __future__ import annotations

from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.conductor import Conductor
from rostra.control.identity import Actor
from rostra.control.permits import Ruling
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow


class Hiding:
    """For operators, and for moderators where the host is a member."""

    def __init__(
        self, database: Database, announcer: Announcer, conductor: Conductor, *, clock: Clock
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._conductor = conductor
        self._clock = clock

    async def hide(self, actor: Actor, space: SpaceId, reason: str) -> None:
        """Hide ``space``; hidden already, the reason changes. UnknownSpace, NotAllowed.

        StageUnavailable: it is hidden, and could not be ended; asked again, that is tried again.
        """
        if await self._set(actor, space, reason):
            await self._announcer.announce(space)
        await self._conductor.end_by_site(space, actor=actor.label)

    async def show(self, actor: Actor, space: SpaceId) -> None:
        """Show ``space`` again; shown already, nothing happens. UnknownSpace, NotAllowed."""
        if await self._set(actor, space, ""):
            await self._announcer.announce(space)

    async def _set(self, actor: Actor, space: SpaceId, reason: str) -> bool:
        """Store it; whether anything changed."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row: SpaceRow = await find(session, space)
            host = await session.get_one(AccountRow, row.host)
            actor.need(Ruling.HIDE, host.role)
            if row.hidden_reason == reason:
                return False
            row.hidden_reason = reason
            touch(row, at=now)
            act = "space.hide" if reason else "space.show"
            audit.record(session, at=now, actor=actor.label, act=act, space=space, reason=reason)
        return True
