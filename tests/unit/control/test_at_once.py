"""How many requests of one visitor are answered at once."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from starlette.types import Message, Receive, Scope, Send

from rostra.control import at_once
from rostra.control.at_once import AtOnce


class Held:
    """An app whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(app: AtOnce, address: str) -> list[Message]:
    """What the app sends to somebody at ``address``."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing of theirs is waited for")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": (address, 4711)}
    await app(scope, receive, send)
    return sent


async def begin(app: AtOnce, held: Held, *addresses: str) -> list[asyncio.Task[list[Message]]]:
    """Ask from every address; return once all are under way."""
    tasks = [asyncio.create_task(ask(app, address)) for address in addresses]
    while held.begun < len(tasks):
        await asyncio.sleep(0)
    return tasks


async def test_a_visitor_who_holds_many_answers_is_refused_more_and_nobody_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(at_once, "MOST_AT_ONCE", 3)
    held = Held()
    app = AtOnce(held)
    under_way = await begin(app, held, *["198.51.100.7"] * 3)
    start, body = await ask(app, "198.51.100.7")
    assert start["status"] == 429
    assert json.loads(body["body"])["error"]["code"] == "too_many_requests"
    assert app.refused == 1
    held.go.set()
    assert (await ask(app, "198.51.100.8"))[0]["status"] == 200
    for task in under_way:
        assert (await task)[0]["status"] == 200
    assert (await ask(app, "198.51.100.7"))[0]["status"] == 200, "what was answered counts no longer"


async def test_addresses_of_one_ipv6_network_are_one_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "MOST_AT_ONCE", 2)
    held = Held()
    app = AtOnce(held)
    under_way = await begin(app, held, "2001:db8::1", "2001:db8::2")
    assert (await ask(app, "2001:db8::3"))[0]["status"] == 429
    held.go.set()
    await asyncio.gather(*under_way)


async def test_an_answer_that_breaks_off_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "MOST_AT_ONCE", 1)
    held = Held()
    app = AtOnce(held)
    (task,) = await begin(app, held, "198.51.100.7")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    held.go.set()
    assert (await ask(app, "198.51.100.7"))[0]["status"] == 200
