"""The local broker: a Unix socket on which roles publish, subscribe and ask.

Keeps the last retained value per subject in memory and hands it to every new subscriber, no faster
than it reads: all that is retained may be more than is buffered for anybody. A client that does not
read what is new is disconnected (it reconnects and gets the retained values again), so one slow role
cannot hold up the others. Runs inside the supervisor; nothing else may import it but tests.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec
import structlog

from rostra.bus import wire
from rostra.bus.messages import Failed
from rostra.core.errors import RostraError, Unavailable
from rostra.core.folders import make_private

MAX_BUFFERED_BYTES = 8 * 1024 * 1024
"""Unread bytes after which a client is disconnected."""

log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class _Client:
    writer: asyncio.StreamWriter
    patterns: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    untold: dict[str, None] = field(default_factory=dict)
    """Subjects whose retained values it has yet to get, in the order in which they are due."""
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether there are such."""

    def owe(self, subject: str) -> None:
        """Have it get what is retained there, after all that it has yet to get."""
        self.untold.pop(subject, None)
        self.untold[subject] = None
        self.waits.set()

    def send(self, frame: wire.AnyFrame) -> None:
        if self.writer.is_closing():
            return
        self.writer.write(wire.pack(frame))
        if self.writer.transport.get_write_buffer_size() > MAX_BUFFERED_BYTES:
            log.warning("bus_client_too_slow")
            self.writer.transport.abort()


@dataclass(frozen=True, slots=True)
class _Pending:
    asker: _Client
    number: int
    answerer: _Client


class Broker:
    """``async with Broker(path)``: serves until the block is left. ``retained`` is what it begins with."""

    def __init__(self, path: Path, *, retained: Mapping[str, bytes] | None = None) -> None:
        self._path = path
        self._clients: set[_Client] = set()
        self._attending: set[asyncio.Task[None]] = set()
        self._retained: dict[str, bytes] = dict(retained or {})
        self._servers: dict[str, _Client] = {}
        self._pending: dict[int, _Pending] = {}
        self._numbers = itertools.count(1)
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> Broker:
        make_private(self._path.parent)
        self._path.unlink(missing_ok=True)
        self._listener = await asyncio.start_unix_server(self._attend, self._path)
        self._path.chmod(0o600)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._listener is not None:
            self._listener.close()
        for client in tuple(self._clients):
            client.writer.transport.abort()
        await asyncio.gather(*self._attending, return_exceptions=True)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer)
        self._clients.add(client)
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._attending.add(task)
        telling = asyncio.create_task(self._tell(client))
        try:
            while True:
                self._handle(client, await wire.read(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except RostraError as error:
            log.warning("bus_client_malformed", reason=error.sentence)
        finally:
            telling.cancel()
            await asyncio.wait({telling})
            self._forget(client)
            self._attending.discard(task)
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _forget(self, client: _Client) -> None:
        self._clients.discard(client)
        for subject in client.subjects:
            if self._servers.get(subject) is client:
                del self._servers[subject]
        for number, pending in tuple(self._pending.items()):
            if pending.answerer is client:
                del self._pending[number]
                self._refuse(pending.asker, pending.number)
            elif pending.asker is client:
                del self._pending[number]

    def _handle(self, client: _Client, frame: wire.AnyFrame) -> None:
        match frame:
            case wire.Publish():
                self._publish(frame)
            case wire.Subscribe(pattern):
                client.patterns.add(pattern)
                for subject in self._retained:
                    if wire.matches(pattern, subject):
                        client.owe(subject)
            case wire.Unsubscribe(pattern):
                client.patterns.discard(pattern)
            case wire.Serve(subject):
                client.subjects.add(subject)
                self._servers[subject] = client
            case wire.Unserve(subject):
                client.subjects.discard(subject)
                if self._servers.get(subject) is client:
                    del self._servers[subject]
            case wire.Request():
                self._ask(client, frame)
            case wire.Reply():
                self._reply(client, frame)

    async def _tell(self, client: _Client) -> None:
        """Send what is retained, in order; nothing older follows what is published meanwhile."""
        with suppress(ConnectionError):
            while await client.waits.wait():
                while client.untold:
                    subject = next(iter(client.untold))
                    del client.untold[subject]
                    client.send(wire.Publish(subject, self._retained[subject], True))
                    await client.writer.drain()
                client.waits.clear()

    def _publish(self, frame: wire.Publish) -> None:
        if frame.retain:
            self._retained[frame.subject] = frame.value
        for client in tuple(self._clients):
            if any(wire.matches(pattern, frame.subject) for pattern in client.patterns):
                if frame.retain and client.untold:
                    client.owe(frame.subject)  # "these are all" must not overtake one of them
                else:
                    client.send(frame)

    def _ask(self, asker: _Client, frame: wire.Request) -> None:
        answerer = self._servers.get(frame.subject)
        if answerer is None:
            self._refuse(asker, frame.number)
            return
        number = next(self._numbers)
        self._pending[number] = _Pending(asker, frame.number, answerer)
        answerer.send(wire.Request(number, frame.subject, frame.value))

    def _reply(self, answerer: _Client, frame: wire.Reply) -> None:
        pending = self._pending.get(frame.number)
        if pending is not None and pending.answerer is answerer:
            del self._pending[frame.number]
            pending.asker.send(wire.Reply(pending.number, frame.value))

    def _refuse(self, asker: _Client, number: int) -> None:
        asker.send(wire.Reply(number, msgspec.msgpack.encode(Failed.of(Unavailable()))))
