"""Bytes of a source on their way from the event loop to its decoder's thread, which reads them as a file.

Bounded: full, the loop's side waits, which the source's TCP connection feels. One writer, one reader.
"""

from __future__ import annotations

import asyncio
import threading

CAPACITY_BYTES = 65_536


class Pipe:
    """Made on the event loop that writes to it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._changed = threading.Condition()
        self._bytes = bytearray()
        self._closed = False

    async def put(self, data: bytes) -> None:
        """Append ``data`` once there is room. At most CAPACITY_BYTES and one piece are kept."""
        while True:
            self._room.clear()
            with self._changed:
                if self._closed:
                    return
                if len(self._bytes) < CAPACITY_BYTES:
                    self._bytes += data
                    self._changed.notify()
                    return
            await self._room.wait()

    def close(self) -> None:
        """No more comes; the reader gets what is there and then the end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._room.set()

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, waiting for the first; none at the end. For the other thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._closed)
            data = bytes(self._bytes[:size])
            del self._bytes[:size]
        self._loop.call_soon_threadsafe(self._room.set)
        return data
