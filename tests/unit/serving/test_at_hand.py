"""An answer that lies ready reaches whoever would have got it from the application, and nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from harness.clock import ManualClock
from rostra.core.proxies import Proxies
from rostra.serving import Exchange, Limits, Request, Server, response

PART = response(200, b"part", content_type="audio/mp4", date_s=0)
FIRST = b"GET /part HTTP/1.1\r\nHost: here\r\n\r\n"
"""With which a connection begins; the application answers, and its lines are known from then on."""
LAST = "/last"
MORE = FIRST.replace(b"GET", b"POST")
"""What whoever was handed something asks next, which is for the application."""
MADE = response(200, b"made", content_type="text/plain")
POST = b"POST /made HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\n"


@dataclass
class App:
    """Answers every request; ``/part`` and ``/last`` lie ready, and after ``/last`` nobody asks for more.

    What is posted to ``/made`` is answered at once, unless there is ``more`` to it.
    """

    asked: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    is_ready: bool = True
    later: list[Exchange] = field(default_factory=list)

    def respond(self, request: Request, exchange: Exchange) -> None:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/later":
            self.later.append(exchange)
        else:
            exchange.send(PART)

    def at_hand(self, path: str, _: bytes) -> bytes | None:
        if path not in ("/part", LAST) or not self.is_ready:
            return None
        self.found.append(path)
        return PART

    def at_once(self, path: str, body: bytes, peer: str, host: str) -> bytes | None:
        if path != "/made" or body == b"more":
            return None
        self.found.append(f"{body.decode()} of {peer}")
        return MADE

    @staticmethod
    def goes_on(path: str) -> bool:
        return path not in (LAST, "/made")


@dataclass
class Client:
    """One connection to a server of :class:`App`."""

    app: App
    server: Server
    clock: ManualClock
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Of the server, for whoever asked first."""

    async def ask(self, *pieces: bytes) -> bytes:
        """Send; return one answer."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.01)
        return await self.answer()

    async def answer(self) -> bytes:
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            return head + await self.reader.readexactly(int(length[1]) if length else 0)


@contextlib.asynccontextmanager
async def connected(
    *, beside: bool = False, limits: Limits | None = None, proxies: Proxies | None = None
) -> AsyncIterator[Client]:
    """A client who has asked once, by a socket of the application's or one ``beside``."""
    app, clock, stopping = App(), ManualClock(), asyncio.Event()
    server = Server(
        app,
        clock=clock,
        limits=limits or Limits(drain_s=0.2),
        proxies=proxies,
        at_hand=app.at_hand,
        at_once=app.at_once,
        goes_on=app.goes_on,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        own, others = ([], [(listening.dup(), App())]) if beside else ([listening.dup()], [])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.run(own, stopping, beside=others))
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            client = Client(app, server, clock, reader, writer, stopping)
            try:
                assert await client.ask(FIRST) == PART
                yield client
            finally:
                stopping.set()
                writer.close()


async def test_who_asks_again_gets_it_without_the_application() -> None:
    async with connected() as client:
        for _ in range(3):
            assert await client.ask(FIRST) == PART
        assert (client.app.asked, client.app.found) == (["GET /part"], ["/part"] * 3)


@pytest.mark.parametrize(
    "said",
    [
        FIRST.replace(b"GET", b"HEAD"),
        FIRST.replace(b"GET", b"POST"),
        FIRST.replace(b"/part", b"/part?x=1"),
        FIRST.replace(b"/part", b"/other"),
        FIRST.replace(b"/part", b"http://here/part"),
        FIRST.replace(b"Host: here", b"Host: here\r\nRange: bytes=0-"),
        FIRST.replace(b"Host: here", b"Host: here\r\nIf-None-Match: *"),
        FIRST.replace(b"Host: here", b"Host: here\r\nCookie: a=b"),
        FIRST.replace(b"Host: here", b"Host: there"),
    ],
    ids=lambda said: said.split(b" HTTP")[0].decode() + said.split(b"here")[-1].decode().strip(),
)
async def test_what_asks_for_more_or_less_is_the_application_s(said: bytes) -> None:
    async with connected() as client:
        client.writer.write(said)
        while len(client.app.asked) < 2:
            await asyncio.sleep(0.001)
        assert client.app.found == []


async def test_lines_followed_by_a_body_are_never_taken_for_a_whole_request() -> None:
    with_body = FIRST.replace(b"Host: here", b"Host: here\r\nContent-Length: 4")
    async with connected() as client:
        for _ in range(3):
            assert await client.ask(with_body, b"body") == PART
        assert client.app.asked == ["GET /part"] * 4


