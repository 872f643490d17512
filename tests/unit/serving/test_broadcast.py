"""The same bytes reach everybody, whether the system writes to many at once or to one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import structlog

from rostra.edge.sweep import Fanout, sweep
from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Queue, Recipients
from rostra.serving.ring import ENTRIES, Ring, RingUnavailable
from rostra.serving.unsent import UNSENT
from rostra.serving.wires import Wire, Wires

MANY = 40
LARGE = 4_000_000
"""More than the kernel holds for somebody who does not read."""


def has_ring() -> bool:
    try:
        Ring().close()
    except RingUnavailable:
        return False
    return True


needs_ring = pytest.mark.skipif(not has_ring(), reason="this system has no io_uring, or forbids it")


@dataclass(eq=False)
class Listener(asyncio.Protocol):
    """One end in the server, with an answer open, and the client's end of it."""

    client: socket.socket
    write_paused: bool = False
    brisk: bool = False
    cramped: bool = False
    date: bytes = b""
    over: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Wire)
        self.transport = transport
        self.exchange = Exchange(self, head_only=False, keep_alive=True)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True

    def finished(self, *, keep: bool) -> None:
        if not keep:
            self.transport.close()

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


@contextlib.contextmanager
def listeners(count: int) -> Iterator[list[Listener]]:
    wires = Wires()
    with contextlib.ExitStack() as stack, socket.create_server(("127.0.0.1", 0), backlog=count) as listening:
        stack.callback(wires.close)
        found = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(listening.getsockname()))
            client.setblocking(False)
            found.append(Listener(client))
            wires.connect(listening.accept()[0], found[-1])
        yield found


async def hear(listener: Listener, size: int) -> bytes:
    heard = b""
    async with asyncio.timeout(10):
        while len(heard) < size:
            piece = await asyncio.get_running_loop().sock_recv(listener.client, 65_536)
            assert piece, "the end came early"
            heard += piece
    return heard


def broadcasting() -> contextlib.closing[Broadcast]:
    return contextlib.closing(Broadcast(Ring()))


async def say(broadcast: Broadcast, everyone: list[Listener], data: bytes) -> list[Exchange]:
    """Sweep; return those who were written to one by one."""
    others: list[Exchange] = []

    def alone(exchange: Exchange) -> None:
        others.append(exchange)
        exchange.write(data)

    company = Recipients()
    for each in everyone:
        if not each.exchange.closed:
            each.exchange.rise()
            company.add(each.exchange)
    await sweep([Fanout(data, alone, [company.seats()])], broadcast=broadcast)
    return others


@needs_ring
async def test_everybody_gets_what_is_said_at_once_and_in_order() -> None:
    pieces = [os.urandom(size) for size in (1, 2_900, 700, 5_000)] * 5
    with broadcasting() as broadcast, listeners(ENTRIES + MANY) as everyone:
        for piece in pieces:
            assert not await say(broadcast, everyone, piece), "all at once"
        for each in everyone:
            assert await hear(each, sum(map(len, pieces))) == b"".join(pieces)


@needs_ring
async def test_who_is_slow_gets_all_of_it_later_and_is_written_to_alone_meanwhile() -> None:
    first, second = os.urandom(LARGE), os.urandom(1_000)
    with broadcasting() as broadcast, listeners(MANY) as everyone:
        slow = everyone[7]
        slow.exchange.write(first)
        assert await say(broadcast, everyone, second) == [slow.exchange]
        assert await hear(slow, LARGE + 1_000) == first + second
        for each in everyone:
            if each is not slow:
                assert await hear(each, 1_000) == second
        while slow.exchange.buffered_bytes:
            await asyncio.sleep(0)
        assert not await say(broadcast, everyone, second), "once it has taken all, it is as the others"


@needs_ring
async def test_what_the_kernel_does_not_take_at_once_is_kept() -> None:
    data = os.urandom(LARGE)
    with broadcasting() as broadcast, listeners(MANY) as everyone:
        assert not await say(broadcast, everyone, data)
        assert all(each.exchange.buffered_bytes for each in everyone)
        assert await hear(everyone[3], LARGE) == data


@needs_ring
async def test_who_has_gone_is_lost_and_nobody_else() -> None:
    with broadcasting() as broadcast, listeners(MANY) as everyone:
        gone, closed = everyone[0], everyone[1]
        gone.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        closed.exchange.abort()
        others = await say(broadcast, everyone, b"good evening")
        assert not others
        await asyncio.sleep(0)
        assert [each for each in everyone if each.over] == [gone, closed]
        for each in everyone[2:]:
            assert await hear(each, 12) == b"good evening"


