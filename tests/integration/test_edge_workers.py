"""A worker among others: cadence while live, room, proxies in front, counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.caches import free_port
from harness.edge import RUN, SPACE, Stand, standing
from harness.waiting import until
from rostra.bus.messages import EDGE_POLICY, Audience, EdgePolicy, EdgeRoom, Visibility, audience, edge_room
from rostra.core.samples import CHUNKS_PER_SEGMENT


async def read(stand: Stand, path: str, got: list[bytes]) -> None:
    async with stand.http.stream("GET", path) as response:
        async for data in response.aiter_raw():
            got += [data]


async def test_a_longer_cadence_is_told_first_and_holds_from_the_next_segment_on(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.speak(2)
        await stand.until_at(2)
        policy = EdgePolicy(cadence=12, cohorts=1, from_ms=int(time.time() * 1000) + 2_000)
        stand.bus.publish(EDGE_POLICY, policy, retain=True)

        async def told() -> bool:
            stand.speak(1)
            live = (await stand.get(f"{stand.base}/live.json")).json()
            return bool(live["cadence"] == 1 and live.get("next_cadence") == 12)

        await until(told, what="the cadence to come is announced", within_s=5)
        await asyncio.sleep(policy.from_ms / 1000 + 0.1 - time.time())
        stand.speak(2 * CHUNKS_PER_SEGMENT - len(stand.appended))
        await stand.until_at(2 * CHUNKS_PER_SEGMENT)
        assert (await stand.get(f"{stand.base}/live.json")).json()["cadence"] == 12
        got: list[bytes] = []
        listening = asyncio.create_task(read(stand, f"{stand.base}/{RUN}/aac64/2.m4s", got))
        await stand.until_waiting(1)
        for quanta in range(1, CHUNKS_PER_SEGMENT):
            stand.speak(1)
            await stand.until_at(2 * CHUNKS_PER_SEGMENT + quanta)
        assert not got, "nothing is due inside the segment"
        stand.speak(1)
        await asyncio.wait_for(listening, 5)
        assert b"".join(got) == stand.spoken(24, 36)


async def test_a_listener_at_two_workers_counts_once(tmp_path: Path) -> None:
    async with standing(tmp_path, workers=2) as stand:
        stand.speak(3)
        await stand.until_at(3)
        counts: dict[int, Audience] = {}

        async def hear() -> None:
            async with stand.bus.subscribe(audience(SPACE, 0)[:-1] + "*", Audience) as values:
                async for _, value in values:
                    counts[value.worker] = value

        hearing = asyncio.create_task(hear())
        bases = [stand.base for _ in range(3)]

        async def settled() -> bool:
            for base in bases:
                for worker in (0, 1):
                    await stand.get(stand.at(worker, f"{base}/live.json"))
            assert len(counts) == 2, counts
            assert [counts[worker].listeners for worker in (0, 1)] == [3, 0], counts
            return True

        await until(settled, what="three are counted, at the lower worker", within_s=20, poll_s=0.3)
        hearing.cancel()


async def test_a_worker_tells_when_it_serves(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        async with stand.bus.subscribe(edge_room("*"), EdgeRoom) as rooms, asyncio.timeout(5):
            async for _, room in rooms:
                assert (room.worker, room.has_room) == (0, True)
                break


@asynccontextmanager
async def cached(folder: Path, **knobs: Any) -> AsyncIterator[tuple[Stand, httpx.AsyncClient]]:
    """An edge, and a cache in front of it."""
    address = f"127.0.0.1:{free_port()}"
    async with (
        standing(folder, edge_trusted_listen=address, **knobs) as stand,
        httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as cache,
    ):
        yield stand, cache


async def test_a_cache_of_ours_gets_what_everybody_gets_and_players_say_that_they_are_there(
    tmp_path: Path,
) -> None:
    async with cached(tmp_path) as (stand, cache):
        stand.speak(CHUNKS_PER_SEGMENT + 1)
        await stand.until_at(CHUNKS_PER_SEGMENT + 1)
        whole = await cache.get(f"/c/{SPACE}/{RUN}/aac64/0.m4s")
        assert whole.content == stand.spoken(0, 12)
        assert "immutable" in whole.headers["cache-control"]
        assert (await cache.get(f"/c/{SPACE}/live.json")).json()["beacon_s"] == 60
        assert (await cache.get(f"/c/{SPACE}/radio.aac")).status_code == 404
        assert (await cache.get(f"/t/x/{SPACE}/live.json")).status_code == 403
        async with stand.bus.subscribe(audience(SPACE, 0), Audience) as counts, asyncio.timeout(10):
            base = stand.base
            assert (await stand.http.post(f"{base}/beacon")).status_code == 204
            assert (await stand.get(f"{base}/beacon")).status_code == 204
            assert (await stand.http.post(f"{base}/live.json")).status_code == 405
            async for _, count in counts:
                assert count.estimated
                if count.listeners:
                    break


async def test_nobody_listens_without_a_ticket_by_the_public_port_or_through_a_proxy(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        transport = httpx.AsyncHTTPTransport(uds=str(stand.local))
        async with httpx.AsyncClient(transport=transport, base_url="http://proxy") as proxy:
            assert (await proxy.get(f"/c/{SPACE}/live.json")).status_code == 404
        assert (await stand.get(f"/c/{SPACE}/live.json")).status_code == 404


async def test_a_private_space_is_not_for_a_cache(tmp_path: Path) -> None:
    async with cached(tmp_path, visibility=Visibility.PRIVATE) as (_, cache):
        assert (await cache.get(f"/c/{SPACE}/live.json")).status_code == 403


@pytest.mark.parametrize("path", ["/t/AAAA/{space}/live.json", "/r/{space}/run23456/aac64.mp4", "/time"])
async def test_whoever_finds_no_room_hears_where_the_event_page_is(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.serving.limits.descriptors_allowed", lambda: 16)
    monkeypatch.setattr("rostra.serving.server.descriptors_allowed", lambda: 16)
    async with standing(tmp_path, door_url="https://door.example") as stand:
        writers = [(await asyncio.open_connection("127.0.0.1", stand.port))[1] for _ in range(8)]
        for each in writers:
            each.write(b"GET /")  # whoever has said nothing takes no room yet
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(f"GET {path.format(space=SPACE)} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        answer = (await asyncio.wait_for(reader.read(), 5)).decode()
        for each in (*writers, writer):
            each.close()
    assert answer.startswith("HTTP/1.1 503 ")
    assert "\r\nRetry-After: " in answer
    page = "https://door.example" + ("" if path == "/time" else f"/s/{SPACE}")
    assert f'\r\nLink: <{page}>; rel="alternate"' in answer
