"""The demo's crowd: joins as pages do, waits where it must, listens, and says how it stands."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.waiting import until
from rostra.rehearsal.acts import sentence
from rostra.rehearsal.crowd import Crowd, Standing
from rostra.rehearsal.programme import Page


@dataclass
class House:
    """A door and an edge in one, with so many places."""

    places: int
    called: set[str] = field(default_factory=set)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    """The edge: without it nobody let in has audio."""
    given: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            if head.startswith("GET"):
                await self._stream(reader, writer)
                return
            length = int(head.partition("Content-Length: ")[2].split("\r\n")[0])
            place = json.loads(await reader.readexactly(length)).get("place", "")
            body = json.dumps(self._told(place)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()

    def _told(self, place: str) -> dict[str, object]:
        if self.places > 0 and (not place or place in self.called):
            self.places -= 1
            return {"admitted": True, "base": f"http://127.0.0.1:{self.port}/t/x/space/"}
        self.given += not place
        place = place or f"p{self.given}"
        return {"admitted": False, "place": place, "called": place in self.called, "again_ms": 20}

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.answering.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\naudio")
        self.open.add(writer)
        await reader.read()
        self.open.discard(writer)


@asynccontextmanager
async def crowded(places: int, most: int) -> AsyncIterator[tuple[House, Crowd]]:
    house = House(places)
    house.answering.set()
    server = await asyncio.start_server(house.serve, "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    crowd = Crowd(Page(f"http://127.0.0.1:{house.port}", "space"))
    coming = asyncio.create_task(crowd.come(most))
    try:
        yield house, crowd
    finally:
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await coming
        server.close()


async def test_who_finds_no_place_waits_and_comes_in_when_called() -> None:
    async with crowded(places=3, most=5) as (house, crowd):

        async def stands(joined: int, waiting: int) -> bool:
            return (crowd.joined, crowd.waiting) == (joined, waiting)

        await until(lambda: stands(3, 2), what="three listen and two wait", within_s=10)
        assert crowd.standing().latest_ms >= 0
        house.places, house.called = 2, {"p1", "p2"}
        await until(lambda: stands(5, 0), what="all listen", within_s=10)


async def test_who_is_called_or_let_in_is_on_the_way_until_they_hear() -> None:
    async with crowded(places=1, most=3) as (house, crowd):
        house.answering.clear()

        async def stands(*expected: int) -> bool:
            now = crowd.standing()
            return (now.joined, now.coming, now.waiting) == expected

        await until(lambda: stands(0, 1, 2), what="one is let in and two wait", within_s=10)
        house.called = {"p1"}
        await until(lambda: stands(0, 2, 1), what="one is called", within_s=10)
        house.places = 1
        house.answering.set()
        await until(lambda: stands(2, 0, 1), what="two listen", within_s=10)


async def test_whose_audio_breaks_off_comes_again_and_it_is_counted() -> None:
    async with crowded(places=2, most=1) as (house, crowd):
        await until(lambda: _true(crowd.joined == 1), what="it listens", within_s=10)
        next(iter(house.open)).transport.abort()
        await until(lambda: _true(crowd.broken == 1 and crowd.joined == 1), what="it is back", within_s=10)


async def test_nobody_more_comes_once_coming_has_cost_its_time() -> None:
    crowd = Crowd(Page("http://127.0.0.1:9", "space"))
    spent = iter([0.0, 0.5, 99.0])
    coming = asyncio.create_task(crowd.come(10_000, spent_s=lambda: next(spent)))
    await asyncio.sleep(0.3)
    coming.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await coming
    assert next(spent, "used up") == "used up"


async def _true(value: bool) -> bool:
    return value


def test_how_it_stands_is_said_in_one_sentence() -> None:
    assert sentence(Standing(3, 1, 2, 0, 120)) == (
        "Crowd: 3 listen, 1 on their way in, 2 wait; the latest heard something 120 ms after the door."
    )
    assert sentence(Standing(0, 0, 0, 1, 0)) == "Crowd: 0 listen, 0 wait, 1 broke off."
