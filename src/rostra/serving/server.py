"""The server: accepts connections from sockets that already listen, sweeps deadlines, drains at the end.

Owns no socket beyond its own copy (the supervisor holds them, so a queue outlives a worker) and
reads no setting: limits are handed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence

from rostra.core.clock import Clock, SystemClock
from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.core.tls import Certificate
from rostra.serving.connection import Application, Connection
from rostra.serving.limits import Limits, descriptors_allowed
from rostra.serving.metrics import Counters
from rostra.serving.response import error_response

_SWEEP_S = 1.0
_SLICE = 1_000
"""Connections looked at before the loop does something else."""


class Server:
    """One application on any number of sockets."""

    def __init__(
        self,
        app: Application,
        *,
        clock: Clock,
        limits: Limits,
        render_error: Callable[[RostraError], bytes] = error_response,
        tls: ssl.SSLContext | None = None,
        proxies: Proxies | None = None,
        counters: Counters | None = None,
    ) -> None:
        self.app = app
        self.clock = clock
        self.limits = limits.within(descriptors_allowed())
        self.proxies = proxies or Proxies()
        """Whose forwarding headers count."""
        self.draining = False
        self.counters = counters or Counters()
        self._render_error = render_error
        self._tls = tls
        self._connections: set[Connection] = set()
        self._empty = asyncio.Event()

    @property
    def connections(self) -> int:
        """Connections now open, lingering ones included."""
        return len(self._connections)

    @property
    def crowded(self) -> bool:
        """Whether not even refused clients may linger."""
        return len(self._connections) > self.limits.connections + self.limits.lingerers

    def opened(self, connection: Connection) -> bool:
        """Count a connection in; False when there are too many."""
        self._connections.add(connection)
        self.counters.accepted += 1
        self.counters.open = len(self._connections)
        if len(self._connections) <= self.limits.connections:
            return True
        self.counters.overloaded += 1
        return False

    def left(self, connection: Connection) -> None:
        """Count a connection out."""
        self._connections.discard(connection)
        self.counters.open = len(self._connections)
        if self.draining and not self._connections:
            self._empty.set()

    def refusal(self, error: RostraError) -> bytes:
        """Render a refusal and count it."""
        self.counters.refused[error.code] += 1
        return self._render_error(error)

    async def sweep(self) -> None:
        """Let every connection whose deadline has passed act on it; yields to the loop in between."""
        now_ns = self.clock.monotonic_ns()
        for position, connection in enumerate(tuple(self._connections)):
            connection.expire(now_ns)
            if position % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)

    async def run(self, sockets: Sequence[socket.socket], stopping: asyncio.Event) -> None:
        """Serve until ``stopping`` is set, then let open responses finish within ``drain_s``."""
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(
                lambda: Connection(self),
                sock=sock,
                backlog=self.limits.backlog,
                ssl=self._tls,
                ssl_handshake_timeout=self.limits.head_s if self._tls else None,
            )
            for sock in sockets
        ]
        try:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _SWEEP_S)
                await self.sweep()
        finally:
            for server in servers:
                server.close()
            await self._drain()

    async def _drain(self) -> None:
        self.draining = True
        for connection in tuple(self._connections):
            connection.drain()
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), self.limits.drain_s)
        for connection in tuple(self._connections):
            connection.cut()
        await asyncio.sleep(0)


async def serve(
    app: Application,
    sockets: Sequence[socket.socket],
    *,
    stopping: asyncio.Event,
    limits: Limits | None = None,
    clock: Clock | None = None,
    render_error: Callable[[RostraError], bytes] = error_response,
    counters: Counters | None = None,
    certificate: Certificate | None = None,
    proxies: Proxies | None = None,
) -> None:
    """Serve ``app`` on listening ``sockets`` until ``stopping`` is set and open responses are over.

    With a ``certificate`` it speaks TLS and follows changes of the files.
    """
    server = Server(
        app,
        clock=clock or SystemClock(),
        limits=limits or Limits(),
        render_error=render_error,
        counters=counters,
        tls=certificate.context if certificate else None,
        proxies=proxies,
    )
    watching = asyncio.create_task(certificate.watch()) if certificate else None
    try:
        await server.run(sockets, stopping)
    finally:
        if watching is not None:
            watching.cancel()
