"""The operator's word on how much audio one write to listeners carries; told to the edge as ``EdgePolicy``.

Until an operator says something, what the settings say holds and nothing is published.
"""

from __future__ import annotations

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

    @property
    def policy(self) -> EdgePolicy:
        """What holds, or will from ``from_ms`` on; 0: as the settings say."""
        return self._policy

    async def open(self) -> None:
        """Read what an operator said last, and publish it."""
        async with self._database.reading() as session:
            row = await session.get(EdgePaceRow, THE_ONE)
        if row is not None:
            self._tell(EdgePolicy(cadence=row.cadence, cohorts=row.cohorts, from_ms=row.from_ms))

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
        self._tell(policy)
        return policy

    def _tell(self, policy: EdgePolicy) -> None:
        self._policy = policy
        self._bus.publish(EDGE_POLICY, policy, retain=True)
