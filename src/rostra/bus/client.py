"""A role's connection to the bus: publish, subscribe, ask, answer.

Connects and reconnects by itself, with jitter; while it is away nothing in the role waits or
fails except requests. After a reconnect its retained values, subscriptions and services are there
again. Never decides anything.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from rostra.bus import wire
from rostra.bus.messages import Failed, Value
from rostra.bus.subscription import Subscription
from rostra.core.errors import RostraError, Unavailable

log = structlog.get_logger()

V = TypeVar("V", bound=Value)
R = TypeVar("R", bound=Value)
Handler = Callable[[Any], Awaitable[Value]]

RETRY_FIRST_S = 0.05
RETRY_MOST_S = 1.0
MAX_HANDLERS = 256
"""Requests answered at the same time; further ones are refused at once."""


class RemoteError(RostraError):
    """An error of the tree that another role raised: its code, status, sentence and detail."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.sentence, **failed.detail)
        self.code = failed.code  # type: ignore[misc]  # an instance keeps what crossed the bus
        self.status = failed.status  # type: ignore[misc]  # as its code


class BusClient:
    """``async with BusClient(path, name=…)``; usable at once, connected as soon as the broker is there."""

    def __init__(self, path: Path, *, name: str) -> None:
        self._path = path
        self._name = name
        self._encoder = msgspec.msgpack.Encoder()
        self._writer: asyncio.StreamWriter | None = None
        self._connection: asyncio.Task[None] | None = None
        self._retained: dict[str, bytes] = {}
        self._subscriptions: list[Subscription] = []
        self._services: dict[str, tuple[msgspec.msgpack.Decoder[Any], Handler]] = {}
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._answering: set[asyncio.Task[None]] = set()
        self.dropped = 0
        """Values published while the bus was away and not retained: lost."""

    @property
    def connected(self) -> bool:
        return self._writer is not None

    async def __aenter__(self) -> BusClient:
        self._connection = asyncio.create_task(self._stay_connected(), name=f"bus {self._name}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        tasks = [task for task in (self._connection, *self._answering) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def publish(self, subject: str, value: Value, *, retain: bool = False) -> bool:
        """Send ``value`` to all who listen; return whether it is on its way.

        Never waits. Without a bus, only retained values survive.
        """
        raw = self._encoder.encode(value)
        if retain:
            self._retained[subject] = raw
        sent = self._send(wire.Publish(subject, raw, retain))
        self.dropped += not sent and not retain
        return sent

    def subscribe(self, pattern: str, *types: type[Value]) -> Subscription:
        """Return a subscription: ``async with`` it, then ``async for subject, value in`` it."""
        return Subscription(pattern, types, begin=self._begin, end=self._end)

    async def request(self, subject: str, value: Value, reply: type[R], *, timeout_s: float = 5.0) -> R:
        """Ask whoever serves ``subject``. Raises the error they raised; Unavailable when nobody answers."""
        number = next(self._numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            if not self._send(wire.Request(number, subject, self._encoder.encode(value))):
                raise Unavailable
            raw = await asyncio.wait_for(answer, timeout_s)
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            del self._asked[number]
        decoded: R | Failed = msgspec.msgpack.decode(raw, type=reply | Failed)
        if isinstance(decoded, Failed):
            raise RemoteError(decoded)
        return decoded

    @asynccontextmanager
    async def serve(
        self, subject: str, request: type[V], handler: Callable[[V], Awaitable[Value]]
    ) -> AsyncIterator[None]:
        """Answer requests on ``subject`` while the block runs. The handler may raise a RostraError."""
        self._services[subject] = (msgspec.msgpack.Decoder(request), handler)
        self._send(wire.Serve(subject))
        try:
            yield
        finally:
            del self._services[subject]
            self._send(wire.Unserve(subject))

    def _begin(self, subscription: Subscription) -> None:
        self._subscriptions.append(subscription)
        self._send(wire.Subscribe(subscription.pattern))

    def _end(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)
        if all(other.pattern != subscription.pattern for other in self._subscriptions):
            self._send(wire.Unsubscribe(subscription.pattern))

    def _send(self, frame: wire.AnyFrame) -> bool:
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(wire.pack(frame))
        return True

    async def _stay_connected(self) -> None:
        wait_s = RETRY_FIRST_S
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._path)
                wait_s = RETRY_FIRST_S
                await self._converse(reader, writer)
            except (OSError, asyncio.IncompleteReadError) as error:
                log.debug("bus_away", name=self._name, reason=str(error))
            except RostraError as error:
                log.warning("bus_malformed", name=self._name, reason=error.sentence)
            except Exception:
                # Whatever it was: a role that has left the bus unnoticed would be deaf for good.
                log.exception("bus_failed", name=self._name)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(wait_s * 2, RETRY_MOST_S)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        try:
            self._introduce()
            while True:
                self._handle(await wire.read(reader))
        finally:
            self._writer = None
            writer.transport.abort()
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(Unavailable())

    def _introduce(self) -> None:
        for subject, raw in self._retained.items():
            self._send(wire.Publish(subject, raw, True))
        for subject in self._services:
            self._send(wire.Serve(subject))
        for subscription in self._subscriptions:
            self._send(wire.Subscribe(subscription.pattern))

    def _handle(self, frame: wire.AnyFrame) -> None:
        match frame:
            case wire.Publish(subject, value):
                for subscription in self._subscriptions:
                    if wire.matches(subscription.pattern, subject):
                        subscription.offer(subject, value)
            case wire.Reply(number, value):
                answer = self._asked.get(number)
                if answer is not None and not answer.done():
                    answer.set_result(value)
            case wire.Request():
                self._answer_soon(frame)
            case _:
                log.warning("bus_frame_unexpected", frame=type(frame).__name__)

    def _answer_soon(self, frame: wire.Request) -> None:
        if len(self._answering) >= MAX_HANDLERS:
            self._reply(frame.number, Failed.of(Unavailable()))
            return
        task = asyncio.create_task(self._answer(frame))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, frame: wire.Request) -> None:
        service = self._services.get(frame.subject)
        try:
            if service is None:
                raise Unavailable
            decoder, handler = service
            self._reply(frame.number, await handler(decoder.decode(frame.value)))
        except RostraError as error:
            self._reply(frame.number, Failed.of(error))
        except Exception:
            log.exception("bus_handler_failed", subject=frame.subject)
            self._reply(frame.number, Failed.of(RostraError()))

    def _reply(self, number: int, value: Value) -> None:
        self._send(wire.Reply(number, self._encoder.encode(value)))
