"""Listeners who take everything and look at little, in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import selectors
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import msgspec

from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import SAMPLE_RATE, SEGMENT, last_of_stretch
from rostra.serving.response import LAST_CHUNK

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
HOSTS = 8
"""Source addresses: one pair of addresses ends near 28,000 connections."""
_LENGTH = re.compile(rb"Content-Length: (\d+)")
_COME_S = 300.0
SEGMENT_S = SEGMENT / SAMPLE_RATE
SETTLE_S = 6.0
"""Everybody has got something by then, and who is asked for single segments has begun another."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried."""

    listeners: int
    stalled: int
    kind: str
    seconds: float
    tls: bool = False
    single: bool = False
    """Whether each segment is asked for by itself, and not sixteen in one request."""

    @property
    def first(self) -> int:
        """After so many of the crowd a worker has made what it keeps for any number."""
        return max(1, min(500, (self.listeners + self.stalled) // 10))


class Crowd:
    """Of one process."""

    def __init__(self, port: int, plan: Plan, tickets: list[str]) -> None:
        self._port = port
        self._plan = plan
        self._tickets = tickets
        self._selector = selectors.EpollSelector()
        self._stalled: list[socket.socket] = []
        self._tls = _context() if plan.tls else None

    def run(self) -> None:
        """Come at 2,000 a second, with a pause after the first few; listen until killed."""
        radio = self._plan.kind == "radio"
        newest, since_s = self._newest(), time.monotonic()
        for number, ticket in enumerate(self._tickets):
            stalls = number >= self._plan.listeners
            sock = self._connected(number, stalls=stalls)
            first = newest + int((time.monotonic() - since_s) / SEGMENT_S)
            state: list[Any] = [first, ticket, b"", 0, number]
            sock.send(self._ask("radio.aac", ticket) if radio or stalls else self._segment(state))
            if stalls:
                self._stalled.append(sock)
            else:
                self._selector.register(sock, selectors.EVENT_READ, state)
            if number % 20 == 19:
                self._listen(0.01)
            if number == self._plan.first - 1:
                self._listen(SETTLE_S)
                print("first", flush=True)
                self._listen(1.0)
        self._listen(SETTLE_S)
        print("here", flush=True)
        while True:
            self._listen(1.0)

    def _connected(self, number: int, *, stalls: bool) -> socket.socket:
        sock = socket.socket()
        if stalls:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sock.bind((f"127.0.0.{2 + number % HOSTS}", 0))
        sock.connect(("127.0.0.1", self._port))
        if self._tls is not None:
            sock = self._tls.wrap_socket(sock)
        sock.setblocking(False)
        return sock

    def _listen(self, for_s: float) -> None:
        until = time.monotonic() + for_s
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                self._take(sock, key.data)

    def _take(self, sock: socket.socket, state: list[Any]) -> None:
        """Take what is there; of TLS all, as the selector sees only the wire."""
        try:
            while data := sock.recv(65_536):
                if self._plan.kind == "segments" and _is_over(state, data):
                    state[0] = self._last(state) + 1
                    sock.send(self._segment(state))
                if self._tls is None:
                    return
        except (ssl.SSLWantReadError, BlockingIOError):
            return
        except OSError:
            pass
        self._selector.unregister(sock)
        sock.close()

    def _newest(self) -> int:
        scheme = "https" if self._plan.tls else "http"
        base = f"{scheme}://127.0.0.1:{self._port}/t/{self._tickets[0]}/{SPACE}"
        return int(httpx.get(f"{base}/live.json", trust_env=False, verify=False).json()["segment"])

    def _segment(self, state: list[Any]) -> bytes:
        first, last = state[0], self._last(state)
        name = f"{first}" if first == last else f"{first}-{last}"
        return self._ask(f"{RUN}/aac64/{name}.m4s", state[1])

    def _last(self, state: list[Any]) -> int:
        """The last segment that is asked for; listeners take turns, so that each border has its share."""
        return int(state[0]) if self._plan.single else last_of_stretch(state[0], state[4])

    def _ask(self, name: str, ticket: str) -> bytes:
        return f"GET /t/{ticket}/{SPACE}/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _is_over(state: list[Any], data: bytes) -> bool:
    """Whether an answer, by chunks or of a stated length, ends with ``data``."""
    length = _LENGTH.search(data[:400])
    if length is not None:
        state[3] = int(length[1]) + data.index(b"\r\n\r\n") + 4
    state[2] = (state[2] + data[-5:])[-5:]
    if not state[3]:
        return bool(state[2] == LAST_CHUNK)
    state[3] -= len(data)
    return bool(state[3] == 0)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextlib.asynccontextmanager
async def running(plan: Plan, port: int, tickets: list[str]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let a crowd in; all leave with the block. What is yielded waits for the first few, then for everybody.

    It raises TimeoutError when they do not get in.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.worker.crowd"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode((port, plan, tickets)))
        process.stdin.write_eof()
        yield partial(_said, process.stdout)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _said(words: asyncio.StreamReader) -> None:
    if not await asyncio.wait_for(words.readline(), _COME_S):
        raise RuntimeError("the crowd did not get in")


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Crowd(*msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[int, Plan, list[str]])).run()
