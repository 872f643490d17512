"""How long newcomers wait for an answer while a crowd is written to: in a process of their own.

Twenty come each second, each on a connection of its own, as a page that has just been opened, and none waits
for another. Waiting counts from when one was due.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time

import msgspec

from bench.worker.crowd import SPACE, Plan

EVERY_S = 0.05
GIVEN_UP_MS = 10_000.0


class Waits(msgspec.Struct, frozen=True):
    """Milliseconds."""

    median: float
    p99: float
    worst: float
    asked: int
    """How many came."""
    lost: int
    """Of them, who got no answer or a wrong one; they count as having waited for ten seconds."""


async def come(port: int, ticket: str, seconds: float) -> Waits:
    """Let them come for so long, and wait until all are answered."""
    asks = [f"GET /t/{ticket}/{SPACE}/live.json HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\n"]
    requests = [f"{each}Host: localhost\r\nConnection: close\r\n\r\n".encode() for each in asks]
    began_s = time.monotonic()
    coming = [
        _wait_ms(port, requests[number % 2], began_s + number * EVERY_S)
        for number in range(round(seconds / EVERY_S))
    ]
    waits_ms = sorted(await asyncio.gather(*coming))
    return Waits(
        median=round(waits_ms[len(waits_ms) // 2], 1),
        p99=round(waits_ms[len(waits_ms) * 99 // 100], 1),
        worst=round(waits_ms[-1], 1),
        asked=len(waits_ms),
        lost=sum(wait_ms >= GIVEN_UP_MS for wait_ms in waits_ms),
    )


async def _wait_ms(port: int, request: bytes, due_s: float) -> float:
    """Come when due; return how long it took until the answer was whole, or GIVEN_UP_MS."""
    await asyncio.sleep(due_s - time.monotonic())
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(GIVEN_UP_MS / 1000):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                if (await reader.read()).startswith(b"HTTP/1.1 200"):
                    return (time.monotonic() - due_s) * 1e3
            finally:
                writer.close()
    return GIVEN_UP_MS


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
    print(msgspec.json.encode(asyncio.run(come(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))).decode())
