"""Radios: one that knows ICY titles, and one that only listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import httpx

from harness.waiting import until
from rostra.media import icy


def unwoven(data: bytes) -> tuple[bytes, list[str]]:
    """Audio and titles, as a player that counts from its first byte takes them apart."""
    audio, titles = b"", []
    while len(data) >= icy.EVERY_BYTES:
        audio += data[: icy.EVERY_BYTES]
        size = data[icy.EVERY_BYTES] * 16
        block = data[icy.EVERY_BYTES + 1 :][:size].rstrip(b"\0").decode()
        if block:
            titles.append(block.removeprefix("StreamTitle='").removesuffix("';"))
        data = data[icy.EVERY_BYTES + 1 + size :]
    return audio + data, titles


@contextlib.asynccontextmanager
async def listening(http: httpx.AsyncClient, address: str) -> AsyncIterator[bytearray]:
    """Listen to an endless stream, however long it is silent; yield what is heard, once there is some."""
    heard = bytearray()

    async def listen() -> None:
        async with http.stream("GET", address, timeout=None) as radio:
            assert radio.status_code == 200
            async for piece in radio.aiter_raw():
                heard.extend(piece)

    async def begun() -> bool:
        return bool(heard)

    task = asyncio.create_task(listen())
    try:
        await until(begun, what="the radio plays", within_s=10)
        yield heard
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, httpx.TransportError):
            await task


async def play_on(*radios: bytearray, speak: Callable[[], object]) -> None:
    """Speak, and wait until each of those who listen has heard it."""
    before = [len(each) for each in radios]
    speak()

    async def more() -> bool:
        return all(len(each) > had for each, had in zip(radios, before, strict=True))

    await until(more, what="all radios play on", within_s=5)
