"""Real clients of the door, as open pages behave: enter, wait, claim, listen, leave, try again.

Each keeps its place as a page keeps it, and what it was told, for a test to compare.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

AGAIN_S = 0.3
READ_BYTES = 16_384


@dataclass
class Guest:
    """One of them."""

    http: httpx.AsyncClient
    page: str
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    place: str = ""
    receipt: str = ""
    """The id of its entry in the draw."""
    numbers: set[int] = field(default_factory=set)
    """All numbers that it was ever told."""
    tickets: set[str] = field(default_factory=set)
    base: str = ""
    heard: int = 0
    """Bytes of audio."""
    broke_off: int = 0
    answers: list[int] = field(default_factory=list)
    """Status codes of the door, but for 200."""

    async def ask(self) -> dict[str, Any]:
        """Join, or claim with the place it has; as often as it takes until the door answers."""
        while True:
            body = {"nonce": base64.urlsafe_b64encode(self.nonce).decode(), "place": self.place}
            try:
                answer = await self.http.post(f"{self.page}/join", json=body)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN_S)
                continue
            if answer.status_code == httpx.codes.OK:
                return self._take(answer.json())
            self.answers.append(answer.status_code)
            await asyncio.sleep(AGAIN_S)

    def _take(self, told: dict[str, Any]) -> dict[str, Any]:
        if told["admitted"]:
            self.tickets.add(told["ticket"])
            self.base = told["base"]
            return told
        self.place = told["place"]
        self.receipt = told["id"] or self.receipt
        if told["number"] is not None:
            self.numbers.add(told["number"])
        return told

    async def come_in(self) -> None:
        """Claim until let in; a little faster than a page."""
        while not (await self.ask())["admitted"]:
            await asyncio.sleep(random.uniform(0.5, 1.0))

    async def listen(self, until: asyncio.Event) -> None:
        """Take the endless stream until told to leave; count breaks."""
        async with self.http.stream("GET", f"{self.base}radio.aac") as answer:
            assert answer.status_code == httpx.codes.OK, answer.status_code
            leaving = asyncio.create_task(until.wait())
            chunks = answer.aiter_raw(READ_BYTES)
            while not until.is_set():
                reading = asyncio.create_task(anext(chunks))
                await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await reading
                    return
                try:
                    self.heard += len(reading.result())
                except (StopAsyncIteration, httpx.TransportError):
                    self.broke_off += 1
                    leaving.cancel()
                    return
