"""A client as an exchange sees it, which takes everything or says that it does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable


class Transport:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.aborted = False
        self.socket: socket.socket | None = None

    def get_extra_info(self, name: str) -> socket.socket | None:
        return self.socket if name == "socket" else None

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


class Channel:
    """``write_paused``: the client is slow, nothing more should be written for now."""

    def __init__(self) -> None:
        self.write_paused = False
        self.brisk = self.cramped = False
        self.date = b""
        self.transport = Transport()
        self.kept: bool | None = None

    def finished(self, *, keep: bool) -> None:
        self.kept = keep

    def soon(self, callback: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(callback)
