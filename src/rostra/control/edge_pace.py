"""The operator's word on how much audio one write to listeners carries; told to the edge as ``EdgePolicy``.

Until an operator says something, what the settings say holds and nothing is published; on a rung of the
ladder that asks for a longer cadence, that one does for as long as the door stands there.
"""

from __future__ import annotations

import msgspec

from rostra.bus.client import BusClient
from rostra.bus.messages import EDGE_POLICY, EdgePolicy
from rostra.control import audit
from rostra.control.identity import Actor
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.pace import Pace
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import EdgePaceRow

THE_ONE = 1
TOLD_BEFORE_MS = 2 * SEGMENT * 1000 // SAMPLE_RATE
"""Two segments: players grow what they hold before writes become rarer."""


class EdgePace:
    """Kept in the database, published at every change and when backstage starts."""

    def __init__(self, database: Database, bus: BusClient, *, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._policy = EdgePolicy(cadence=settings.edge_cadence, cohorts=settings.edge_cohorts, from_ms=0)
        self._told = self._policy
        self._least = 1
        self._low = False

    @property
    def policy(self) -> EdgePolicy:
        """What holds, or will from ``from_ms`` on, when no rung asks for more; 0: as the settings say."""
        return self._policy

    @property
    def told(self) -> EdgePolicy:
        """What the edge was told: the larger of that and the rung's."""
        return self._told

    async def open(self, *, cadence: int = 1, low: bool = False) -> None:
        """Read what an operator said last, and publish it; ``cadence`` and ``low`` are of the last rung."""
        self._least, self._low = cadence, low
        async with self._database.reading() as session:
            row = await session.get(EdgePaceRow, THE_ONE)
        if row is not None:
            self._policy = EdgePolicy(cadence=row.cadence, cohorts=row.cohorts, from_ms=row.from_ms)
            self._tell(self._policy.from_ms)
        elif cadence > 1 or low:
            self._tell(self._policy.from_ms)

    async def change(self, actor: Actor, pace: Pace) -> EdgePolicy:
        """Let another pace hold from two segments on. For operators."""
        actor.need_operator()
        now = now_ms(self._clock)
        policy = EdgePolicy(cadence=pace.cadence, cohorts=pace.cohorts, from_ms=now + TOLD_BEFORE_MS)
        async with self._database.session() as session:
            await session.merge(
                EdgePaceRow(
                    id=THE_ONE, cadence=policy.cadence, cohorts=policy.cohorts, from_ms=policy.from_ms
                )
            )
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="edge.pace",
                cadence=pace.cadence,
                cohorts=pace.cohorts,
            )
        self._policy = policy
        self._tell(policy.from_ms)
        return policy

    def follow(self, *, cadence: int, low: bool) -> None:
        """The door stands on a rung that asks for this cadence at least; held from two segments on."""
        if (cadence, low) == (self._least, self._low):
            return
        self._least, self._low = cadence, low
        self._tell(now_ms(self._clock) + TOLD_BEFORE_MS)

    def _tell(self, from_ms: int) -> None:
        cadence = max(self._policy.cadence, self._least)
        self._told = msgspec.structs.replace(self._policy, cadence=cadence, from_ms=from_ms, low=self._low)
        self._bus.publish(EDGE_POLICY, self._told, retain=True)
