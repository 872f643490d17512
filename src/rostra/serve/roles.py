"""The roles of one machine: which function runs each, which port it answers, how many run.

A role's code is named as text and loaded only in its own process, so that the door's process
holds no database and the edge's no WebRTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from rostra.core.settings import Settings
from rostra.serve.cores import Half


@dataclass(frozen=True, slots=True)
class Seat:
    """One process to keep alive."""

    role: str
    index: int
    entry: str
    """``package.module:function``, an ``async def run(context: RoleContext) -> None``."""
    port: int
    """The public port it answers; 0: none."""
    seats: int = 1
    """How many of its role there are."""
    first: bool = False
    """Whether it should run before the others: it is late when it waits."""
    half: Half | None = None
    """Of the cores, that it keeps to where one that runs first may be real-time; None: any."""

    @property
    def name(self) -> str:
        return f"{self.role}-{self.index}"

    def other(self, number: int) -> int:
        """Return the number of the worker that relieves ``number``: both are about for a while."""
        return self.index + self.seats if number == self.index else self.index


def seats(settings: Settings) -> tuple[Seat, ...]:
    """Everything ``rostra serve`` runs, in the order of starting."""
    edges = tuple(
        Seat("edge", index, "rostra.edge.worker:run", settings.edge_port, settings.edge_processes)
        for index in range(settings.edge_processes)
    )
    return (
        Seat("gateway", 0, "rostra.gateway.worker:run", settings.door_port, half=Half.LOWER),
        *edges,
        Seat("control", 0, "rostra.control.worker:run", settings.control_port),
        Seat("stage", 0, "rostra.stage.worker:run", 0, first=True, half=Half.UPPER),
    )
