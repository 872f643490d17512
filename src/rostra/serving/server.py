"""The server: accepts connections from sockets that already listen, sweeps deadlines, drains at the end.

Owns no socket beyond its own copy (the supervisor holds them, so a queue outlives a worker) and
reads no setting: limits are handed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence, Sized

import structlog

from rostra.core.clock import Clock, SystemClock
from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.core.tls import Certificate
from rostra.serving.answering import Application, AtHand, AtOnce, GoesOn
from rostra.serving.doorstep import Doorstep
from rostra.serving.errors import Overloaded
from rostra.serving.heads import Heads
from rostra.serving.host import Held
from rostra.serving.limits import Limits, descriptors_allowed
from rostra.serving.metrics import Counters
from rostra.serving.proxied import EveryProxy
from rostra.serving.request import Request
from rostra.serving.response import dated, error_response, http_date
from rostra.serving.wires import Wires

log = structlog.get_logger()

Render = Callable[[RostraError, Request], bytes]
"""Makes a refusal of what was asked: of all that is known of it, where it could not be read."""
_SWEEP_S = 1.0
_NEWCOMERS_S = 0.5
"""Who has just connected when a server stops has this long to ask: no client asks again for nothing."""
_ROOM_AGAIN = 0.95
"""Of what is full: so far it empties before newcomers are welcome again."""
_SAMPLED = 32
"""Connections of which each sweep asks what their clients have not taken."""
_SAMPLED_FOR = 8
"""Sweeps; then others are asked."""
_SLICE = 1_000
"""Connections looked at before the loop does something else."""


def _in_json(error: RostraError, _: Request) -> bytes:
    return error_response(error)


class Server:
    """One application on any number of sockets."""

    def __init__(
        self,
        app: Application,
        *,
        clock: Clock,
        limits: Limits,
        render_error: Render = _in_json,
        tls: ssl.SSLContext | None = None,
        proxies: Proxies | None = None,
        counters: Counters | None = None,
        room: Callable[[bool], None] = lambda _: None,
        overload: Callable[[Request], bytes] | None = None,
        at_hand: AtHand | None = None,
        at_once: AtOnce | None = None,
        goes_on: GoesOn = lambda _: True,
    ) -> None:
        self.app = app
        self.at_hand = at_hand
        self._at_once = at_once
        self._goes_on = goes_on
        self.clock = clock
        self.limits = limits.within(descriptors_allowed())
        self.heads = Heads(self.limits)
        self.proxies = proxies or Proxies()
        """Whose forwarding headers count."""
        self.draining = False
        self.counters = counters or Counters()
        self._render_error = render_error
        self._tls = tls
        self._room = room
        self.has_room = True
        self._overload = overload
        self._connections: dict[Held, None] = {}
        """A dictionary: a set of so many takes twice the memory."""
        self.timed: dict[Held, None] = {}
        self._sampled: tuple[Held, ...] = ()
        self._sweeps = 0
        self._handshakes: Sized = ()
        """What will be connections."""
        self._empty = asyncio.Event()
        self._date, self._date_s = b"", -1
        self.brisk = self.cramped = False
        self.idle_ns = 0
        self._recount()

    @property
    def connections(self) -> int:
        """Connections now open, lingering ones included."""
        return len(self._connections)

    @property
    def crowded(self) -> bool:
        """Whether not even refused clients may linger."""
        return self._held > self.limits.connections + self.limits.lingerers

    @property
    def full(self) -> bool:
        """Whether the next connection is one too many."""
        return self.room <= 0

    @property
    def room(self) -> int:
        """How many more connections there may be; below 0 while too many are being refused."""
        return self.limits.connections - self._held

    @property
    def date(self) -> bytes:
        """The line of a head that tells this second (RFC 9110 section 6.6.1)."""
        now_s = self.clock.utc_ns() // 1_000_000_000
        if now_s != self._date_s:
            self._date, self._date_s = f"\r\nDate: {http_date(now_s)}".encode(), now_s
        return self._date

    @property
    def _held(self) -> int:
        """Descriptors that clients have."""
        return len(self._connections) + len(self._handshakes)

    def _recount(self) -> int:
        """See what holds for so many as there are, and return that.

        With each answer it is asked what holds, and those are far more than who comes and goes.
        """
        held, limits = self._held, self.limits
        self.brisk, self.cramped = held > limits.brisk, held > limits.cramped
        self.idle_ns = int((limits.brisk_idle_s if self.brisk else limits.idle_s) * 1e9)
        return held

    def broke_off(self) -> None:
        """Count a handshake that there was no room for."""
        self.counters.broken_off += 1

    def visited(self) -> None:
        """Count somebody who is answered without a connection."""
        self.counters.accepted += 1

    def opened(self, held: Held, *, was_in: bool = False) -> bool:
        """Count somebody in; False when there are too many, but never for whoever ``was_in`` a moment ago."""
        self._connections[held] = None
        self.counters.accepted += not was_in
        self.counters.open = len(self._connections)
        count = self._recount()
        if self.has_room and count >= self.limits.full:
            self._tell_room(False)
        if was_in or count <= self.limits.connections:
            return True
        self.counters.overloaded += 1
        return False

    def left(self, held: Held) -> None:
        """Count somebody out."""
        self._connections.pop(held, None)
        self.timed.pop(held, None)
        self.counters.open = len(self._connections)
        count = self._recount()
        if self.draining and not self._connections:
            self._empty.set()
        if not self.has_room and count < self.limits.full * _ROOM_AGAIN:
            self._tell_room(True)

    def lies_ready(self, said: bytes, peer: str, proxies: Proxies) -> tuple[bytes, bool] | None:
        """Return the answer to what was said, where that is one request and its answer lies at hand.

        Or is made at once. And whether it ends the connection, and says so: where that is so of an answer
        that is asked for. ``peer``: the address that connected; ``proxies``: whose forwarding headers count.
        """
        if self.at_hand is None or self.draining or self.cramped:
            return None
        asked = self.heads.address(said)
        if asked is None:
            return None if self._at_once is None else self._made(self._at_once, said, peer, proxies)
        answer = self.at_hand(*asked)
        if answer is None:
            return None
        ends = not self._goes_on(asked[0]) and self.brisk
        return (dated(answer, b"", closes=True) if ends else answer), ends

    def _made(self, at_once: AtOnce, said: bytes, peer: str, proxies: Proxies) -> tuple[bytes, bool] | None:
        posted = self.heads.posted(said)
        if posted is None:
            return None
        path, body, host, keeps = posted
        answer = at_once(path, body, proxies.client(peer, b"") if proxies else peer, host)
        if answer is None:
            return None
        ends = not self._goes_on(path) and self.brisk
        return dated(answer, self.date, closes=ends and keeps), ends or not keeps

    def refusal(self, error: RostraError, request: Request) -> bytes:
        """Render a refusal for whoever asks, and count it. Where that fails, it is JSON for anybody."""
        self.counters.refused[error.code] += 1
        try:
            return self._render_error(error, request)
        except Exception:
            log.exception("refusal_failed", code=error.code)
            return error_response(error)

    def overload(self, request: Request) -> bytes:
        """Render what one request of somebody too many is answered, with the way back, and count it."""
        if self._overload is None:
            return self.refusal(Overloaded(), request)
        self.counters.refused[Overloaded.code] += 1
        return self._overload(request)

    async def sweep(self) -> None:
        """Let every connection whose deadline has passed act on it; yields to the loop in between.

        Nobody else is looked at: of thousands of listeners nearly all have an open answer, and no deadline.
        """
        self._recount()
        self._sample()
        now_ns, timed = self.clock.monotonic_ns(), tuple(self.timed)
        for first in range(0, len(timed), _SLICE):
            for held in timed[first : first + _SLICE]:
                if held.write_paused or 0 < held.deadline_ns <= now_ns:
                    held.expire(now_ns)
                elif not held.deadline_ns:
                    self.timed.pop(held, None)
            await asyncio.sleep(0)

    def _sample(self) -> None:
        """Count what some have not taken; others each time that the sample is drawn anew."""
        is_small = len(self._sampled) < min(_SAMPLED, len(self._connections))
        if is_small or self._sweeps % _SAMPLED_FOR == 0:
            everyone = tuple(self._connections)
            self._sampled = everyone[:: max(1, len(everyone) // _SAMPLED)]
        self._sweeps += 1
        for held in self._sampled:
            if held in self._connections:
                self.counters.untaken.add(held.untaken_bytes)

    async def run(
        self,
        sockets: Sequence[socket.socket],
        stopping: asyncio.Event,
        *,
        retiring: asyncio.Event | None = None,
        trusted: Sequence[socket.socket] = (),
        beside: Sequence[tuple[socket.socket, Application]] = (),
    ) -> None:
        """Serve until ``stopping`` is set, then let open responses finish within ``drain_s``.

        There are ``retire_s`` when ``retiring`` is set too. Whoever comes by a ``trusted`` socket is a proxy
        of ours: it speaks no TLS, and says who asks. Sockets ``beside`` have an application of their own, and
        no TLS; whoever comes by them counts with everybody else.
        """
        wires = Wires()
        self._handshakes = wires.handshakes
        doorsteps = [self._open(sock, wires, trusted=False) for sock in sockets]
        doorsteps += [self._open(sock, wires, trusted=True) for sock in trusted]
        doorsteps += [self._open(sock, wires, trusted=False, app=app) for sock, app in beside]
        self._tell_room(True)
        try:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _SWEEP_S)
                await self.sweep()
        finally:
            for doorstep in doorsteps:
                doorstep.close()
            relieved = retiring is not None and retiring.is_set()
            await self._drain(self.limits.retire_s if relieved else self.limits.drain_s)
            wires.close()

    def _open(
        self, sock: socket.socket, wires: Wires, *, trusted: bool, app: Application | None = None
    ) -> Doorstep:
        proxies = EveryProxy() if trusted else self.proxies
        tls = None if trusted or app is not None else self._tls
        doorstep = Doorstep(sock, self, proxies, wires, app=app, trusted=trusted, tls=tls)
        doorstep.open(self.limits.backlog)
        return doorstep

    def _tell_room(self, has_room: bool) -> None:
        self.has_room = has_room
        if not self.draining:
            self._room(has_room)

    async def _drain(self, within_s: float) -> None:
        self.draining = True
        newcomers_s = min(_NEWCOMERS_S, within_s)
        for connection in tuple(self._connections):
            connection.drain(newcomers=False)
        await self._emptied(newcomers_s)
        for connection in tuple(self._connections):
            connection.drain(newcomers=True)
        await self._emptied(within_s - newcomers_s)
        for connection in tuple(self._connections):
            connection.cut()
        await asyncio.sleep(0)

    async def _emptied(self, within_s: float) -> None:
        """Wait until nobody is connected, no longer than that."""
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), within_s)


async def serve(
    app: Application,
    sockets: Sequence[socket.socket],
    *,
    stopping: asyncio.Event,
    limits: Limits | None = None,
    clock: Clock | None = None,
    render_error: Render = _in_json,
    counters: Counters | None = None,
    certificate: Certificate | None = None,
    proxies: Proxies | None = None,
    retiring: asyncio.Event | None = None,
    trusted: Sequence[socket.socket] = (),
    beside: Sequence[tuple[socket.socket, Application]] = (),
    room: Callable[[bool], None] = lambda _: None,
    overload: Callable[[Request], bytes] | None = None,
    at_hand: AtHand | None = None,
    at_once: AtOnce | None = None,
    goes_on: GoesOn = lambda _: True,
) -> None:
    """Serve ``app`` on listening ``sockets`` until ``stopping`` is set and open responses are over.

    With a ``certificate`` it speaks TLS and follows changes of the files. ``room`` hears True once it serves,
    then whenever there is room for newcomers or none; ``overload`` renders a refusal for want of room, in the
    place of ``render_error``; ``at_hand`` gives answers of ``app`` that need no asking, ``at_once`` makes
    some where something is posted, and ``goes_on`` says after which of them more is asked for at once.
    """
    server = Server(
        app,
        clock=clock or SystemClock(),
        limits=limits or Limits(),
        render_error=render_error,
        counters=counters,
        tls=certificate.context if certificate else None,
        proxies=proxies,
        room=room,
        overload=overload,
        at_hand=at_hand,
        at_once=at_once,
        goes_on=goes_on,
    )
    watching = asyncio.create_task(certificate.watch()) if certificate else None
    try:
        await server.run(sockets, stopping, retiring=retiring, trusted=trusted, beside=beside)
    finally:
        if watching is not None:
            watching.cancel()
