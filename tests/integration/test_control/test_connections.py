"""One client cannot keep the host from backstage."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from rostra.control import at_once, board, connections
from rostra.control.connections import Connections
from rostra.core.networks import visitor
from rostra.core.proxies import Proxies
from rostra.core.settings import Settings


def test_an_ipv6_network_is_one_client_and_a_proxy_is_nobody() -> None:
    assert visitor("2001:db8:1:2:aaaa::1") == visitor("2001:db8:1:2:bbbb::2") != visitor("2001:db8:1:3::1")
    held = Connections(Proxies(["127.0.0.1"]))
    taken = [held.take("127.0.0.1") for _ in range(connections.MOST_PER_CLIENT + 5)]
    assert None not in taken


def test_a_share_comes_back_when_connections_go() -> None:
    held = Connections(Proxies())
    shares = [held.take("198.51.100.1") for _ in range(connections.MOST_PER_CLIENT)]
    assert held.take("198.51.100.1") is None
    assert held.take("198.51.100.2") is not None
    held.give_back(shares[0] or "")
    assert held.take("198.51.100.1") is not None


async def test_a_head_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.2)

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError

    config = uvicorn.Config(
        app, http=connections.guarded(Connections(Proxies())), lifespan="off", log_config=None
    )  # type: ignore[arg-type]  # an app that is never called
    config.load()
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=server.server_state, app_state={}),  # type: ignore[operator,call-arg]
        "127.0.0.1",
        0,
    )
    try:
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
    finally:
        listening.close()


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
