"""The hot server as a client on a socket sees it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.core.errors import RostraError, TicketExpired
from rostra.serving import (
    Exchange,
    Limits,
    Request,
    Server,
    chunked_head,
    error_response,
    framed,
    head,
    response,
)
from rostra.serving.exchange import Deliver
from rostra.serving.server import Render

PIECES = 250
"""Of 64 kB: more than the kernel holds for a client that does not read."""
HELLO = response(200, b"hello", content_type="text/plain", date_s=0)


class Echo:
    """Answers by path; ``kept`` holds the exchanges left open."""

    def __init__(self) -> None:
        self.kept: list[Exchange] = []
        self.requests: list[Request] = []
        self.closed = 0
        self.handed_out = 0
        """Pieces of the big answer."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        self.requests.append(request)
        if request.path == "/hello":
            exchange.send(HELLO)
        elif request.path == "/echo":
            exchange.send(response(200, request.body + request.query.encode(), content_type="text/plain"))
        elif request.path == "/refused":
            raise TicketExpired
        elif request.path == "/broken":
            raise ZeroDivisionError
        elif request.path == "/big":
            self.kept.append(exchange)
            exchange.stream(head(200, [("Content-Length", str(PIECES * 65_536))]), self._reader())
        else:
            self.kept.append(exchange)
            exchange.on_close(self._count)

    def _reader(self) -> Callable[[Deliver], None]:
        """Every other piece comes only later, as from a thread."""
        numbers = iter(range(PIECES))

        def read(deliver: Deliver) -> None:
            number = next(numbers, None)
            piece = None if number is None else bytes([number]) * 65_536
            self.handed_out += piece is not None
            if number is not None and number % 2:
                asyncio.get_running_loop().call_soon(deliver, piece)
            else:
                deliver(piece)

        return read

    def _count(self) -> None:
        self.closed += 1


class Running:
    """A server on a loopback port and what it takes to talk to it."""

    def __init__(self, server: Server, app: Echo, port: int, clock: ManualClock) -> None:
        self.server = server
        self.app = app
        self.port = port
        self.clock = clock

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def say(self, raw: bytes) -> bytes:
        """Send bytes, then read until the server closes."""
        async with self.client() as (reader, writer):
            writer.write(raw)
            return await asyncio.wait_for(reader.read(), 5)

    async def later(self, *, s: float) -> None:
        self.clock.advance(ms=round(s * 1000))
        await self.server.sweep()


@contextlib.asynccontextmanager
async def running(
    limits: Limits | None = None, *, render_error: Render = lambda error, _: error_response(error)
) -> AsyncIterator[Running]:
    app, clock, stopping = Echo(), ManualClock(), asyncio.Event()
    server = Server(app, clock=clock, limits=limits or Limits(drain_s=0.2), render_error=render_error)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.run([listening.dup()], stopping))
            try:
                yield Running(server, app, listening.getsockname()[1], clock)
            finally:
                stopping.set()


async def until(condition: object) -> None:
    """Give the loop turns until ``condition()`` holds."""
    assert callable(condition)
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def get(path: str, *extra: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: here", *extra, "", ""]).encode()


CLOSE = "Connection: close"


async def test_a_request_is_answered_with_the_rendered_bytes() -> None:
    async with running() as it:
        assert await it.say(get("/hello", CLOSE)) == HELLO


async def test_pipelined_requests_are_answered_in_order_behind_one_that_waits() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/wait") + get("/echo?second") + get("/hello", CLOSE))
        await until(lambda: it.app.kept)
        assert len(it.app.requests) == 1
        it.app.kept[0].send(response(200, b"first"))
        answer = await reader.read()
        assert answer.index(b"first") < answer.index(b"second") < answer.index(b"hello")


async def test_more_pipelined_requests_than_fit_one_turn_are_all_answered() -> None:
    async with running() as it:
        answer = await it.say(get("/hello") * 500 + get("/hello", CLOSE))
        assert answer == HELLO * 501


async def test_head_gets_the_same_head_and_no_body() -> None:
    async with running() as it:
        answer = await it.say(b"HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello", CLOSE))
        assert answer == HELLO[: -len(b"hello")] + HELLO


async def test_head_of_a_streamed_answer_has_no_body_and_keeps_the_connection() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(b"HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n")
        await until(lambda: it.app.kept)
        it.app.kept[0].begin(chunked_head(200, content_type="audio/mp4"))
        it.app.kept[0].write(framed(b"never"))
        it.app.kept[0].end()
        writer.write(get("/hello", CLOSE))
        answer = await reader.read()
        assert b"never" not in answer
        assert answer.endswith(HELLO)