async def test_requests_in_pieces_and_several_at_once_are_all_answered_in_their_order() -> None:
    async with connected() as client:
        assert await client.ask(FIRST[:9], FIRST[9:20], FIRST[20:]) == PART
        client.writer.write(FIRST * 3)
        assert [await client.answer() for _ in range(3)] == [PART] * 3
        assert await client.ask(FIRST) == PART
        assert len(client.app.asked) + len(client.app.found) == 6


async def test_what_is_no_longer_ready_is_asked_for() -> None:
    async with connected() as client:
        assert await client.ask(FIRST) == PART
        client.app.is_ready = False
        assert await client.ask(FIRST) == PART
        assert client.app.asked == ["GET /part"] * 2


async def test_another_application_s_socket_has_nothing_at_hand() -> None:
    async with connected(beside=True) as client:
        assert await client.ask(FIRST) == PART
        assert client.app.found == []


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "later"])
async def test_a_newcomer_gets_it_too_and_may_ask_more(at_once: bool) -> None:
    async with connected() as client:
        with socket.create_connection(client.writer.get_extra_info("peername")) as newcomer:
            if not at_once:
                await asyncio.sleep(0.02)
            newcomer.sendall(FIRST)  # before the loop has a turn, unless it has had one
            reader, writer = await asyncio.open_connection(sock=newcomer.dup())
        other = Client(client.app, client.server, client.clock, reader, writer)
        assert await other.answer() == PART
        assert (client.app.asked, client.app.found) == (["GET /part"], ["/part"])
        assert await other.ask(FIRST.replace(b"GET", b"POST")) == PART
        assert client.app.asked == ["GET /part", "POST /part"]
        client.clock.advance(ms=76_000)
        await client.server.sweep()
        assert await asyncio.wait_for(reader.read(), 5) == b"", "one that is idle is closed"
        writer.close()


async def test_a_newcomer_for_whom_there_is_no_connection_left_is_told_so() -> None:
    async with connected(limits=Limits(connections=1, drain_s=0.2)) as client:
        reader, writer = await asyncio.open_connection(*client.writer.get_extra_info("peername"))
        writer.write(FIRST)
        assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
        assert client.app.found == []
        writer.close()


async def test_of_those_who_come_together_as_many_are_handed_it_as_there_is_room_for() -> None:
    async with connected(limits=Limits(connections=3, drain_s=0.2)) as client, together(client, 4) as others:
        answers = [await other.answer() for other in others]
        assert sorted(answer.split(b" ")[1] for answer in answers) == [b"200"] * 2 + [b"503"] * 2
        assert client.app.found == ["/part"] * 2


async def test_where_one_of_those_who_come_together_cannot_be_answered_all_others_are() -> None:
    async with connected() as client:
        broken = iter([True])

        def at_hand(path: str, fields: bytes) -> bytes | None:
            if next(broken, False):
                raise KeyError(path)
            return client.app.at_hand(path, fields)

        client.server.at_hand = at_hand
        async with together(client, 3) as others:
            assert [await other.answer() for other in others] == [PART] * 3
            assert (client.app.asked, client.app.found) == (["GET /part"] * 2, ["/part"] * 2)
            assert [await other.ask(FIRST) for other in others] == [PART] * 3


async def test_more_than_the_kernel_takes_at_once_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    large = response(200, bytes(4_000_000), content_type="audio/mp4", date_s=0)
    async with connected() as client:
        monkeypatch.setattr(client.app, "at_hand", None)
        client.server.at_hand = lambda path, _: large if path == "/large" else None
        reader, writer = await asyncio.open_connection(
            *client.writer.get_extra_info("peername"), limit=5_000_000
        )
        writer.write(FIRST.replace(b"/part", b"/large"))
        assert await reader.readexactly(len(large)) == large
        writer.close()


@contextlib.asynccontextmanager
async def together(client: Client, count: int) -> AsyncIterator[list[Client]]:
    """Others, who come and ask before the loop has a turn."""
    address = client.writer.get_extra_info("peername")
    with contextlib.ExitStack() as stack:
        newcomers = [stack.enter_context(socket.create_connection(address)) for _ in range(count)]
        for each in newcomers:
            each.sendall(FIRST)
        streams = [await asyncio.open_connection(sock=each.dup()) for each in newcomers]
    try:
        yield [Client(client.app, client.server, client.clock, *each) for each in streams]
    finally:
        for _, writer in streams:
            writer.close()


