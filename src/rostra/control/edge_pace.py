"""The operator's word on how much audio one write to listeners carries; told to the edge as ``EdgePolicy``.

Told so early that players have grown what they hold by then (:mod:`rostra.core.pace`).

Until an operator says something, what the settings say holds and nothing is published; on a rung of the
ladder that asks for a longer cadence, that one does for as long as the door stands there.
"""

from __future__ import annotations

from rostra.bus.client import BusClient
from rostra.bus.messages import EDGE_POLICY, EdgePolicy
from rostra.control import audit
from rostra.control.identity import Actor
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.pace import Change, Pace
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import EdgePaceRow

THE_ONE = 1


class EdgePace:
    """Kept in the database, published at every change and when backstage starts."""

    def __init__(self, database: Database, bus: BusClient, *, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._policy = EdgePolicy(cadence=settings.edge_cadence, cohorts=settings.edge_cohorts, from_ms=0)
        self._least = 1
        self._low = False
        pace = self._wanted(self._policy)
        self._change = Change(pace, pace, 0)

    @property
    def policy(self) -> EdgePolicy:
        """What holds, or will from ``from_ms`` on, when no rung asks for more; 0: as the settings say."""
        return self._policy

    async def open(self, *, cadence: int = 1, low: bool = False) -> None:
        """Read what an operator said last, and publish it; ``cadence`` and ``low`` are of the last rung."""
        self._least, self._low = cadence, low
        async with self._database.reading() as session:
            row = await session.get(EdgePaceRow, THE_ONE)
        if row is not None:
            self._policy = EdgePolicy(cadence=row.cadence, cohorts=row.cohorts, from_ms=row.from_ms)
        self._change = Change(self._change.before, self._wanted(self._policy), self._policy.from_ms)
        if row is not None or cadence > 1 or low:
            self._tell()

    async def change(self, actor: Actor, pace: Pace) -> EdgePolicy:
        """Let another pace hold, a longer cadence once players' stock has grown. For operators."""
        actor.need_operator()
        now = now_ms(self._clock)
        from_ms = self._changed(pace, now).from_ms
        policy = EdgePolicy(cadence=pace.cadence, cohorts=pace.cohorts, from_ms=from_ms)
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
        self._policy, self._change = policy, self._changed(policy, now)
        self._tell()
        return policy

    def follow(self, *, cadence: int, low: bool) -> None:
        """The door stands on a rung that asks for this cadence at least; what is on its way stays."""
        if (cadence, low) == (self._least, self._low):
            return
        self._least, self._low = cadence, low
        if self._wanted(self._policy) != self._change.after:
            self._change = self._changed(self._policy, now_ms(self._clock))
        self._tell()

    def _wanted(self, asked: Pace | EdgePolicy) -> Pace:
        """The larger of an operator's cadence and the rung's."""
        return Pace(max(asked.cadence, self._least), asked.cohorts)

    def _changed(self, asked: Pace | EdgePolicy, now: int) -> Change:
        """From what holds now to what an operator asks for, as the rung allows."""
        return Change.told(self._change.at(now), self._wanted(asked), now)

    def _tell(self) -> None:
        pace = self._change.after
        told = EdgePolicy(
            cadence=pace.cadence, cohorts=pace.cohorts, from_ms=self._change.from_ms, low=self._low
        )
        self._bus.publish(EDGE_POLICY, told, retain=True)
