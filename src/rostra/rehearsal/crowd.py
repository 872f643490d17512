"""A crowd at a space's door, as large as this machine takes: ``python -m rostra.rehearsal.crowd PAGE``.

A process of its own, so that it takes no time from the voices. Its listeners join as a page does, wait in
line where they have to, and take the endless stream; nothing is decoded. New ones come until the descriptors,
or the processor time for coming, are used up. Says once a second how it stands, as a JSON line; ends with its
input.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from rostra.core.errors import BadRequest
from rostra.rehearsal.programme import Page

COMING_CPU_S = 2.0
"""Of processor time, for all to come."""
SPARE_DESCRIPTORS = 300
MOST = 5_000
AT_ONCE = 50
"""Who come side by side."""
PATIENCE_S = 2.0
"""Before a door that does not answer is asked again."""
_READ_BYTES = 65_536


class Standing(msgspec.Struct, frozen=True):
    """How it stands."""

    joined: int
    """Who listens."""
    coming: int
    """Who is called, or let in and has no audio yet."""
    waiting: int
    """Who holds a place in line, and is not called."""
    broken: int
    """Whose audio broke off."""
    latest_ms: int
    """How long the newest took from the door to the first audio."""


class _Told(msgspec.Struct, frozen=True):
    admitted: bool
    base: str = ""
    place: str = ""
    called: bool = False
    again_ms: int = 2_000
    due: bool = False
    """Whether it is called by then: who comes earlier comes in vain."""


@dataclass(slots=True)
class Crowd:
    """All of them, before one page."""

    page: Page
    joined: int = 0
    coming: int = 0
    waiting: int = 0
    broken: int = 0
    latest_ms: int = 0

    def standing(self) -> Standing:
        return Standing(self.joined, self.coming, self.waiting, self.broken, self.latest_ms)

    async def come(self, most: int, *, spent_s: Callable[[], float] = time.process_time) -> int:
        """Bring one after the other until ``most`` are there, or coming has cost its time; return how many.

        They stay until this is cancelled.
        """
        began_s = spent_s()
        async with asyncio.TaskGroup() as group:
            count = 0
            while count < most and spent_s() - began_s < COMING_CPU_S:
                for _ in range(min(AT_ONCE, most - count)):
                    group.create_task(self._one())
                    count += 1
                await asyncio.sleep(0.1)
        return count

    async def _one(self) -> None:
        while True:
            began_s = time.monotonic()
            told = await self._let_in()
            if told is None:
                return
            await self._listen(told.base, began_s)
            self.broken += 1
            await asyncio.sleep(random.uniform(0.5, 1.0) * PATIENCE_S)

    async def _let_in(self) -> _Told | None:
        told = await self._ask("")
        while told is not None and not told.admitted:
            with self._coming() if told.called or told.due else self._waiting():
                await asyncio.sleep((1.0 if told.due else random.uniform(0.7, 1.0)) * told.again_ms / 1000)
                told = await self._ask(told.place)
        return told

    async def _ask(self, place: str) -> _Told | None:
        """Ask the door until it answers; None when there is nothing to join any more."""
        body = msgspec.json.encode({"place": place} if place else {})
        while True:
            with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, msgspec.MsgspecError):
                status, said = await _post(f"{self.page.url}/join", body)
                if status == 200:
                    return msgspec.json.decode(said, type=_Told)
                if status in (403, 404, 409, 410):
                    return None
            await asyncio.sleep(random.uniform(0.5, 1.0) * PATIENCE_S)

    async def _listen(self, base: str, began_s: float) -> None:
        """Take the endless stream until it breaks off."""
        with (
            contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError),
            contextlib.ExitStack() as stack,
        ):
            with self._coming():
                reader, writer = await _connect(base)
                stack.enter_context(contextlib.closing(writer))
                writer.write(
                    f"GET {urlsplit(base).path}radio.aac HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                )
                head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:16]:
                return
            self.joined += 1
            try:
                while await reader.read(_READ_BYTES):
                    if began_s:
                        self.latest_ms, began_s = round((time.monotonic() - began_s) * 1000), 0.0
            finally:
                self.joined -= 1

    @contextlib.contextmanager
    def _coming(self) -> Iterator[None]:
        self.coming += 1
        try:
            yield
        finally:
            self.coming -= 1

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port or 80)


async def _post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send one request on a connection of its own; return status and body. OSError, ValueError."""
    reader, writer = await _connect(url)
    with contextlib.closing(writer):
        head = f"POST {urlsplit(url).path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answered, _, said = (await reader.read(-1)).partition(b"\r\n\r\n")
        return int(answered.split(b" ", 2)[1] if answered.count(b" ") > 1 else 0), said


async def _run(page: Page) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(page)
    coming = asyncio.create_task(crowd.come(min(MOST, max(1, hard - SPARE_DESCRIPTORS))))
    leaving = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    while not leaving.done():
        await asyncio.wait({leaving}, timeout=1.0)
        print(msgspec.json.encode(crowd.standing()).decode(), flush=True)
    coming.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await coming


def main() -> int:
    """Come to the page that is named, and stay until the input ends."""
    try:
        page = Page.parse(sys.argv[1] if len(sys.argv) > 1 else "")
    except BadRequest as error:
        print(error.sentence, file=sys.stderr)
        return 2
    asyncio.run(_run(page))
    return 0


if __name__ == "__main__":
    sys.exit(main())
