"""Whoever has said all when the door opens is answered on the doorstep, and no worse than inside."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import socket
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from harness.clock import ManualClock
from rostra.core.proxies import Proxies
from rostra.serving import Exchange, Limits, Request, Server, chunked_head, framed, head, response
from rostra.serving.doorstep import Doorstep
from rostra.serving.exchange import Deliver
from rostra.serving.heads import Heads
from rostra.serving.response import dated
from rostra.serving.wires import Wire, Wires

HELLO = response(200, b"hello", content_type="text/plain", date_s=0)
PAGE = response(200, b"<p>hello", content_type="text/html", date_s=0)
LARGE = 4_000_000
"""More than the kernel takes of an answer that nobody reads."""


class Echo:
    """Answers ``/hello``, ``/page`` and ``/large`` at once, echoes bodies, and keeps all else."""

    def __init__(self) -> None:
        self.kept: list[Exchange] = []
        self.over = 0

    def respond(self, request: Request, exchange: Exchange) -> None:
        if request.path == "/hello":
            exchange.send(HELLO)
        elif request.path == "/page":
            exchange.send(PAGE, more=True)
        elif request.path == "/large-page":
            exchange.send(response(200, bytes(LARGE)), more=True)
        elif request.path == "/large":
            exchange.send(response(200, bytes(LARGE)))
        elif request.path == "/pieces":
            exchange.stream(head(200, [("Content-Length", str(LARGE))]), _pieces())
        elif request.body:
            exchange.send(response(200, request.body + request.peer.encode()))
        else:
            self.kept.append(exchange)
            exchange.on_close(self._gone)

    def _gone(self) -> None:
        self.over += 1


def _pieces() -> Callable[[Deliver], None]:
    left = [bytes(LARGE // 40)] * 40

    def read(deliver: Deliver) -> None:
        deliver(left.pop() if left else None)

    return read


class Running:
    """A server, and strangers who say all they have to say as they come."""

    def __init__(self, server: Server, app: Echo, port: int, clock: ManualClock) -> None:
        self.server = server
        self.app = app
        self.clock = clock
        self._port = port

    def come(self, said: bytes) -> socket.socket:
        """Connect and speak before the server's loop has another turn."""
        client = socket.create_connection(("127.0.0.1", self._port))
        client.sendall(said)
        client.setblocking(False)
        return client

    async def answer(self, said: bytes) -> bytes:
        """All that somebody hears who says that."""
        with self.come(said) as client:
            return await hear(client)


async def hear(client: socket.socket) -> bytes:
    """Read to the end."""
    loop, heard = asyncio.get_running_loop(), b""
    async with asyncio.timeout(10):
        while piece := await loop.sock_recv(client, 65_536):
            heard += piece
    return heard


@contextlib.asynccontextmanager
async def running(limits: Limits | None = None) -> AsyncIterator[Running]:
    app, stopping = Echo(), asyncio.Event()
    clock = ManualClock()
    server = Server(app, clock=clock, limits=limits or Limits(drain_s=0.2))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.run([listening.dup()], stopping))
            try:
                yield Running(server, app, listening.getsockname()[1], clock)
            finally:
                stopping.set()


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def ask(path: str, *lines: str, body: bytes = b"") -> bytes:
    method = "POST" if body else "GET"
    lengths = [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: h", *lengths, *lines, "", ""]).encode() + body


BYE = "Connection: close"


def echoed(body: bytes) -> bytes:
    """The answer as it goes out when the clock has not moved."""
    return dated(response(200, body), b"\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT")


async def test_a_visit_is_answered_and_leaves_no_connection_behind() -> None:
    async with running() as it:
        assert await it.answer(ask("/hello", BYE)) == HELLO
        assert await it.answer(ask("/echo", BYE, body=b"me, from ")) == echoed(b"me, from 127.0.0.1")
        assert (it.server.connections, it.server.counters.accepted) == (0, 2)


async def test_an_answer_and_its_end_come_in_one_packet() -> None:
    async with running() as it:
        with it.come(ask("/hello", BYE)) as client:
            before = _packets(client)
            assert await hear(client) == HELLO
            assert _packets(client) == before + 1


def _packets(client: socket.socket) -> int:
    """How many have come (tcpi_segs_in of linux/tcp.h)."""
    (count,) = struct.unpack_from("=I", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 144), 140)
    return int(count)


