"""A crowd around a real deployment: listeners with tickets, and strangers who join as fast as they can."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.edge import listeners
from bench.edge.child import pinned
from bench.edge.compiled import Programs
from bench.edge.listeners import Asking, Crowd
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.bus.client import BusClient
from rostra.bus.messages import TICKET_KEYS, TicketKeys
from rostra.core.errors import Unavailable
from rostra.core.ids import SpaceId
from rostra.core.role import bus_path
from rostra.rehearsal import programme
from rostra.rehearsal.deployment import Deployment
from rostra.rehearsal.programme import Page

JOIN_S = 90.0
LIFE_S = 3_600
FLOOD_SLOTS = 200
RENDITION = "aac64"
CADENCE_MS = 320


@dataclass(frozen=True, slots=True)
class Hall:
    """Where a crowd comes from."""

    server: Deployment
    space: str
    programs: Programs
    folder: Path
    core: int | None

    @contextlib.asynccontextmanager
    async def filled(self, count: int, http: httpx.AsyncClient) -> AsyncIterator[Crowd]:
        """Listeners who all hear. CrowdFailed."""
        page = Page(self.server.door(), self.space)
        live = await programme.live(http, await programme.join(http, page))
        keys = await self._keys()
        now_s = int(time.time())
        paths = []
        for _ in range(count):
            ticket = Ticket(SpaceId(self.space), new_listener(), 0, 0, now_s + LIFE_S, now_s + LIFE_S)
            paths.append(f"/t/{mint(keys, ticket)}/{self.space}/{live.run}/{RENDITION}/")
        asking = Asking("segments", self.server.ports.edge, paths, CADENCE_MS, live.anchor_utc_ns)
        async with listeners.gathering(self.programs.listeners, self.folder, core=self.core) as crowd:
            await crowd.join(asking, within_s=JOIN_S)
            yield crowd

    @contextlib.asynccontextmanager
    async def flooded(self, seconds: float) -> AsyncIterator[None]:
        """Strangers who ask to join, one connection each, for as long as the block or so many seconds."""
        paths = self.folder / "join"
        paths.write_text(f"POST /s/{self.space}/join\n")
        options = ("--port", str(self.server.ports.door), "--paths", str(paths))
        process = await asyncio.create_subprocess_exec(
            *pinned(self.core, str(self.programs.strangers), *options, str(FLOOD_SLOTS), str(round(seconds))),
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _keys(self) -> Keyring:
        async with (
            BusClient(bus_path(self.server.data), name="bench") as bus,
            bus.subscribe(TICKET_KEYS, TicketKeys) as kept,
            asyncio.timeout(10),
        ):
            async for _, keys in kept:
                return Keyring(tuple(TicketKey(number, secret) for number, secret in keys.keys))
        raise Unavailable("No ticket keys were published.")