async def test_a_body_reaches_the_application_whole() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabc")
        await writer.drain()
        await until(lambda: it.server.connections)
        writer.write(b"def")
        assert (await reader.read()).endswith(b"\r\n\r\nabcdef")


async def test_streamed_chunks_arrive_framed_and_ended() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/stream", CLOSE))
        await until(lambda: it.app.kept)
        exchange = it.app.kept[0]
        exchange.begin(chunked_head(200, content_type="audio/mp4"))
        exchange.write(framed(b"one"))
        exchange.end()
        exchange.write(b"too late")
        answer = await reader.read()
        assert answer.endswith(b"\r\n\r\n3\r\none\r\n0\r\n\r\n")
        assert it.app.closed == 1


async def test_an_aborted_stream_has_no_last_chunk() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/stream"))
        await until(lambda: it.app.kept)
        it.app.kept[0].begin(chunked_head(200, content_type="audio/mp4"))
        it.app.kept[0].write(framed(b"one"))
        it.app.kept[0].abort()
        assert (await reader.read()).endswith(b"3\r\none\r\n")


async def test_a_long_stream_waits_for_a_slow_reader() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/big", CLOSE))
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: it.app.kept[0].buffered_bytes)
        assert it.app.handed_out < PIECES
        body = await reader.read()
        assert body == b"".join(bytes([n]) * 65_536 for n in range(PIECES))


async def test_a_client_that_leaves_is_noticed() -> None:
    async with running() as it:
        async with it.client() as (_, writer):
            writer.write(get("/stream"))
            await until(lambda: it.app.kept)
        await until(lambda: it.app.closed == 1)
        assert it.app.kept[0].closed


async def test_a_refusal_is_the_error_trees_json() -> None:
    async with running() as it:
        answer = await it.say(get("/refused", CLOSE))
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "ticket_expired"


async def test_a_bug_answers_500_without_a_traceback() -> None:
    async with running() as it:
        answer = await it.say(get("/broken", CLOSE))
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"ZeroDivision" not in answer


async def refused(raw: bytes) -> tuple[int, str]:
    async with running() as it:
        answer = await it.say(raw)
        top, _, body = answer.partition(b"\r\n\r\n")
        return int(top.split()[1]), json.loads(body)["error"]["code"]


def for_readers(error: RostraError, request: Request) -> bytes:
    """A refusal that tells whom it is for."""
    accept, cookie = (request.headers.get(name, b"") for name in (b"accept", b"cookie"))
    return response(error.status, b" ".join([accept, cookie[:7], request.path.encode()]))


PERSON = ("Accept: text/html", "Cookie: lang=es")
LATE = b"GET /hello?x HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\ncookie:lang=es\r\nX"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (get("/broken", *PERSON, CLOSE), 500),
        (get("/hello", *PERSON).replace(b"Host: here", b"Host: <"), 400),
        (get("/hello?" + "x" * 3_000, *PERSON), 414),
        (get("/hello", *PERSON, "X: " + "x" * 9_000), 431),
        (get("/hello", *PERSON, "Content-Length: 99999"), 413),
        (get("/hello", *PERSON, "Content-Length: 9"), 408),
        (LATE, 408),
    ],
)
async def test_a_refusal_is_rendered_for_whoever_asked_as_far_as_it_was_heard(
    raw: bytes, status: int
) -> None:
    async with running(render_error=for_readers) as it, it.client() as (reader, writer):
        writer.write(get("/hello") + raw)
        await reader.readuntil(b"hello")
        if status == 408:
            await it.later(s=11)
        answer = await asyncio.wait_for(reader.read(), 5)
        path = b"/broken" if status == 500 else b"/hello"
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert answer.endswith(b"\r\n\r\ntext/html lang=es " + path)


async def test_who_says_nothing_of_themselves_is_refused_as_anybody() -> None:
    async with running(render_error=for_readers) as it:
        assert (await it.say(b"\x16\x03\x01\x02\x00")).endswith(b"\r\n\r\n  ")


async def test_a_refusal_that_cannot_be_rendered_is_one_all_the_same() -> None:
    def stumble(*_: object) -> bytes:
        raise ZeroDivisionError

    async with running(render_error=stumble) as it:
        answer = await it.say(get("/refused", CLOSE))
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "ticket_expired"


async def test_bytes_that_are_not_http_answer_400() -> None:
    assert await refused(b"\x16\x03\x01\x02\x00") == (400, "malformed_request")
    assert await refused(b"GET /\r\n\r\n") == (400, "malformed_request")


async def test_a_request_without_host_answers_400() -> None:
    assert await refused(b"GET / HTTP/1.1\r\n\r\n") == (400, "malformed_request")