async def test_whoever_may_ask_again_keeps_a_connection() -> None:
    async with running() as it:
        with it.come(ask("/hello")) as client:
            await until(lambda: it.server.connections)
            client.sendall(ask("/hello", BYE))
            assert await hear(client) == HELLO * 2


async def test_where_many_are_in_nobody_else_keeps_one() -> None:
    async with running(Limits(brisk=0)) as it:
        with it.come(b""):
            await until(lambda: it.server.connections)
            answer = await it.answer(ask("/hello"))
            assert answer.split(b"\r\n")[1] == b"Connection: close"
            assert it.server.connections == 1


async def test_where_many_are_in_a_page_s_connection_carries_what_the_page_asks_next() -> None:
    async with running(Limits(brisk=0, cramped=9)) as it:
        with it.come(ask("/page")) as client:
            await until(lambda: it.server.connections == 1)
            client.sendall(ask("/hello"))
            page, _, rest = (await hear(client)).partition(b"<p>hello")
            assert page + b"<p>hello" == PAGE
            assert rest.split(b"\r\n")[1] == b"Connection: close"
        await until(lambda: not it.server.connections)
        assert it.server.counters.accepted == 1


async def test_where_many_are_in_a_page_that_asks_nothing_more_keeps_its_connection_for_a_moment() -> None:
    async with running(Limits(brisk=0, cramped=9)) as it:
        with it.come(ask("/page")) as client:
            await until(lambda: it.server.connections == 1)
            it.clock.advance(ms=2_900)
            await it.server.sweep()
            assert it.server.connections == 1
            it.clock.advance(ms=200)
            await it.server.sweep()
            assert await hear(client) == PAGE


async def test_where_very_many_are_in_not_even_a_page_keeps_one() -> None:
    async with running(Limits(brisk=0, cramped=0)) as it:
        with it.come(b""):
            await until(lambda: it.server.connections)
            assert (await it.answer(ask("/page"))).split(b"\r\n")[1] == b"Connection: close"


async def test_a_page_larger_than_the_kernel_takes_comes_whole_and_carries_what_follows() -> None:
    async with running(Limits(brisk=0, cramped=9)) as it:
        with it.come(ask("/large-page")) as client:
            await until(lambda: it.server.connections)
            client.sendall(ask("/hello"))
            heard = await hear(client)
            assert heard[-len(HELLO) :].endswith(b"hello")
            assert heard.count(b"HTTP/1.1 200 OK") == 2


async def test_an_answer_that_comes_later_comes_whole() -> None:
    async with running() as it:
        with it.come(ask("/later", BYE)) as client:
            await until(lambda: it.app.kept)
            it.app.kept[0].begin(chunked_head(200, content_type="audio/mp4"))
            it.app.kept[0].write(framed(b"before"))
            await until(lambda: it.server.connections)
            it.app.kept[0].write(framed(b"after"))
            it.app.kept[0].end()
            heard = await hear(client)
            assert heard.endswith(b"\r\n\r\n6\r\nbefore\r\n5\r\nafter\r\n0\r\n\r\n")
    assert (it.app.over, it.server.counters.accepted) == (1, 1)


async def test_whoever_leaves_before_the_answer_is_noticed() -> None:
    async with running() as it:
        with it.come(ask("/later", BYE)):
            await until(lambda: it.app.kept)
        await until(lambda: it.app.over == 1)


@pytest.mark.parametrize("path", ["/large", "/pieces"])
async def test_an_answer_larger_than_the_kernel_takes_comes_whole(path: str) -> None:
    async with running() as it:
        with it.come(ask(path, BYE)) as client:
            await until(lambda: it.server.connections)
            assert len((await hear(client)).partition(b"\r\n\r\n")[2]) == LARGE
        await until(lambda: not it.server.connections)


