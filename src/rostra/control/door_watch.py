"""What doors report: the newest, ten minutes of figures, and what follows from the rung they stand on.

A change of rung is a line in the record; its cadence goes to the edge by :mod:`.edge_pace`. Decides nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from rostra.admission.ladder import RUNGS, Name, Rung
from rostra.bus.client import BusClient
from rostra.bus.messages import Crowd, DoorReport, door_report
from rostra.control.door_orders import DoorOrders
from rostra.control.edge_pace import EdgePace
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId

log = structlog.get_logger()

STALE_NS: Final = 5_000_000_000
"""A door that has said nothing for so long is gone."""
KEPT: Final = 600
"""Figures of so many seconds are kept; older ones go."""
_BY_NAME: Final = {rung.name.value: rung for rung in RUNGS}


@dataclass(frozen=True, slots=True)
class Figures:
    """One second of one door."""

    at_ms: int
    arrivals_per_s: float
    joined_per_s: float
    waiting: int
    listeners: int
    places: int
    rate: float
    late_share: float
    rung: str


def rung_of(name: str) -> Rung:
    """Return a rung by its name; the ground for a name that is none."""
    return _BY_NAME.get(name, RUNGS[0])


class DoorWatch:
    """``await run()`` until cancelled. With several doors, the lowest number speaks for all."""

    def __init__(self, bus: BusClient, orders: DoorOrders, pace: EdgePace, *, clock: Clock) -> None:
        self._bus = bus
        self._orders = orders
        self._pace = pace
        self._clock = clock
        self._reports: dict[int, tuple[DoorReport, int]] = {}
        self._told = ""
        self.figures: deque[Figures] = deque(maxlen=KEPT)

    @property
    def report(self) -> DoorReport | None:
        """The newest; None while no door reports."""
        since_ns = self._clock.monotonic_ns() - STALE_NS
        fresh = [report for report, heard_ns in self._reports.values() if heard_ns >= since_ns]
        return min(fresh, key=lambda each: each.door, default=None)

    def crowd(self, space: SpaceId) -> Crowd | None:
        """Those before and in one space; None while its room is not open."""
        report = self.report
        spaces = () if report is None else report.spaces
        return next((each for each in spaces if each.space == space), None)

    @property
    def rung(self) -> str:
        """The rung that the door stands on."""
        report = self.report
        return Name.GROUND.value if report is None else report.rung

    async def run(self) -> None:
        """Take reports in."""
        async with self._bus.subscribe(door_report("*"), DoorReport) as reports:
            async for _, report in reports:
                await self._take(report)

    async def _take(self, report: DoorReport) -> None:
        now_ns = self._clock.monotonic_ns()
        before = self._reports.get(report.door)
        self._reports[report.door] = (report, now_ns)
        if self.report is not report:
            return
        if before is not None and report.came >= before[0].came:
            self._keep(before[0], report, max(0.2, (now_ns - before[1]) / 1e9))
        if report.rung == self._told:
            return
        rung = rung_of(report.rung)
        self._pace.follow(cadence=rung.cadence, low=rung.low)
        try:
            await self._orders.note_rung(
                report.rung, held=report.held, used=report.listeners, places=report.places
            )
        except (RostraError, SQLAlchemyError) as error:
            log.warning("rung_not_recorded", rung=report.rung, reason=str(error))
            return
        self._told = report.rung

    def _keep(self, before: DoorReport, report: DoorReport, seconds: float) -> None:
        self.figures.append(
            Figures(
                at_ms=self._clock.utc_ns() // 1_000_000,
                arrivals_per_s=round((report.came - before.came) / seconds, 1),
                joined_per_s=round(max(0, report.joined - before.joined) / seconds, 1),
                waiting=sum(crowd.waiting for crowd in report.spaces),
                listeners=report.listeners,
                places=report.places,
                rate=round(report.rate, 1),
                late_share=report.late_share,
                rung=report.rung,
            )
        )
