"""``python -m bench.door.alone``: the door's process and nothing else, with a live space for everybody.

What it stands on is said to it over a bus of its own. Joins are as fast as the process is: the throttle is
open and there are places for all, for it is the work that is measured. Settings are ``ROSTRA_…`` variables.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from unittest.mock import patch

import uvloop

from rostra.admission.throttle import Rates
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    TICKET_KEYS,
    Lifecycle,
    SpacesKnown,
    SpaceState,
    TicketKeys,
    space_state,
)
from rostra.core import log
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.role import RoleContext
from rostra.core.settings import Settings
from rostra.gateway import rooms, worker
from rostra.serve.sockets import listen

SPACE = SpaceId("benchspace")
WIDE_OPEN = Rates(least=1e9, most=1e9)


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings()
    log.configure(role="door", level=settings.log_level)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with patch.object(rooms.Rooms.__init__, "__kwdefaults__", {"rates": WIDE_OPEN}):
        uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    port, backlog = settings.door_port, settings.backlog
    with listen(settings.bind, port, backlog=backlog, setting="ROSTRA_DOOR_PORT") as listener:
        context = RoleContext(
            settings=settings, clock=SystemClock(), index=0, sockets=(listener,), stopping=stopping
        )
        async with Broker(context.bus_path), BusClient(context.bus_path, name="bench") as bus:
            bus.publish(TICKET_KEYS, TicketKeys(keys=((1, b"k" * 32),)), retain=True)
            bus.publish(space_state(SPACE), _live(), retain=True)
            bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
            await worker.run(context)


def _live() -> SpaceState:
    return SpaceState(
        space=SPACE,
        revision=1,
        lifecycle=Lifecycle.LIVE,
        title="Bench",
        description="",
        host=AccountId("benchhost"),
        host_name="Bench",
        starts_at=0,
        time_zone="UTC",
        run=RunId("benchrun"),
        anchor_utc_ns=time.time_ns(),
        ended_at=0,
    )


if __name__ == "__main__":
    main()
