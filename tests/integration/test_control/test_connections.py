"""One client cannot keep the host from backstage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from rostra.control import at_once, board, connections
from rostra.control.connections import Connections
from rostra.core.errors import TooManyRequests
from rostra.core.networks import visitor
from rostra.core.proxies import Proxies
from rostra.core.settings import Settings


def test_an_ipv6_network_is_one_client_and_a_proxy_is_nobody() -> None:
    assert visitor("2001:db8:1:2:aaaa::1") == visitor("2001:db8:1:2:bbbb::2") != visitor("2001:db8:1:3::1")
    held = Connections(Proxies(["127.0.0.1"]))
    taken = [held.take("127.0.0.1") for _ in range(connections.MOST_PER_CLIENT + 5)]
    assert len(taken) == connections.MOST_PER_CLIENT + 5


def test_a_share_comes_back_when_connections_go() -> None:
    held = Connections(Proxies())
    shares = [held.take("198.51.100.1") for _ in range(connections.MOST_PER_CLIENT)]
    with pytest.raises(TooManyRequests):
        held.take("198.51.100.1")
    assert held.take("198.51.100.2")
    held.give_back(shares[0])
    assert held.take("198.51.100.1")


class App:
    """Answers with how much of a body came. ``/open`` answers without an end, until whoever asked is gone."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.left = asyncio.Event()
        """Somebody whose answer was open is gone."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message["body"])
            more = message["more_body"]
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["path"] == "/open":
            leaves = asyncio.create_task(receive())
            while not leaves.done():
                await send({"type": "http.response.body", "body": b"begun", "more_body": True})
                await asyncio.wait({leaves}, timeout=0.05)
            self.left.set()
        else:
            await send({"type": "http.response.body", "body": str(size).encode()})


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def open(self) -> None:
        """Ask for what never ends, and wait until it has begun."""
        await self.send(b"GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(self.reader.readuntil(b"begun\r\n"), 5)

    async def rest(self) -> bytes:
        """What comes until the connection is closed."""
        with suppress(ConnectionResetError):
            return await asyncio.wait_for(self.reader.read(), 5)
        return b""

    async def refusal(self) -> tuple[int, str]:
        """Status and code of the one answer before the connection is closed."""
        head, body = (await self.rest()).split(b"\r\n\r\n", 1)
        assert b"\r\nConnection: close" in head
        return int(head.split()[1]), json.loads(body)["error"]["code"]


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[Client]:
    """A connection to ``app`` behind the guarded protocol."""
    config = uvicorn.Config(
        app, http=connections.guarded(Connections(Proxies())), lifespan="off", log_config=None
    )
    config.load()
    server = uvicorn.Server(config)
    listening = await asyncio.get_running_loop().create_server(
        lambda: config.http_protocol_class(config=config, server_state=server.server_state, app_state={}),  # type: ignore[operator,call-arg]  # uvicorn's: any protocol
        "127.0.0.1",
        0,
    )
    client = Client(*await asyncio.open_connection("127.0.0.1", listening.sockets[0].getsockname()[1]))
    try:
        yield client
    finally:
        client.writer.close()
        listening.close()


async def test_where_no_more_fit_newcomers_are_told_so_and_whoever_is_connected_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MOST", 1)
    async with served(App()) as client:
        async with asyncio.timeout(5):
            late = Client(*await asyncio.open_connection(*client.writer.get_extra_info("peername")))
            assert await late.refusal() == (503, "no_room_backstage")
        late.writer.close()
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)


async def test_a_head_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    app = App()
    async with served(app) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert await client.rest() == b""
    assert app.asked == []


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 40_000,
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 40_000,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 8_000 + b"\r\n",
        b"\r\n" * 20_000,
    ],
    ids=["half an address", "address", "header", "headers", "blank lines"],
)
async def test_a_head_that_is_too_large_is_refused_before_anybody_sees_it(head: bytes) -> None:
    app = App()
    async with served(app) as client:
        await client.send(*(head[at : at + 1_000] for at in range(0, len(head), 1_000)))
        assert await client.refusal() == (431, "head_too_large")
    assert app.asked == []


async def test_a_head_of_a_usual_size_is_answered_and_so_is_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.5)
    app = App()
    cookie = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"a" * 20_000 + b"\r\n\r\n"
    async with served(app) as client:
        for _ in range(3):
            await client.send(cookie)
            assert b"200 OK" in await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)
    assert app.asked == ["/"] * 3


async def test_bodies_are_no_heads_however_large_and_in_how_many_pieces() -> None:
    app = App()
    async with served(app) as client:
        length = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
        await client.send(length, b"b" * 300_000)
        assert b"300000" in await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)
        chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        await client.send(chunked, b"1\r\nb\r\n" * 20_000 + b"0\r\nX-Sum: 1\r\n\r\n")
        assert b"20000" in await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)


async def test_trailers_are_bounded_as_heads_are() -> None:
    app = App()
    async with served(app) as client:
        await client.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n",
            b"A: b\r\n" * 8_000,
        )
        assert await client.refusal() == (431, "head_too_large")


async def test_what_is_no_request_is_refused_in_the_one_shape() -> None:
    app = App()
    async with served(app) as client:
        await client.send(b"what is this\r\n\r\n")
        assert await client.refusal() == (400, "bad_request")
    assert app.asked == []


@pytest.mark.parametrize(
    "behind",
    [
        b"GET / HTTP/1.1\r\nX-Slow: ",
        b"GET /" + b"a" * 40_000,
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1_000,
        b"what is this\r\n\r\n",
    ],
    ids=["half a head", "a large one", "a thousand", "nonsense"],
)
async def test_what_waits_behind_an_open_answer_is_bounded_and_ends_it(
    behind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    app = App()
    async with served(app) as client:
        await client.open()
        await client.send(behind)
        assert b"HTTP" not in await client.rest(), "nothing is written into an open answer"
        await asyncio.wait_for(app.left.wait(), 5)
    assert app.asked == ["/open"]


async def test_whoever_goes_while_another_request_waits_is_missed() -> None:
    app = App()
    async with served(app) as client:
        await client.open()
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(client.reader.readuntil(b"begun\r\n"), 5)
        client.writer.transport.abort()
        await asyncio.wait_for(app.left.wait(), 5)
    assert app.asked == ["/open"]


async def opened(studios: AsyncExitStack, http: Any, path: str) -> Any:
    """Open a stream until ``studios`` close; return what reads it, which ends it when it is forgotten."""
    stream = await studios.enter_async_context(http.stream("GET", path))
    text = stream.aiter_text()
    await anext(text)
    return text


async def test_one_person_s_studios_leave_everybody_else_theirs(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MAX_WATCHERS_OF_ONE", 2)
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    path = f"/api/v1/spaces/{space}/stage/stream"
    sam = await site.speaker(ada, space, "speaker", "Sam")
    async with AsyncExitStack() as studios:
        read = [await opened(studios, sam, path) for _ in range(2)]
        refused = await sam.get(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
        async with ada.stream("GET", path) as hers:
            assert hers.status_code == 200
    assert len(read) == 2


class TestBehindAProxy:
    """Where everybody comes over the proxy's own connections."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(data=tmp_path, trusted_proxies=("127.0.0.1",))

    async def test_whoever_holds_many_answers_keeps_nobody_else_from_backstage(
        self, site: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(at_once, "MOST_AT_ONCE", 3)
        ada = await site.set_up()
        space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
        path = f"/api/v1/spaces/{space}/stage/stream"
        sam = await site.speaker(ada, space, "speaker", "Sam")
        sam.headers["x-forwarded-for"] = "198.51.100.7"
        ada.headers["x-forwarded-for"] = "198.51.100.8"
        async with AsyncExitStack() as studios:
            read = [await opened(studios, sam, path) for _ in range(3)]
            refused = await sam.get("/api/v1/site")
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
            assert refused.headers["x-content-type-options"] == "nosniff"
            assert (await ada.get("/api/v1/site")).status_code == 200
        assert len(read) == 3
