"""Listens to stages and edges and keeps the spaces in step with what they report.

Runs as long as backstage does. Looks at a space when its stage reports and at all unfinished ones
once a second, so that whatever was missed (a restart, an answer lost) is caught up with.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.client import BusClient
from rostra.bus.messages import Audience, AudienceNote, Lifecycle, StageReport
from rostra.control.announcer import Announcer
from rostra.control.board import Board
from rostra.control.conductor import Conductor
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId

log = structlog.get_logger()

SWEEP_S = 1.0
SETTLE_NS = 10_000_000_000
"""A stage that has not reported a lobby by then has nobody in it."""
_UNFINISHED = (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE)


class Reconciler:
    """``await run()`` until cancelled."""

    def __init__(
        self, bus: BusClient, board: Board, announcer: Announcer, conductor: Conductor, *, clock: Clock
    ) -> None:
        self._bus = bus
        self.reports = bus.subscribe("space.*.stage", StageReport)
        """Entered before anything is announced and left after :meth:`run`: a bus full of announcements keeps
        no report waiting."""
        self._board = board
        self._announcer = announcer
        self._conductor = conductor
        self._clock = clock
        self._started_ns = clock.monotonic_ns()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear_stages(), name="hear stages")
            group.create_task(self._hear_edges(), name="hear edges")
            group.create_task(self._hear_audiences(), name="hear audiences")
            group.create_task(self._keep_in_step(), name="keep in step")

    async def _hear_stages(self) -> None:
        async for _, report in self.reports:
            self._board.take_report(report)
            self._wake.set()

    async def _hear_edges(self) -> None:
        async with self._bus.subscribe("space.*.audience.*", Audience) as counts:
            async for _, count in counts:
                self._board.take_audience(count)

    async def _hear_audiences(self) -> None:
        async with self._bus.subscribe("space.*.note", AudienceNote) as notes:
            async for _, note in notes:
                self._board.take_note(note)

    async def _keep_in_step(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S):
                    await self._wake.wait()
            self._wake.clear()
            for space in self._due():
                await self._reconcile(space)

    def _due(self) -> list[SpaceId]:
        settled = self._clock.monotonic_ns() - self._started_ns >= SETTLE_NS
        return [
            space
            for space, state in self._announcer.states.items()
            if state.lifecycle in _UNFINISHED and (settled or self._board.reported(space))
        ]

    async def _reconcile(self, space: SpaceId) -> None:
        try:
            await self._conductor.reconcile(self._board.report(space))
        except (RostraError, SQLAlchemyError) as error:
            log.warning("space_out_of_step", space=space, reason=str(error))