@contextlib.asynccontextmanager
async def handed(client: Client, *, target: str = "/part") -> AsyncIterator[Client]:
    """Somebody else, who was handed what lies ready as they came."""
    with socket.create_connection(client.writer.get_extra_info("peername")) as newcomer:
        newcomer.sendall(FIRST.replace(b"/part", target.encode()))  # before the loop has a turn
        reader, writer = await asyncio.open_connection(sock=newcomer.dup())
    other = Client(client.app, client.server, client.clock, reader, writer)
    try:
        yield other
    finally:
        writer.close()


async def test_on_the_doorstep_everybody_counts_once_and_until_they_go() -> None:
    async with connected() as client:
        assert (client.server.connections, client.server.counters.accepted) == (1, 1)
        async with handed(client) as other:
            assert await other.answer() == PART
            assert (client.server.connections, client.server.counters.accepted) == (2, 2)
            assert await other.ask(MORE) == PART
            assert await other.ask(MORE[:9], MORE[9:]) == PART
            assert (client.server.connections, client.server.counters.accepted) == (2, 2)
        while client.server.connections > 1:
            await asyncio.sleep(0.001)
        async with handed(client) as other:
            assert await other.answer() == PART
        while client.server.connections > 1:
            await asyncio.sleep(0.001)
        assert client.server.counters.accepted == 3


async def test_whoever_was_handed_something_is_not_put_out_for_those_who_find_no_room() -> None:
    async with connected(limits=Limits(connections=2, drain_s=0.2)) as client, handed(client) as other:
        assert await other.answer() == PART
        reader, writer = await asyncio.open_connection(*client.writer.get_extra_info("peername"))
        writer.write(FIRST)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 503 ")
        assert client.server.connections > 2, "they are given time to read why"
        assert await other.ask(MORE) == PART
        assert await other.ask(MORE) == PART
        writer.close()


async def test_whoever_was_handed_something_asks_in_any_way_and_is_answered_in_order() -> None:
    async with connected() as client, handed(client) as other:
        assert await other.answer() == PART
        assert await other.ask(FIRST) == PART
        assert await other.ask(MORE) == PART
        assert await other.ask(FIRST) == PART
        assert client.app.found == ["/part"] * 3
        other.writer.write(FIRST + MORE + FIRST)
        assert [await other.answer() for _ in range(3)] == [PART] * 3
        assert await other.ask(FIRST[:9], FIRST[9:20], FIRST[20:]) == PART


async def test_what_is_posted_in_known_lines_is_answered_at_once() -> None:
    async with connected() as client, handed(client) as other:
        await other.answer()
        assert await other.ask(POST + b"1st.") == PART, "the lines are new"
        for asks in (client, other):
            answer = await asks.ask(POST + b"2nd.")
            assert answer.endswith(b"\r\n\r\nmade")
            assert b"\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n" in answer
            assert await asks.ask(POST + b"more") == PART, "there is more to it"
            assert await asks.ask(POST, b"3rd.") == PART, "it came in pieces"
        assert client.app.found == ["/part", "2nd. of 127.0.0.1", "2nd. of 127.0.0.1"]


async def test_a_proxy_that_names_nobody_is_nobody_s_address() -> None:
    """As it is where the request is read: nobody counts for the proxy's network."""
    async with connected(proxies=Proxies(["127.0.0.0/8"])) as client:
        await client.ask(POST + b"1st.")
        await client.ask(POST + b"2nd.")
        assert client.app.found == ["2nd. of " + Proxies(["127.0.0.0/8"]).client("127.0.0.1", b"")]


@pytest.mark.parametrize("at_once", [False, True])
async def test_where_many_are_in_what_was_posted_ends_its_connection(at_once: bool) -> None:
    async with connected(limits=Limits(drain_s=0.2, brisk=1)) as client, handed(client) as other:
        await other.answer()
        if at_once:
            async with handed(client) as before:
                await before.answer()
                await before.ask(POST + b"1st.")
        answer = await other.ask(POST + b"2nd.")
        assert b"\r\nConnection: close\r\n" in answer
        assert await other.reader.read() == b""
        assert client.app.found.count("2nd. of 127.0.0.1") == at_once


async def test_whoever_asks_that_their_connection_ends_is_answered_at_once_too() -> None:
    closing = POST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with connected() as client:
        for number, found in ((b"1st.", 0), (b"2nd.", 1)):
            async with handed(client) as other:
                await other.answer()
                await other.ask(closing + number)
                assert await other.reader.read() == b""
                assert client.app.found.count("2nd. of 127.0.0.1") == found