@needs_ring
async def test_a_ring_that_breaks_loses_nothing_and_everyone_is_written_to_alone_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = Ring()
    broadcast = Broadcast(ring)
    with listeners(MANY) as everyone:
        monkeypatch.setattr("rostra.serving.ring._ENTER", 1_000_000)
        with structlog.testing.capture_logs() as logs:
            assert not await say(broadcast, everyone, b"good ")
        assert ring.closed
        assert [each["reason"] for each in logs] == ["the ring broke"]
        assert len(await say(broadcast, everyone, b"evening")) == MANY
        for each in everyone:
            assert await hear(each, 12) == b"good evening"


async def test_without_a_ring_everybody_is_written_to_alone() -> None:
    with listeners(MANY) as everyone:
        assert len(await say(ONE_BY_ONE, everyone, b"good evening")) == MANY
        for each in everyone:
            assert await hear(each, 12) == b"good evening"


def test_a_system_that_forbids_it_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rostra.serving.ring._SETUP", 1_000_000)
    broadcast = Broadcast.open()
    assert broadcast.write(Queue([Recipients().seats()]).take(1), b"x") == []
    broadcast.close()


@needs_ring
def test_a_ring_leaves_nothing_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        Ring().close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_socket_that_encrypts_has_no_descriptor_to_write_to() -> None:
    async def main() -> None:
        wires = Wires()
        left, right = socket.socketpair()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with left, right:
            encrypting = context.wrap_socket(left, server_side=True, do_handshake_on_connect=False)
            assert Wire(wires, encrypting, asyncio.Protocol()).descriptor < 0
            encrypting.close()
        wires.close()

    asyncio.run(main())


@needs_ring
async def test_nobody_hears_what_is_said_to_whoever_had_their_descriptor_before() -> None:
    data = b"good evening"
    with broadcasting() as broadcast, listeners(2 * MANY) as everyone:
        company = Recipients()
        for each in everyone[:MANY]:
            company.add(each.exchange)
        said = Fanout(data, lambda each: each.write(data), [company.seats()])
        assert said.serve(10, broadcast) == 10
        gone = everyone[MANY - 1]
        number = gone.transport.descriptor
        gone.exchange.abort()
        while not gone.over:
            await asyncio.sleep(0)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            fresh = Listener(socket.create_connection(listening.getsockname()))
            accepted = listening.accept()[0]
            os.dup2(accepted.fileno(), number)
            accepted.close()
            taken = socket.socket(fileno=number)
            everyone[-1].transport._wires.connect(taken, fresh)
            assert fresh.transport.descriptor == number
            while said.serve(10, broadcast):
                pass
            for each in everyone[: MANY - 1]:
                assert await hear(each, len(data)) == data
            fresh.client.setblocking(False)
            with pytest.raises(BlockingIOError):
                fresh.client.recv(1)
            fresh.client.close()
            company.add(fresh.exchange)
            assert not await say(broadcast, [*everyone[MANY:], fresh], data)


async def test_whoever_is_over_keeps_no_bytes_back_from_the_next_with_their_descriptor() -> None:
    """A transport may be told once more that it is over when its descriptor is another's."""
    with listeners(1) as (first,):
        number = first.transport.descriptor
        first.exchange.abort()
        while not first.over:
            await asyncio.sleep(0)
        UNSENT.clear(number)
        first.transport.abort()
        assert not UNSENT.among(np.array([number], np.int32)).any()


@needs_ring
async def test_answers_begin_and_end_at_once_for_many_and_their_connections_go_on() -> None:
    head, last = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\ngood\r\n0\r\n\r\n"
    with broadcasting() as broadcast, listeners(MANY) as everyone:
        slow = everyone[5]
        slow.exchange.write(bytes(LARGE))
        before = [b""] * 5 + [bytes(LARGE)] + [b""] * (MANY - 6)
        company = Recipients()
        for each in everyone:
            company.add(each.exchange)
        begin = Fanout(head, partial(Exchange.begin, head=head), [company.seats()], done=Exchange.has_begun)
        await sweep([begin], broadcast=broadcast)
        assert all(each.exchange.begun for each in everyone)
        end = Fanout(last, partial(Exchange.finish, data=last), [company.seats()], done=Exchange.has_ended)
        await sweep([end], broadcast=broadcast)
        assert all(each.exchange.closed and not each.transport.is_closing() for each in everyone)
        assert not len(company)
        for each, kept in zip(everyone, before, strict=True):
            assert await hear(each, len(kept + head + last)) == kept + head + last
