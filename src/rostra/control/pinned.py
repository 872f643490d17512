"""The one link that a host keeps before the audience's eyes: pinned, replaced, taken away.

Announced like any other change of a space; the stage puts it into the tape.
"""

from __future__ import annotations

from typing import Final

from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.identity import Actor, standing
from rostra.control.notices import check_link
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.store.database import Database

LONGEST_LABEL: Final = 80


class PinnedLinks:
    """One link a space, or none."""

    def __init__(self, database: Database, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._clock = clock

    async def pin(self, actor: Actor, space: SpaceId, *, link: str, label: str) -> None:
        """Pin a link in the place of the one before; an empty one takes it away. BadRequest, NotAllowed."""
        if link:
            check_link(link)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(actor, row), Doing.PIN)
            if (row.pinned_link, row.pinned_label) == (link, label):
                return
            row.pinned_link, row.pinned_label = link, label
            touch(row, at=now)
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="link.pin" if link else "link.unpin",
                space=space,
                link=link,
                label=label,
            )
        await self._announcer.announce(space)
