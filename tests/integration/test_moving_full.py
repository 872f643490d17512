"""A full site whose space moves: a real door, a real edge, twenty who listen, ten who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.stage import on_stage
from harness.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

CAPACITY, WAITING = 20, 10


class Listener:
    """Hears the radio of one space until it hears another's."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.ticket = ""
        self.heard = 0
        """Bytes of where they are now."""
        self._hearing: asyncio.Task[None] | None = None

    async def hear(self, told: dict[str, Any]) -> None:
        before, self.ticket, self.heard = self._hearing, told["ticket"], 0
        self._hearing = asyncio.create_task(self._hear(f"{told['base']}radio.aac"))
        if before is not None:
            before.cancel()

    async def _hear(self, address: str) -> None:
        async with self._http.stream("GET", address) as answer:
            assert answer.status_code == httpx.codes.OK
            async for data in answer.aiter_raw():
                self.heard += len(data)

    async def leave(self) -> None:
        assert self._hearing is not None
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)


class Door:
    """What is asked of one space's door."""

    def __init__(self, http: httpx.AsyncClient, evening: Evening) -> None:
        self._http = http
        self._evening = evening

    async def join(self, **brought: str) -> dict[str, Any]:
        address = f"{self._evening.site.door}/s/{self._evening.space}/join"
        answer: dict[str, Any] = (await self._http.post(address, json=brought)).json()
        return answer

    async def until_in(self, **brought: str) -> dict[str, Any]:
        async def let_in() -> dict[str, Any]:
            told = await self.join(**brought)
            brought["place"] = told.get("place", "")
            assert told["admitted"], told
            return told

        return await until(let_in, what="the door lets somebody in", within_s=60)


@asynccontextmanager
async def on_the_air(site: Deployment, title: str) -> AsyncIterator[Evening]:
    async with Evening(site, title=title) as evening:
        link = await evening.link("host", title)
        async with on_stage(link.url, name=title, hz=440.0):
            await evening.go_live()
            yield evening


async def test_twenty_who_listen_go_on_listening_and_ten_who_wait_keep_their_order(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Deployment(tmp_path, capacity=CAPACITY))
        first, second = [await stack.enter_async_context(on_the_air(site, each)) for each in ("One", "Two")]
        limits = httpx.Limits(max_connections=None)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20, trust_env=False, limits=limits))
        old, new = Door(http, first), Door(http, second)
        listeners = [Listener(http) for _ in range(CAPACITY)]
        for listener in listeners:
            await listener.hear(await old.until_in())
            stack.push_async_callback(listener.leave)
        waiting = [await old.join() for _ in range(WAITING)]
        assert not any(told["admitted"] for told in waiting)
        assert [told["number"] for told in waiting] == sorted(told["number"] for told in waiting)

        await first.call("POST", f"/spaces/{first.space}/move", {"to": second.space})

        async def moved() -> bool:
            return bool((await second.status())["moved_from"])

        await until(moved, what="the door knows of the move", within_s=10)
        late = await new.join()
        for listener in listeners:
            told = await new.join(moved=listener.ticket)
            assert told["admitted"], f"who listened stands in line: {told}"
            await listener.hear(told)

        async def hear() -> bool:
            assert all(listener.heard for listener in listeners), [listener.heard for listener in listeners]
            return True

        await until(hear, what="all of them hear the other space", within_s=20)
        there = [await new.join(place=told["place"]) for told in waiting]
        assert not any(told["admitted"] for told in there)
        assert [told["number"] for told in there] == list(range(WAITING))
        assert late["number"] == WAITING

        async def all_counted() -> bool:
            counts = [(await evening.status())["listeners"] for evening in (first, second)]
            assert counts == [0, CAPACITY], counts
            return True

        await until(all_counted, what="the edge counts them there alone", within_s=30)
        assert await most_listeners(first) <= CAPACITY
        await listeners[0].leave()
        told = await new.until_in(place=waiting[0]["place"])
        assert told["admitted"]
        assert not (await new.join(place=waiting[-1]["place"]))["admitted"]


async def most_listeners(evening: Evening) -> int:
    """The most that were ever inside at once, over all spaces, as the door counted them."""
    return max((await evening.call("GET", "/door/figures"))["listeners"], default=0)
