"""Readers who take nothing: bounded, counted, and nobody else's business."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.edge import RUN, SPACE, Stand, standing
from harness.waiting import until
from rostra.core.samples import CHUNKS_PER_SEGMENT

MOST_EACH = 65_536
"""What a stalled reader may cost in bytes: in the transport and in the kernel's send queue."""
SPOKEN = 6 * CHUNKS_PER_SEGMENT
"""184 kB of audio."""


@asynccontextmanager
async def stalled(stand: Stand, name: str, count: int) -> AsyncIterator[None]:
    """So many readers ask, and never read."""
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        for number in range(count):
            sock = stack.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            sock.bind((f"127.0.0.{2 + number % 200}", 0))
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", stand.port))
            request = f"GET /t/{stand.ticket()}/{SPACE}/{name} HTTP/1.1\r\nHost: edge\r\n\r\n"
            await loop.sock_sendall(sock, request.encode())
        yield


async def sizes(stand: Stand, name: str) -> dict[str, float]:
    text = (await stand.get("/metrics")).text
    return {
        sample.labels["le"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"rostra_edge_{name}_bucket"
    }


async def speak_slowly(stand: Stand, count: int) -> None:
    for _ in range(count):
        stand.speak(1)
        await stand.until_at(len(stand.appended), within_s=30)


@pytest.mark.parametrize(
    "count", [60, pytest.param(5_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
async def test_stalled_readers_cost_a_bounded_amount_and_others_hear_everything(
    tmp_path: Path, count: int
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with standing(tmp_path) as stand:
        stand.speak(CHUNKS_PER_SEGMENT)
        await stand.until_at(CHUNKS_PER_SEGMENT)
        async with stalled(stand, "radio.aac", count):

            async def here() -> bool:
                return await stand.counted("streams_open") == count

            await until(here, what="the readers are here", within_s=60)
            heard = b""
            for number in range(1, SPOKEN // CHUNKS_PER_SEGMENT):
                path = f"{stand.base}/{RUN}/aac64/{number}.m4s"
                listening = asyncio.create_task(stand.get(path))
                await speak_slowly(stand, CHUNKS_PER_SEGMENT)
                heard += (await asyncio.wait_for(listening, 10)).content
            assert heard == stand.spoken(CHUNKS_PER_SEGMENT, SPOKEN)
            assert await stand.counted("writes_skipped_total") > 0
            assert await stand.counted("streams_open") == count, "no radio was dropped"

            async def sampled() -> bool:
                untaken = await sizes(stand, "unacknowledged_bytes")
                assert untaken[str(MOST_EACH)] == untaken["+Inf"], "bounded"
                return untaken["+Inf"] > untaken["16384"]

            await until(sampled, what="what they have not taken is sampled", within_s=10)


async def test_a_stalled_listener_behind_a_proxy_is_dropped_as_soon_as_any_other(tmp_path: Path) -> None:
    """By a Unix socket the kernel would hold twenty seconds of audio for each."""
    async with standing(tmp_path) as stand:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.setblocking(False)
            await loop.sock_connect(sock, str(stand.local))
            request = f"GET {stand.base}/{RUN}/aac64/0-15.m4s HTTP/1.1\r\nHost: edge\r\n\r\n"
            await loop.sock_sendall(sock, request.encode())
            await stand.until_waiting(1)
            await speak_slowly(stand, 36)
            assert await stand.counted("listeners_dropped_total") == 1
