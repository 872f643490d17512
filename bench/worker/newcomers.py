"""How long newcomers wait for an answer while a crowd is written to: in a process of their own.

Twenty come each second, one after the other, each on a connection of its own, as a page that has just been
opened. Waiting counts from when one was due, so one that is kept waiting does not hide those behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time

import msgspec

from bench.worker.crowd import SPACE, Plan

EVERY_S = 0.05
_GIVEN_UP_S = 10.0


class Waits(msgspec.Struct, frozen=True):
    """Milliseconds."""

    median: float
    p99: float
    worst: float
    asked: int
    """How many came."""
    lost: int
    """Of them, who got no answer or a wrong one."""


def come(port: int, ticket: str, seconds: float) -> Waits:
    """Come one after the other for so long."""
    asks = [f"GET /t/{ticket}/{SPACE}/live.json HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\n"]
    requests = [f"{each}Host: localhost\r\nConnection: close\r\n\r\n".encode() for each in asks]
    waits_ms: list[float] = []
    lost = 0
    began_s = time.monotonic()
    for number in range(round(seconds / EVERY_S)):
        due_s = began_s + number * EVERY_S
        time.sleep(max(0.0, due_s - time.monotonic()))
        lost += not _is_answered(port, requests[number % 2])
        waits_ms.append((time.monotonic() - due_s) * 1e3)
    waits_ms.sort()
    return Waits(
        median=round(waits_ms[len(waits_ms) // 2], 1),
        p99=round(waits_ms[len(waits_ms) * 99 // 100], 1),
        worst=round(waits_ms[-1], 1),
        asked=len(waits_ms),
        lost=lost,
    )


def _is_answered(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), _GIVEN_UP_S) as sock:
            sock.sendall(request)
            answer = bytearray()
            while data := sock.recv(4_096):
                answer += data
    except OSError:
        return False
    return answer.startswith(b"HTTP/1.1 200")


async def welcomed(port: int, ticket: str, plan: Plan) -> Waits:
    """Let newcomers come for as long as the plan says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.worker.newcomers", str(port), ticket, str(plan.seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return msgspec.json.decode(said, type=Waits)


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):
        os.nice(-20)  # what is measured is the worker's delay, and not the wait for a processor here
    print(msgspec.json.encode(come(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))).decode())