async def test_what_is_not_whole_or_no_request_is_heard_out_inside() -> None:
    async with running() as it:
        with it.come(ask("/echo", BYE, body=b"together")[:-4]) as client:
            await until(lambda: it.server.connections)
            client.sendall(b"ther")
            assert b"together" in await hear(client)
        assert (await it.answer(b"Good evening\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        assert (await it.answer(ask("/hello", BYE) + ask("/hello", BYE))) == HELLO


async def test_one_too_many_is_told_when_to_come_back() -> None:
    async with running(Limits(connections=1, brisk=1, full=1)) as it:
        with it.come(b""):
            await until(lambda: it.server.connections)
            answer = await it.answer(ask("/hello", BYE))
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After" in answer


class Short(socket.socket):
    """A listening socket of a process that has no descriptor left, once."""

    tried = 0

    def _accept(self) -> tuple[int, object]:
        self.tried += 1
        if self.tried == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return super()._accept()  # type: ignore[misc, no-any-return]


async def test_without_descriptors_newcomers_wait_in_the_queue() -> None:
    clock = ManualClock()
    server = Server(Echo(), clock=clock, limits=Limits())
    with Short() as sock:
        sock.bind(("127.0.0.1", 0))
        wires = Wires()
        doorstep = Doorstep(sock, server, Proxies(), wires)
        doorstep.open(8)
        try:
            assert (
                await Running(server, Echo(), sock.getsockname()[1], clock).answer(ask("/hello", BYE))
                == HELLO
            )
        finally:
            doorstep.close()
            wires.close()
        assert sock.tried >= 2


async def test_who_comes_by_a_socket_of_all_workers_is_left_to_those_with_room(tmp_path: Path) -> None:
    stopping = asyncio.Event()
    full, roomy = (
        Server(Echo(), clock=ManualClock(), limits=Limits(drain_s=0.2, full=most)) for most in (0, 100)
    )
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "all.sock"))
        listening.listen(64)

        async def ask_by_it() -> bytes:
            reader, writer = await asyncio.open_unix_connection(tmp_path / "all.sock")
            writer.write(ask("/hello", BYE, "X-Forwarded-For: 192.0.2.7"))
            answer = await reader.read()
            writer.close()
            return answer

        async with asyncio.TaskGroup() as tasks:
            for each in (full, roomy):
                tasks.create_task(each.run([], stopping, trusted=[listening.dup()]))
            await asyncio.sleep(0)
            full.has_room = False
            assert {await ask_by_it() for _ in range(20)} == {HELLO}
            assert roomy.counters.accepted > 15
            roomy.has_room = False
            assert await ask_by_it() == HELLO
            stopping.set()


async def test_the_head_of_whoever_keeps_a_connection_is_parsed_once_and_their_address_asked_of_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[bytes] = []
    parse = Heads.parse

    def counted(heads: Heads, head: bytes, *, peer: str, proxies: Proxies) -> Request:
        parsed.append(head)
        return parse(heads, head, peer=peer, proxies=proxies)

    monkeypatch.setattr(Heads, "parse", counted)
    monkeypatch.setattr(Wire, "get_extra_info", unasked)
    async with running() as it:
        first, second = ask("/echo", body=b"me, from "), ask("/echo", BYE, body=b"again, from ")
        with it.come(first) as client:
            await until(lambda: it.server.connections)
            client.sendall(second)
            told = await hear(client)
        assert told == echoed(b"me, from 127.0.0.1") + echoed(b"again, from 127.0.0.1")
        assert len(parsed) == 2


def unasked(wire: Wire, name: str, default: object = None) -> object:
    assert name != "peername"
    return wire._sock if name == "socket" else default


async def test_of_an_answer_that_came_later_nothing_is_left_for_a_collector(
    request: pytest.FixtureRequest,
) -> None:
    async with running() as server:
        gc.collect()
        gc.disable()
        request.addfinalizer(gc.enable)
        with server.come(ask("/later", BYE)) as client:
            await until(lambda: server.app.kept)
            server.app.kept.pop().send(HELLO)
            assert await hear(client) == HELLO
        await until(lambda: not server.server.connections)
        await asyncio.sleep(0.01)
        assert not [each for each in gc.get_objects() if isinstance(each, Exchange)]


async def test_a_request_that_is_kept_waiting_is_answered_on_the_connection_that_it_began() -> None:
    async with running() as it:
        with it.come(ask("/later")) as client:
            await until(lambda: it.app.kept)
            it.app.kept[0].send(HELLO)
            client.sendall(ask("/hello", BYE))
            assert await hear(client) == HELLO * 2


async def test_an_answer_that_ends_its_connection_says_so_and_is_otherwise_as_it_was() -> None:
    async with running(Limits(brisk=0)) as it:
        with it.come(b""):
            await until(lambda: it.server.connections)
            body = b"a\r\n\r\nb" * 1_000
            answer = await it.answer(ask("/echo", body=body))
            status, _, rest = echoed(body + b"127.0.0.1").partition(b"\r\n")
            assert answer == status + b"\r\nConnection: close\r\n" + rest
