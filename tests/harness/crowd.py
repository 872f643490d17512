"""A crowd behind a cache: listeners as light as they can be, by live segments or by Low-Latency HLS."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT

PARTS = CHUNKS_PER_SEGMENT // CHUNKS_PER_PART


@dataclass
class Heard:
    """What a crowd got."""

    segments: list[bytes] = field(default_factory=list)
    """Distinct bodies of segments; all should be the programme's."""
    whole_segments: int = 0
    parts: int = 0
    reloads: int = 0
    errors: int = 0
    first_byte_s: list[float] = field(default_factory=list)
    """From asking for the segment in the making to its first byte."""
    reload_at: list[tuple[int, float]] = field(default_factory=list)
    """Version (parts since the start) and when a blocked reload brought it (monotonic)."""


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, host: str, port: int, *, source: str = "") -> None:
        self._host, self._port, self._source = host, port, source
        self.first_byte_s = 0.0
        """From the last question to the head of its answer."""

    async def open(self) -> None:
        local = (self._source, 0) if self._source else None
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, local_addr=local)

    async def get(self, path: str) -> tuple[int, bytes]:
        """Ask; return status and body."""
        asked = time.monotonic()
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: edge.example\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        self.first_byte_s = time.monotonic() - asked
        status = int(head[9:12])
        if b"transfer-encoding: chunked" in head:
            return status, await self._chunks()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        return status, await self._reader.readexactly(length)

    async def _chunks(self) -> bytes:
        body = []
        while size := int((await self._reader.readuntil(b"\r\n")).strip(), 16):
            body.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readuntil(b"\r\n")
        return b"".join(body)

    def close(self) -> None:
        self._writer.close()


async def by_segments(heard: Heard, connection: Connection, folder: str, first: int, last: int) -> None:
    """Listen to segments ``first`` to before ``last``, each asked for as soon as the one before is over."""
    await by_stretches(heard, connection, folder, [f"{number}" for number in range(first, last)])


async def by_stretches(heard: Heard, connection: Connection, folder: str, names: Iterable[str]) -> None:
    """Listen to one stretch after the other, by their names."""
    with contextlib.closing(connection):
        await connection.open()
        for name in names:
            status, body = await connection.get(f"{folder}/{name}.m4s")
            if status != 200:
                heard.errors += 1
                continue
            heard.first_byte_s.append(connection.first_byte_s)
            heard.whole_segments += 1
            if body not in heard.segments:
                heard.segments.append(body)


async def by_parts(heard: Heard, connection: Connection, folder: str, first: int, last: int) -> None:
    """Listen by blocking reloads and the part each brings, from segment ``first`` to before ``last``."""
    with contextlib.closing(connection):
        await connection.open()
        for version in range(first * PARTS, last * PARTS):
            number, part = divmod(version, PARTS)
            status, _ = await connection.get(f"{folder}/live.m3u8?_HLS_msn={number}&_HLS_part={part}")
            heard.reload_at.append((version, time.monotonic()))
            heard.reloads += status == 200
            heard.errors += status != 200
            status, _ = await connection.get(f"{folder}/{number}.{part}.m4s")
            heard.parts += status == 200
            heard.errors += status != 200