async def test_two_hosts_or_a_host_with_markup_answer_400() -> None:
    assert await refused(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == (400, "malformed_request")
    assert await refused(b"GET / HTTP/1.1\r\nHost: a<b>\r\n\r\n") == (400, "malformed_request")


async def test_a_huge_head_answers_431() -> None:
    assert await refused(get("/", "X: " + "x" * 9_000)) == (431, "head_too_large")
    assert await refused(get("/", *[f"X-{n}: 1" for n in range(70)])) == (431, "head_too_large")


async def test_a_long_address_answers_414() -> None:
    assert await refused(get("/" + "a" * 3_000)) == (414, "address_too_long")


async def test_a_large_body_answers_413_even_while_the_client_still_sends() -> None:
    raw = b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
    assert await refused(raw) == (413, "body_too_large")


async def test_a_body_in_chunks_answers_411() -> None:
    raw = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert await refused(raw) == (411, "length_needed")


async def test_a_client_that_sends_byte_by_byte_is_told_after_ten_seconds() -> None:
    async with running() as it, it.client() as (reader, writer):
        for position in range(5):
            writer.write(b"GET /"[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0)
            await it.later(s=1)
        await until(lambda: it.server.connections)
        await it.later(s=9.9)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_is_closed_after_75_seconds_without_a_word() -> None:
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/hello"))
        await reader.readexactly(len(HELLO))
        await it.later(s=70)
        writer.write(get("/hello"))
        await reader.readexactly(len(HELLO))
        await it.later(s=76)
        assert await reader.read() == b""


async def test_a_reader_that_stalls_is_dropped() -> None:
    async with running() as it, it.client() as (_, writer):
        writer.write(get("/stream"))
        await until(lambda: it.app.kept)
        exchange = it.app.kept[0]
        exchange.begin(chunked_head(200, content_type="audio/mp4"))
        for _ in range(400):
            exchange.write(framed(bytes(65_536)))
        assert exchange.buffered_bytes > 1_000_000
        await it.later(s=61)
        await until(lambda: exchange.closed)


async def test_a_reader_that_is_slow_and_never_stalls_gets_everything() -> None:
    body = bytes(26_000_000)
    async with running() as it, it.client() as (reader, writer):
        writer.write(get("/stream"))
        await until(lambda: it.app.kept)
        exchange = it.app.kept[0]
        exchange.begin(head(200, [("Content-Length", str(len(body)))]), chunked=False)
        await reader.readuntil(b"\r\n\r\n")
        exchange.write(body)
        for _ in range(5):
            before = exchange.buffered_bytes
            await reader.readexactly(4_000_000)
            await until(lambda before=before: exchange.buffered_bytes < before)
            await it.later(s=50)
        assert not exchange.closed
        exchange.finish(b"")
        assert len(await reader.read()) == len(body) - 20_000_000


async def test_too_many_connections_get_503_and_when_to_come_back() -> None:
    async with running(Limits(connections=1, drain_s=0.2)) as it, it.client():
        await until(lambda: it.server.connections == 1)
        answer = await it.say(get("/hello"))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: " in answer


async def test_where_many_are_open_an_answer_says_that_it_ends_its_connection() -> None:
    async with running(Limits(brisk=1, drain_s=0.2)) as it, it.client() as (reader, writer):
        async with it.client():
            await until(lambda: it.server.connections == 2)
            writer.write(get("/hello"))
            answer = await asyncio.wait_for(reader.read(), 5)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
            assert answer.endswith(b"hello")
        await until(lambda: it.server.connections == 0)
        async with it.client() as (kept, asking):
            asking.write(get("/hello"))
            assert b"Connection: close" not in await kept.readuntil(b"hello")
            asking.write(get("/hello"))
            assert (await kept.readuntil(b"hello")).startswith(b"HTTP/1.1 200 ")


async def test_somebody_too_many_who_says_nothing_is_told_so_after_a_second() -> None:
    async with running(Limits(connections=1, drain_s=0.2)) as it, it.client():
        async with it.client() as (reader, _):
            await until(lambda: it.server.connections == 2)
            await it.later(s=1.1)
            assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 503 ")


async def test_a_full_server_says_so_and_again_when_there_is_room() -> None:
    told: list[bool] = []
    server = Server(Echo(), clock=ManualClock(), limits=Limits(full=2, drain_s=0.2), room=told.append)
    stopping = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.run([listening.dup()], stopping))
        writers = [(await asyncio.open_connection(*listening.getsockname()))[1] for _ in range(3)]
        await until(lambda: server.connections == 3)
        assert told == [True, False]
        for writer in writers[:2]:
            writer.close()
        await until(lambda: server.connections == 1)
        assert told == [True, False, True]
        writers[2].close()
        stopping.set()
        await serving


async def test_whoever_comes_by_a_listener_beside_is_answered_there_and_counts_with_everybody() -> None:
    here, beside, clock, stopping = Echo(), Echo(), ManualClock(), asyncio.Event()
    server = Server(here, clock=clock, limits=Limits(connections=1, drain_s=0.2))
    with (
        socket.create_server(("127.0.0.1", 0)) as public,
        socket.create_server(("127.0.0.1", 0)) as private,
    ):
        first, second = (Running(server, here, each.getsockname()[1], clock) for each in (public, private))
        serving = asyncio.create_task(server.run([public.dup()], stopping, beside=[(private.dup(), beside)]))
        async with second.client() as (reader, writer):
            writer.write(get("/hello"))
            await reader.readuntil(b"hello")
            assert (len(here.requests), len(beside.requests)) == (0, 1)
            assert server.counters.open == 1
            assert (await first.say(get("/hello"))).startswith(b"HTTP/1.1 503 ")
        await until(lambda: server.connections == 0)
        assert await first.say(get("/hello", CLOSE)) == HELLO
        assert await second.say(get("/hello", CLOSE)) == HELLO
        assert (len(here.requests), len(beside.requests)) == (1, 2)
        stopping.set()
        await serving


async def test_whoever_is_relieved_gives_open_answers_more_time() -> None:
    app, stopping, retiring = Echo(), asyncio.Event(), asyncio.Event()
    server = Server(app, clock=ManualClock(), limits=Limits(drain_s=0.01, retire_s=5))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.run([listening.dup()], stopping, retiring=retiring))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(get("/wait"))
        await until(lambda: app.kept)
        retiring.set()
        stopping.set()
        await until(lambda: server.draining)
        await asyncio.sleep(0.1)
        app.kept[0].send(HELLO)
        assert await reader.read() == HELLO
        writer.close()
        await serving


