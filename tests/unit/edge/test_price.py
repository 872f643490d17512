"""What one more listener costs an edge's process, and what is left of those who have gone.

A real server on real sockets and a real tape, on uvloop as the worker runs; memory as Python's allocators
see it (tracemalloc), the loop's own share of each connection included.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvloop

from harness import programme
from harness.clock import ManualClock
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.settings import Settings
from rostra.edge.shelf import Shelf
from rostra.edge.site import Site
from rostra.edge.spaces import Spaces
from rostra.edge.streams import Streams
from rostra.edge.turnstile import Turnstile
from rostra.serving import Limits, Server
from rostra.tape import TapeWriter

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
KEYS = Keyring((TicketKey(1, b"k" * 32),))
CLOCK = ManualClock()
BYTES_PER_LISTENER = 3_000
FEW, MANY = 300, 1_500
LEFTOVERS = 20


class Hall:
    """An edge with one live space, and people who listen to it."""

    def __init__(self, port: int, turnstile: Turnstile, streams: Streams, writer: TapeWriter) -> None:
        self.streams = streams
        self._turnstile = turnstile
        self._writer = writer
        self._address = ("127.0.0.1", port)
        now_s = CLOCK.utc_ns() // 10**9
        self._tickets = [
            mint(KEYS, Ticket(SPACE, new_listener(), 0, 0, now_s + 60, now_s + 600)) for _ in range(MANY)
        ]
        self._people: list[int] = []
        """Their descriptors: a socket object each would count as the server's memory."""
        self.segment = 1

    async def fill(self, count: int) -> None:
        """Let people come until there are so many, and wait until all listen."""
        while len(self._people) < count:
            self._people.append(socket.create_connection(self._address).detach())
            self._ask(len(self._people) - 1)
            if len(self._people) % 50 == 0:
                await asyncio.sleep(0)
        await until(lambda: self.streams.open_count == count)

    def _ask(self, number: int) -> None:
        path = f"/t/{self._tickets[number]}/{SPACE}/{RUN}/aac64/{self.segment}.m4s"
        os.write(self._people[number], f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def go_on(self, quanta: int) -> None:
        """Say more."""
        for _ in range(quanta):
            self._writer.append(programme.quanta()[self._writer.next_sample // 15_360 % 12])

    async def next_segment(self) -> None:
        """Everybody hears the rest of a segment and asks for the next."""
        await self.go_on(6)
        await until(lambda: self.streams.open_count == 0)
        self.segment += 1
        for number, descriptor in enumerate(self._people):
            os.read(descriptor, 1 << 20)
            self._ask(number)
        await until(lambda: self.streams.open_count == len(self._people))
        await self.go_on(6)

    async def memory_with(self, count: int) -> int:
        """Bytes, once so many listen and have gone on to another segment."""
        await self.fill(count)
        await self.next_segment()
        self._turnstile.take_fresh()
        self.streams.take_begun()
        await self.next_segment()
        self.streams.take_begun()
        return tracemalloc.get_traced_memory()[0]

    def leave(self) -> None:
        for descriptor in self._people:
            os.close(descriptor)
        self._people.clear()


@contextlib.asynccontextmanager
async def hall(tapes: Path) -> AsyncIterator[Hall]:
    writer = TapeWriter.create(tapes / SPACE / RUN, programme.genesis(), clock=CLOCK)
    for number in range(18):
        writer.append(programme.quanta()[number % 12])
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group)
        spaces = Spaces(tapes, group=group, clock=CLOCK, finished=shelf.prepare)
        turnstile, streams = Turnstile(clock=CLOCK), Streams(worker=0, clock=CLOCK)
        turnstile.take_keys(KEYS)
        site = Site(
            spaces=spaces,
            shelf=shelf,
            turnstile=turnstile,
            streams=streams,
            settings=Settings(),
            clock=CLOCK,
        )
        server = Server(site, clock=CLOCK, limits=Limits(drain_s=0.1), render_error=site.refuse)
        spaces.take(live())
        with socket.create_server(("127.0.0.1", 0), backlog=4_096) as listening:
            group.create_task(server.run([listening.dup()], stopping))
            await until(lambda: spaces.programme(SPACE) is not None)
            one = Hall(listening.getsockname()[1], turnstile, streams, writer)
            try:
                yield one
                one.leave()
                await until(lambda: not server.connections)
            finally:
                one.leave()
                stopping.set()
                spaces.close()
    writer.close()


def live() -> SpaceState:
    return SpaceState(
        space=SPACE,
        revision=1,
        lifecycle=Lifecycle.LIVE,
        title="x",
        description="",
        host=AccountId("host23456"),
        host_name="x",
        starts_at=0,
        time_zone="UTC",
        run=RUN,
        anchor_utc_ns=programme.genesis().anchor_utc_ns,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def on_uvloop(act: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(act))


async def _run(act: Callable[[], Awaitable[None]]) -> None:
    await act()


def test_a_listener_by_segments_costs_less_than_three_kilobytes(tmp_path: Path) -> None:
    async def act() -> None:
        async with hall(tmp_path) as one:
            tracemalloc.start()
            try:
                taken = [await one.memory_with(count) for count in (FEW, MANY)]
            finally:
                tracemalloc.stop()
            assert (taken[1] - taken[0]) / (MANY - FEW) < BYTES_PER_LISTENER

    on_uvloop(act)


def test_nothing_of_an_answer_that_is_over_waits_for_the_garbage_collector(tmp_path: Path) -> None:
    async def act() -> None:
        async with hall(tmp_path) as one:
            await one.fill(FEW)
            await one.next_segment()
            gc.collect()
            gc.disable()
            try:
                await one.next_segment()
                assert gc.collect() < LEFTOVERS
                one.leave()
                await until(lambda: one.streams.open_count == 0)
                await asyncio.sleep(0.05)
                assert gc.collect() < LEFTOVERS
            finally:
                gc.enable()

    on_uvloop(act)
