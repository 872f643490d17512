"""A program that speaks as Icecast sources do: asks to be taken, hears what it is told, and leaves."""

from __future__ import annotations

import asyncio
from base64 import b64encode


async def knock(address: str, method: str, path: str, password: str = "") -> int:
    """The status that ``host:port`` answers with; no sound follows."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {address}", "Content-Type: audio/mpeg"]
        if password:
            lines.append(f"Authorization: Basic {b64encode(f'source:{password}'.encode()).decode()}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()
