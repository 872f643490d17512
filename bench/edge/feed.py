"""What the peers send on: payloads of a live programme's size, at the cadence, each with the marker.

The marker says when the payload was sent; c/listener.c looks for it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from bench.edge.errors import PeerFailed

BYTES_PER_S = 8_600
"""A listener's share of ``aac64``, boxes and events included: what the edge really sends."""
_MARKER = b"ROSTRA-BENCH:%d"
_ANSWER_S = 10.0


def payload(cadence_ms: int) -> bytes:
    """One cadence of programme, stamped with now."""
    return (_MARKER % time.time_ns()).ljust(BYTES_PER_S * cadence_ms // 1000)


@contextlib.asynccontextmanager
async def into_icecast(port: int, mount: str, password: str, cadence_ms: int) -> AsyncIterator[None]:
    """Be the source of an Icecast mount."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    login = base64.b64encode(f"source:{password}".encode()).decode()
    writer.write(
        f"PUT {mount} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {login}\r\n"
        "Content-Type: audio/aac\r\nIce-Public: 0\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _ANSWER_S)
    if b" 100 " not in head and b" 200 " not in head:
        raise PeerFailed(f"Icecast refused the source: {head[:80]!r}.")

    async def send(data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    async with _sending(send, cadence_ms):
        yield
    writer.close()


@contextlib.asynccontextmanager
async def into_nchan(port: int, path: str, cadence_ms: int) -> AsyncIterator[None]:
    """Publish to an nchan channel, one message a payload."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send(data: bytes) -> None:
        writer.write(
            b"POST %s HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(data))
        )
        writer.write(data)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _ANSWER_S)
        _, _, length = head.lower().partition(b"content-length:")
        await reader.readexactly(int(length.split()[0]) if length else 0)

    async with _sending(send, cadence_ms):
        yield
    writer.close()


@contextlib.asynccontextmanager
async def _sending(send: Callable[[bytes], Awaitable[None]], cadence_ms: int) -> AsyncIterator[None]:
    task = asyncio.create_task(_at_the_pace(send, cadence_ms))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _at_the_pace(send: Callable[[bytes], Awaitable[None]], cadence_ms: int) -> None:
    """Send at once and then every cadence; a delay is caught up with, as on air."""
    due_s = time.monotonic()
    while True:
        await send(payload(cadence_ms))
        due_s += cadence_ms / 1000
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