async def test_whoever_was_handed_something_may_wait_for_what_they_ask_next() -> None:
    async with connected() as client, handed(client) as other:
        assert await other.answer() == PART
        other.writer.write(MORE.replace(b"/part", b"/later"))
        while not client.app.later:
            await asyncio.sleep(0.001)
        client.app.later.pop().send(PART)
        assert await other.answer() == PART
        assert await other.ask(FIRST) == PART


async def test_where_many_are_in_whoever_was_handed_a_page_is_answered_once_more() -> None:
    async with connected(limits=Limits(brisk=1, drain_s=0.2)) as client, handed(client) as other:
        assert await other.answer() == PART
        answer = await other.ask(MORE)
        assert (b"\r\nConnection: close\r\n" in answer, answer[-4:]) == (True, PART[-4:])
        assert await asyncio.wait_for(other.reader.read(), 5) == b""
        assert (client.server.connections, client.server.counters.accepted) == (1, 2)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "on a connection"])
async def test_where_many_are_in_what_nothing_follows_ends_its_connection_and_says_so(at_once: bool) -> None:
    async with connected() as client, handed(client, target=LAST if at_once else "/part") as other:
        assert await other.answer() == PART
        client.server.limits = replace(client.server.limits, brisk=0)
        await client.server.sweep()
        last = FIRST.replace(b"/part", LAST.encode())
        if at_once:
            async with handed(client, target=LAST) as another:
                answer, end = await another.answer(), await asyncio.wait_for(another.reader.read(), 5)
        else:
            answer, end = await client.ask(last), await asyncio.wait_for(client.reader.read(), 5)
        client.app.is_ready = False
        asked = await other.ask(last)
        assert (answer, end) == (asked, b"")
        assert b"\r\nConnection: close\r\n" in answer
        assert client.app.found.count(LAST) == (2 if at_once else 1)


async def test_whoever_asks_just_before_it_is_too_late_is_answered() -> None:
    async with connected() as client, handed(client) as other:
        assert await other.answer() == PART
        other.writer.write(MORE)  # which nobody has heard yet
        client.clock.advance(ms=76_000)
        await client.server.sweep()
        assert await other.answer() == PART


async def test_whoever_was_handed_something_goes_with_the_server() -> None:
    async with connected(limits=Limits(drain_s=30)) as client, handed(client) as other:
        assert await other.answer() == PART
        client.writer.close()
        began = asyncio.get_running_loop().time()
        client.stopping.set()
        assert await asyncio.wait_for(other.reader.read(), 5) == b""
        assert asyncio.get_running_loop().time() - began < 5


async def test_it_waits_for_an_answer_that_was_asked_for_before() -> None:
    async with connected() as client:
        client.server.limits = replace(client.server.limits, brisk=0)
        await client.server.sweep()
        with socket.create_connection(client.writer.get_extra_info("peername")) as newcomer:
            newcomer.sendall(FIRST.replace(b"/part", b"/later"))
            while not client.app.later:
                await asyncio.sleep(0.001)
            newcomer.sendall(FIRST)
            await asyncio.sleep(0.02)
            late = response(200, b"late", content_type="text/plain", date_s=0)
            client.app.later[0].send(late, more=True)
            reader, writer = await asyncio.open_connection(sock=newcomer.dup())
        other = Client(client.app, client.server, client.clock, reader, writer)
        assert [await other.answer(), (await other.answer())[:15]] == [late, PART[:15]]
        writer.close()


async def test_where_connections_are_short_it_says_so() -> None:
    async with connected(limits=Limits(brisk=1, cramped=1, drain_s=0.2)) as client:
        _, writer = await asyncio.open_connection(*client.writer.get_extra_info("peername"))
        while client.server.connections < 2:
            await asyncio.sleep(0.001)
        assert b"\r\nConnection: close\r\n" in await client.ask(FIRST)
        assert await client.reader.read() == b""
        writer.close()


async def test_a_connection_that_asks_goes_on_and_one_that_is_idle_is_closed() -> None:
    async with connected(limits=Limits(idle_s=10, drain_s=0.2)) as client:
        for _ in range(4):
            client.clock.advance(ms=9_000)
            await client.server.sweep()
            assert await client.ask(FIRST) == PART
        client.clock.advance(ms=10_001)
        await client.server.sweep()
        assert await asyncio.wait_for(client.reader.read(), 5) == b""
        assert len(client.app.found) == 4
