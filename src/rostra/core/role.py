"""What the supervisor hands to a role when it starts one.

A role is ``async def run(context: RoleContext) -> None`` in its package's ``worker.py``. It
returns when ``context.stopping`` is set, within :data:`STOP_GRACE_S` or,
retiring, :data:`RETIRE_GRACE_S`, its work finished.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from pathlib import Path

from rostra.core.clock import Clock
from rostra.core.settings import Settings

STOP_GRACE_S = 5.0
RETIRE_GRACE_S = 12.0
"""For who is relieved: listeners finish the segment in the making, and the one already asked for."""


@dataclass(frozen=True, slots=True)
class RoleContext:
    """A role's whole world: settings, its listening sockets, the bus address, the stop signal."""

    settings: Settings
    clock: Clock
    index: int
    """0 for the first worker of a role, 1 for the second, ...; a relief has a number of its own."""
    sockets: tuple[socket.socket, ...]
    """Already bound and listening; the supervisor holds them too, so a queue outlives a worker."""
    stopping: asyncio.Event
    """Set on SIGTERM, and when the supervisor is gone."""
    retiring: asyncio.Event = field(default_factory=asyncio.Event)
    """Set before ``stopping`` when another serves in this one's place already: there is more time then."""
    trusted: tuple[socket.socket, ...] = ()
    """Listening sockets that only a proxy of ours reaches: who asks is what it says."""

    @property
    def bus_path(self) -> Path:
        """The broker's Unix socket."""
        return bus_path(self.settings.data)

    @property
    def tapes(self) -> Path:
        """The folder of all tapes: ``tapes/<space>/<run>/``."""
        return self.settings.data / "tapes"


def bus_path(data: Path) -> Path:
    """The broker's Unix socket in a data folder."""
    return data / "run" / "bus.sock"
