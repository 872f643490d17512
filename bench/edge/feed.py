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


class Feed:
    """A source's connection, which stays while the pace changes, and while there is none."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send

    @contextlib.asynccontextmanager
    async def at(self, cadence_ms: int) -> AsyncIterator[None]:
        """Send at once and then every cadence until the block is left; a payload begun is sent whole.

        OSError, PeerFailed where the server took no more.
        """
        over = asyncio.Event()
        task = asyncio.create_task(_at_the_pace(self._send, cadence_ms, over))
        try:
            yield
        finally:
            over.set()
            await asyncio.wait({task}, timeout=_ANSWER_S)
            task.cancel()
            await asyncio.wait({task})
        if task.cancelled():
            raise PeerFailed("It took no more of what it was fed with.")
        task.result()


@contextlib.asynccontextmanager
async def into_icecast(port: int, mount: str, password: str) -> AsyncIterator[Feed]:
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

    yield Feed(send)
    writer.close()


@contextlib.asynccontextmanager
async def into_nchan(port: int, path: str) -> AsyncIterator[Feed]:
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

    yield Feed(send)
    writer.close()


async def _at_the_pace(
    send: Callable[[bytes], Awaitable[None]], cadence_ms: int, over: asyncio.Event
) -> None:
    """A delay is caught up with, as on air."""
    due_s = time.monotonic()
    while not over.is_set():
        await send(payload(cadence_ms))
        due_s += cadence_ms / 1000
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(0.0, due_s - time.monotonic()))
