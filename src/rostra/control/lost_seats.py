"""Writes down whose seat on a stage is free because their connection broke and did not come back.

The stage decides that; nobody did it, so the line is the server's own.
"""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.client import BusClient
from rostra.bus.messages import SeatLost
from rostra.control import audit
from rostra.control.places import target_of
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.store.database import Database

log = structlog.get_logger()


class LostSeats:
    """``await run()`` until cancelled."""

    def __init__(self, database: Database, bus: BusClient, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Hear the stages."""
        async with self._bus.subscribe("space.*.seat-lost", SeatLost) as told:
            async for _, lost in told:
                try:
                    await self._write_down(lost)
                except (RostraError, SQLAlchemyError) as error:
                    log.warning("lost_seat_unwritten", space=lost.space, reason=str(error))

    async def _write_down(self, lost: SeatLost) -> None:
        async with self._database.session() as session:
            whom = await target_of(session, await find(session, lost.space), lost.speaker)
            audit.record(
                session,
                at=now_ms(self._clock),
                actor=audit.SYSTEM,
                act="stage.lose-seat",
                space=lost.space,
                speaker=lost.speaker,
                name=whom.name,
            )
