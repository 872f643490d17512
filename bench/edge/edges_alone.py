"""``python -m bench.edge.edges_alone``: ``rostra serve`` with no seats but the edge's.

The same supervisor, with its sockets, broker and keys. Settings are ``ROSTRA_…`` variables, as ever.
"""

from __future__ import annotations

import asyncio
import signal
from unittest.mock import patch

import uvloop

from rostra.core import log
from rostra.core.clock import SystemClock
from rostra.core.settings import Settings
from rostra.serve import roles, supervisor
from rostra.serve.roles import Seat


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings()
    log.configure(role="supervisor", level=settings.log_level)
    with patch.object(supervisor, "seats", _edges):
        uvloop.run(_serve(settings))


def _edges(settings: Settings) -> tuple[Seat, ...]:
    return tuple(seat for seat in roles.seats(settings) if seat.role == "edge")


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await supervisor.serve(settings, clock=SystemClock(), stopping=stopping)


if __name__ == "__main__":
    main()
