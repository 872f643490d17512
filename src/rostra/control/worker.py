"""The role ``control``: backstage's process. Composes the services and serves them until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from rostra.bus.client import BusClient
from rostra.control import own_address
from rostra.control.app import build
from rostra.control.backstage import Backstage, compose
from rostra.control.connections import Connections, guarded
from rostra.control.passwords import Passwords
from rostra.core.proxies import Proxies, with_mapped
from rostra.core.role import RoleContext
from rostra.core.tls import Certificate, certificate
from rostra.store.database import Database, database_path
from rostra.store.migrate import migrate

log = structlog.get_logger()

DRAIN_S = 2
"""Answers in the making may take so long once backstage stops."""
IDLE_S = 75
"""A silent connection is kept so long: longer than a proxy in front keeps it (deploy/Caddyfile), or its next
request would meet a closed one."""


class Server(uvicorn.Server):
    """uvicorn without signal handlers: the role is told to stop by its context.

    Cancelled, it leaves no listener behind in the event loop.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.servers: list[asyncio.base_events.Server] = []

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().serve(sockets)
        finally:
            for server in self.servers:
                server.close()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(context: RoleContext, *, passwords: Passwords | None = None) -> None:
    """Serve backstage on ``context.sockets`` until ``context.stopping`` is set, then finish within 3 s."""
    path = database_path(context.settings.data)
    revision = await asyncio.to_thread(migrate, path)
    async with Database(path) as database, BusClient(context.bus_path, name="control") as bus:
        app = build(context.settings)
        app.state.backstage = backstage = await compose(
            context.settings,
            clock=context.clock,
            database=database,
            bus=bus,
            passwords=passwords or Passwords(),
        )
        async with backstage.reconciler.reports:
            await backstage.announcer.announce_all()
            backstage.board.expect(backstage.announcer.in_use())
            for listener in context.sockets[:1]:
                await asyncio.to_thread(_tell_address, context, listener)
            log.info("control_ready", database=revision, spaces=len(backstage.announcer.states))
            await _serve(context, app, backstage)


def _tell_address(context: RoleContext, listener: socket.socket) -> None:
    """Leave word for the command line. A disk that is full must not keep a host from End."""
    settings = context.settings
    address = own_address.of_socket(listener, scheme=settings.scheme)
    try:
        own_address.write(settings.data, address, own_address.asked_as(listener, bind=settings.bind))
    except OSError as error:
        log.warning("own_address_not_written", reason=str(error))


async def _serve(context: RoleContext, app: FastAPI, backstage: Backstage) -> None:
    tls = certificate(context.settings)
    server = Server(_config(context, app, tls))
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(tls.watch(), name="watch certificate") if tls else None
        running = group.create_task(backstage.run(), name="backstage")
        stopping = group.create_task(_stop(context, server, backstage), name="await stop")
        try:
            await server.serve(sockets=list(context.sockets))
        finally:
            running.cancel()
            stopping.cancel()
            if watching is not None:
                watching.cancel()


async def _stop(context: RoleContext, server: Server, backstage: Backstage) -> None:
    await context.stopping.wait()
    backstage.board.close()
    server.should_exit = True


def _config(context: RoleContext, app: FastAPI, tls: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        http=guarded(Connections(Proxies(context.settings.trusted_proxies))),
        ws="none",
        server_header=False,
        backlog=context.settings.backlog,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=DRAIN_S,
        forwarded_allow_ips=with_mapped(context.settings.trusted_proxies),
        ssl_context_factory=None if tls is None else lambda config, default: tls.context,
    )
