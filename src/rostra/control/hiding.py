"""An operator hides a space: nobody outside of backstage finds it, and its address says why.

One that is live is ended first, for the same reason. What the suspension of a host hides is
:mod:`.suspension`'s, and comes back with them.
"""

from __future__ import annotations

from rostra.bus.messages import Lifecycle
from rostra.control.announcer import Announcer, touch
from rostra.control.conductor import Conductor
from rostra.control.floor import Act
from rostra.control.guard import Guard
from rostra.control.identity import Actor
from rostra.core.errors import BadRequest
from rostra.core.ids import SpaceId


class Hiding:
    """Hides spaces and shows them again."""

    def __init__(self, announcer: Announcer, conductor: Conductor, guard: Guard) -> None:
        self._announcer = announcer
        self._conductor = conductor
        self._guard = guard

    async def hide(self, actor: Actor, space: SpaceId, reason: str) -> None:
        """Hide a space for a reason that its address tells. Hidden already: the reason changes."""
        if not reason:
            raise BadRequest("“reason” is missing: why is it hidden?")
        row = await self._guard.permit(actor, space, Act.HIDE)
        if row.lifecycle == Lifecycle.LIVE:
            await self._conductor.close(space, actor=actor.label, reason=reason)
        async with self._guard.acting(actor, space, Act.HIDE) as scene:
            scene.row.hidden_reason = scene.detail["reason"] = reason
            touch(scene.row, at=scene.at)
        await self._announcer.announce(space)

    async def show(self, actor: Actor, space: SpaceId) -> None:
        """Show it again. Not hidden: nothing happens."""
        async with self._guard.acting(actor, space, Act.SHOW) as scene:
            if not scene.row.hidden_reason:
                scene.act = ""
                return
            scene.row.hidden_reason = ""
            touch(scene.row, at=scene.at)
        await self._announcer.announce(space)
