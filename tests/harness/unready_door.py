"""A door that nobody has told of any conversation yet, as each is for a moment when all is started again.

No backstage answers it either.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

from rostra.admission.capacity import Policy
from rostra.admission.join import Terms
from rostra.bus.client import BusClient
from rostra.core.clock import SystemClock
from rostra.core.settings import Settings
from rostra.gateway.answers import Fresh, Ready
from rostra.gateway.askers import Askers
from rostra.gateway.assets import Assets
from rostra.gateway.directory import Directory
from rostra.gateway.door import Door
from rostra.gateway.edge_load import EdgeLoad
from rostra.gateway.join_queue import JoinQueue
from rostra.gateway.origins import Addresses
from rostra.gateway.pages import Pages
from rostra.gateway.premises import MOST_ANSWERS, Premises
from rostra.gateway.reminder_box import ReminderBox
from rostra.gateway.rooms import Rooms
from rostra.gateway.stored import kept
from rostra.gateway.worker import PAGES
from rostra.serving import Limits, serve


@asynccontextmanager
async def unready_door(folder: Path) -> AsyncIterator[str]:
    """Where it is. What it would only need for what it was told of stands empty."""
    clock, settings = SystemClock(), Settings(data=folder)
    directory, assets = Directory(clock=clock), Assets(PAGES)
    load, queue = EdgeLoad(tls=False, clock=clock), JoinQueue(queued=lambda: 0, accepted=lambda: 0)
    askers = Askers(clock=clock, most_per_s=settings.poll_rate)
    rooms = Rooms(
        directory,
        load,
        queue,
        folder=folder,
        opens_ms=0,
        policy=Policy(),
        clock=clock,
        poll_ms=lambda: askers.poll_ms,
    )
    reminders = ReminderBox(clock=clock)
    door = Door(
        Premises(
            directory=directory,
            pages=Pages(assets=assets),
            assets=assets,
            addresses=Addresses.of(settings, clock=clock),
            terms=Terms(admit_s=settings.ticket_admit_s, life_s=settings.ticket_life_s),
            kept=kept(settings),
            clock=clock,
            fresh=Fresh(clock=clock, most=MOST_ANSWERS),
            ready=Ready(clock=clock, turn=lambda: 0, most=MOST_ANSWERS),
            askers=askers,
            rooms=rooms,
            reminders=reminders,
            **dict.fromkeys(("shelf", "desk", "reports", "joining", "applause"), Mock()),
        )
    )
    stopping, limits = asyncio.Event(), Limits()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        serving = asyncio.create_task(serve(door, [listening], stopping=stopping, limits=limits, clock=clock))
        handing_on = asyncio.create_task(reminders.run(BusClient(folder, name="door")))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stopping.set()
            await serving
            handing_on.cancel()
            await asyncio.gather(handing_on, return_exceptions=True)