async def test_a_stopping_server_finishes_open_answers() -> None:
    app, stopping = Echo(), asyncio.Event()
    server = Server(app, clock=ManualClock(), limits=Limits(drain_s=5))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.run([listening.dup()], stopping))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(get("/wait"))
        await until(lambda: app.kept)
        stopping.set()
        await until(lambda: server.draining)
        app.kept[0].send(HELLO)
        assert await reader.read() == HELLO
        writer.close()
        await serving


async def test_who_has_just_come_to_a_stopping_server_is_still_answered_and_who_stays_silent_is_not() -> None:
    app, stopping = Echo(), asyncio.Event()
    server = Server(app, clock=ManualClock(), limits=Limits(drain_s=5))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.run([listening.dup()], stopping))
        talking, silent = [await asyncio.open_connection(*listening.getsockname()) for _ in range(2)]
        await until(lambda: server.connections == 2)
        stopping.set()
        await until(lambda: server.draining)
        talking[1].write(get("/hello"))
        assert await talking[0].read() == HELLO
        assert await silent[0].read() == b""
        await asyncio.wait_for(serving, 2)
        for _, writer in (talking, silent):
            writer.close()


@pytest.mark.parametrize(
    "asked",
    [get("/echo?a", CLOSE), get("/big", CLOSE), b"nonsense\r\n\r\n", get("/", *["X: y"] * 99)],
)
async def test_every_answer_tells_when_it_goes_out_refusals_too(asked: bytes) -> None:
    async with running() as it:
        it.clock.advance(ms=61_000)
        head = (await it.say(asked)).partition(b"\r\n\r\n")[0]
        assert [line for line in head.split(b"\r\n") if line.lower().startswith(b"date:")] == [
            b"Date: Tue, 14 Nov 2023 22:14:21 GMT"
        ]


async def test_http_1_0_is_answered_and_closed() -> None:
    async with running() as it:
        assert await it.say(b"GET /hello HTTP/1.0\r\n\r\n") == HELLO
        assert it.app.requests[0].http10


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=4), st.booleans())
def test_no_bytes_ever_crash_the_server_or_reach_the_next_client(
    parts: list[bytes], valid_first: bool
) -> None:
    async def scenario() -> None:
        async with running() as it:
            async with it.client() as (reader, writer):
                writer.write(get("/hello") if valid_first else b"")
                for part in parts:
                    writer.write(part)
                writer.write_eof()
                answer = await asyncio.wait_for(reader.read(), 5)
                assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
            assert await it.say(get("/hello", CLOSE)) == HELLO

    asyncio.run(scenario())
