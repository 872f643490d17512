"""Real caches in front of a real edge, from the files in deploy/: its work does not grow with the crowd.

Each crowd listens in real time for a few segments; what is compared is the edge's requests. The full
form (``long``) goes from 100 to 5,000 listeners.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from harness.caches import free_port, nginx, varnish
from harness.crowd import Connection, Heard, by_parts, by_segments, by_stretches
from harness.edge import RUN, SPACE, Stand, standing
from harness.radio import listening, play_on
from harness.waiting import until
from rostra.bus.messages import Lifecycle, Visibility
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE
from rostra.edge import worker

QUANTUM_S = QUANTUM / SAMPLE_RATE
SEGMENTS = 3
"""Listened to by every crowd."""


@contextlib.asynccontextmanager
async def stage_door(
    folder: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> AsyncIterator[tuple[Stand, int]]:
    """An edge with a cache in front of it; yield both, the cache by its port."""
    trusted = free_port()
    async with (
        standing(folder, edge_trusted_listen=f"127.0.0.1:{trusted}") as stand,
        cache(folder, trusted) as port,
    ):
        yield stand, port


async def programme(stand: Stand, quanta: int) -> None:
    """Go on speaking in real time."""
    started = time.monotonic()
    for number in range(quanta):
        await asyncio.sleep(max(0.0, started + number * QUANTUM_S - time.monotonic()))
        stand.speak()


async def crowd(stand: Stand, port: int, *, segments: int, parts: int) -> tuple[Heard, int]:
    """Let so many listen to the next segments; return what they heard and what the edge was asked."""
    heard, first = Heard(), len(stand.appended) // CHUNKS_PER_SEGMENT
    before = await stand.counted("cache_requests_total")
    listeners = [
        listen(heard, _connection(port, number), folder(stand), first, first + SEGMENTS)
        for number, listen in enumerate([by_segments] * segments + [by_parts] * parts)
    ]
    speaking = asyncio.create_task(programme(stand, SEGMENTS * CHUNKS_PER_SEGMENT))
    await asyncio.gather(*listeners)
    await speaking
    spoken = [
        stand.spoken(number * CHUNKS_PER_SEGMENT, (number + 1) * CHUNKS_PER_SEGMENT)
        for number in range(first, first + SEGMENTS)
    ]
    assert heard.errors == 0
    assert all(body in spoken for body in heard.segments)
    assert heard.whole_segments == segments * SEGMENTS
    assert heard.reloads == heard.parts == parts * SEGMENTS * 6
    return heard, await stand.counted("cache_requests_total") - before


def _connection(port: int, number: int) -> Connection:
    """One pair of loopback addresses ends near 28,000 connections."""
    return Connection("127.0.0.1", port, source=f"127.0.{number // 4_000 + 1}.1")


def folder(stand: Stand) -> str:
    return f"{stand.base}/{RUN}/aac64"


async def shared(stand: Stand, port: int, few: int, many: int) -> None:
    """Assert that the edge is asked for each name once, however many listen."""
    names = SEGMENTS + 2 * SEGMENTS * 6
    asked = {}
    for count in (few, many):
        heard, asked[count] = await crowd(stand, port, segments=count - count // 5, parts=count // 5)
        late = sorted(heard.first_byte_s)
        print(
            f"\n{count} listeners for {SEGMENTS * 3.84:.1f} s: the edge was asked {asked[count]} times for "
            f"{names} names; first byte after {statistics.median(late):.2f} s, 99 %: "
            f"{late[int(len(late) * 0.99)]:.2f} s"
        )
    assert asked[many] <= max(asked[few], names) * 1.2 + 3


async def test_behind_varnish_the_edges_requests_do_not_grow_with_the_crowd(tmp_path: Path) -> None:
    async with stage_door(tmp_path, varnish) as (stand, port):
        await shared(stand, port, 20, 120)


@pytest.mark.parametrize("cache", [varnish, nginx], ids=["varnish", "nginx"])
async def test_behind_a_cache_who_waits_for_the_same_part_again_hears_of_what_came_since(
    tmp_path: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> None:
    """As Video.js does with ``llhls``, where a segment ends."""
    async with stage_door(tmp_path, cache) as (stand, port), browser(port) as http:
        stand.speak(2 * CHUNKS_PER_SEGMENT)
        await stand.until_at(2 * CHUNKS_PER_SEGMENT)
        again = f"{folder(stand)}/live.m3u8?_HLS_msn=1&_HLS_part=5"
        assert "\n2.m4s" not in (await http.get(again)).text
        stand.speak(CHUNKS_PER_SEGMENT)

        async def told() -> bool:
            return "\n2.m4s" in (await http.get(again)).text

        await until(told, what="the segment that came since is listed", within_s=3)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_behind_varnish_five_thousand_cost_the_edge_what_a_hundred_do(tmp_path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    async with stage_door(tmp_path, varnish) as (stand, port):
        await shared(stand, port, 100, 5_000)


async def test_varnish_hands_a_segment_in_the_making_on_chunk_by_chunk(tmp_path: Path) -> None:
    async with stage_door(tmp_path, varnish) as (stand, port), browser(port) as http:
        stand.speak(3)
        await stand.until_at(3)
        async with (
            http.stream("GET", f"{folder(stand)}/0.m4s") as first,
            http.stream("GET", f"{folder(stand)}/0.m4s") as second,
        ):
            arriving = [response.aiter_raw() for response in (first, second)]
            for reader in arriving:
                got = b""
                while len(got) < len(stand.spoken(0, 3)):
                    got += await anext(reader)
            stand.speak()
            assert [await anext(reader) for reader in arriving] == [stand.spoken(3, 4)] * 2
            stand.speak(8)
            assert [b"".join([each async for each in reader]) for reader in arriving] == [
                stand.spoken(4, 12)
            ] * 2
        assert await stand.counted("cache_requests_total") == 1


@pytest.mark.long
async def test_behind_varnish_a_stretch_in_the_making_is_shared_by_all_who_ask_for_it(tmp_path: Path) -> None:
    async with stage_door(tmp_path, varnish) as (stand, port):
        stand.speak(3)
        await stand.until_at(3)
        heard = Heard()
        crowd = [
            asyncio.create_task(by_stretches(heard, _connection(port, n), folder(stand), ["0-2", "3-3"]))
            for n in range(20)
        ]
        await stand.until_waiting(1)
        await programme(stand, 4 * CHUNKS_PER_SEGMENT - 3)
        await asyncio.gather(*crowd)
        assert heard.errors == 0
        assert heard.segments == [stand.spoken(0, 36), stand.spoken(36, 48)]
        assert await stand.counted("cache_requests_total") <= 4


async def test_a_segment_that_breaks_off_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rostra.edge import programme as edge_programme

    monkeypatch.setattr(edge_programme, "STALL_NS", 700_000_000)
    async with stage_door(tmp_path, varnish) as (stand, port), browser(port) as http:
        for name, quanta in (("0", 3), ("0-1", 1)):
            stand.speak(quanta)
            await stand.until_at(len(stand.appended))
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get(f"{folder(stand)}/{name}.m4s")
        assert (await http.get(f"{folder(stand)}/0.m4s")).status_code == 503
        stand.speak(20)
        await stand.until_at(24)
        await asyncio.sleep(1.1)
        assert (await http.get(f"{folder(stand)}/0.m4s")).content == stand.spoken(0, 12)
        assert (await http.get(f"{folder(stand)}/0-1.m4s")).content == stand.spoken(0, 24)


@pytest.mark.parametrize("cache", [varnish, nginx], ids=["varnish", "nginx"])
async def test_a_private_space_is_heard_with_its_ticket_only(
    tmp_path: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> None:
    async with stage_door(tmp_path, cache) as (stand, port), browser(port) as http:
        stand.speak(CHUNKS_PER_SEGMENT)
        await stand.until_at(CHUNKS_PER_SEGMENT)
        stand.announce(visibility=Visibility.PRIVATE)
        mine = f"{folder(stand)}/0.m4s"
        stranger = mine.replace(mine.split("/")[2], "x" * 54)

        async def private() -> bool:
            return (await http.get(stranger)).status_code == 403

        async with asyncio.timeout(5):
            while not await private():
                await asyncio.sleep(0.1)
        assert (await http.get(mine)).content == stand.spoken(0, CHUNKS_PER_SEGMENT)
        assert (await http.get(stranger)).status_code == 403
        assert await together(port, f"{folder(stand)}/live.m3u8") < 4, "each waits for those before"
        assert (await http.get(stranger.replace(f"/t/{'x' * 54}", "/c"))).status_code == 404


@pytest.mark.parametrize("cache", [varnish, nginx], ids=["varnish", "nginx"])
async def test_what_becomes_private_breaks_off_for_whoever_listens_without_a_ticket_of_their_own(
    tmp_path: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> None:
    async with stage_door(tmp_path, cache) as (stand, port), browser(port) as http:
        stand.speak(3)
        await stand.until_at(3)
        speaking = asyncio.create_task(programme(stand, 5 * CHUNKS_PER_SEGMENT))
        mine = f"{folder(stand)}/0-5.m4s"
        stranger = mine.replace(mine.split("/")[2], "x" * 54)
        async with http.stream("GET", stranger) as live:
            arriving = live.aiter_raw()
            await anext(arriving)
            waiting = asyncio.create_task(http.get(stranger.replace("0-5", "1-6")))
            await stand.until_waiting(2)
            stand.announce(visibility=Visibility.PRIVATE)
            with pytest.raises(httpx.RemoteProtocolError):
                await asyncio.wait_for(rest(arriving), 2)
        assert (await waiting).status_code == 403
        assert (await http.get(stranger)).status_code == 403
        async with http.stream("GET", mine) as own:
            assert own.status_code == 200
        speaking.cancel()


async def rest(arriving: AsyncIterator[bytes]) -> bytes:
    return b"".join([each async for each in arriving])


async def together(port: int, path: str) -> float:
    """Have twenty ask the same at once, and be answered; return how long that took, in seconds."""
    async with contextlib.AsyncExitStack() as stack:
        crowd = [_connection(port, number) for number in range(20)]
        for each in crowd:
            await each.open()
            stack.callback(each.close)
        asked_s = time.monotonic()
        answers = await asyncio.gather(*(each.get(path) for each in crowd))
    assert {status for status, _ in answers} == {200}
    return time.monotonic() - asked_s


@pytest.mark.parametrize("cache", [varnish, nginx], ids=["varnish", "nginx"])
async def test_a_strangers_question_chooses_nobody_elses_answer(
    tmp_path: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> None:
    """Whose query ends with the name of an encoding, asked plainly, and who reads that encoding.

    And whoever asks the same with a new word each time has the edge answer once.
    """
    async with stage_door(tmp_path, cache) as (stand, port), browser(port) as http:
        stand.speak(CHUNKS_PER_SEGMENT)
        await stand.until_at(CHUNKS_PER_SEGMENT)
        part = f"{folder(stand)}/live.m3u8?_HLS_msn=0&_HLS_part=0"
        assert (await http.get(f"{part}gzip", headers={"Accept-Encoding": "identity"})).status_code == 400
        listener = await http.get(part, headers={"Accept-Encoding": "gzip"})
        assert listener.status_code == 200
        assert listener.headers["content-encoding"] == "gzip"
        refusing = await http.get(part, headers={"Accept-Encoding": "gzip; q=0.0, *"})
        assert "content-encoding" not in refusing.headers
        before = await stand.counted("cache_requests_total")
        for number in range(5):
            assert (await http.get(f"{folder(stand)}/init.mp4?{number}=gzip")).status_code == 200
            assert (await http.get(f"{part}&made={number}&_HLS_skip={number}")).content == listener.content
            assert (await http.get(f"{part}{number}word")).status_code == 400
        asked = await stand.counted("cache_requests_total") - before
        assert asked <= 3, "once for each name, whatever it was asked with"


async def test_varnish_asks_once_for_what_a_recording_begins_with(tmp_path: Path) -> None:
    async with stage_door(tmp_path, varnish) as (stand, port), browser(port) as http:
        stand.speak(CHUNKS_PER_SEGMENT)
        stand.writer.finish()
        stand.announce(Lifecycle.PUBLISHED)
        recording = f"/r/{SPACE}/{RUN}"

        async def published() -> bool:
            return (await stand.get(f"{recording}/aac64/index.m3u8")).status_code == 200

        await until(published, what="the recording is published", within_s=5)
        for name, asked in (("aac64/init.mp4", 1), ("aac64.mp4", 2)):
            before = await stand.counted("cache_requests_total")
            for _ in range(2):
                assert (await http.get(f"{recording}/{name}")).status_code == 200
            assert await stand.counted("cache_requests_total") - before == asked


async def test_varnish_reads_a_recording_no_faster_than_its_listener(tmp_path: Path) -> None:
    """But for what the kernel holds between them."""
    piece, pieces, read = bytes(2**16), 1024, 0

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(piece) * pieces))
            for _ in range(pieces):
                writer.write(piece)
                await writer.drain()
                read += len(piece)
        writer.close()

    async def at_rest() -> int:
        before = read
        await asyncio.sleep(0.5)
        return read if read == before else 0

    async with await asyncio.start_server(record, "127.0.0.1", 0) as recording:
        async with varnish(tmp_path, recording.sockets[0].getsockname()[1]) as port, browser(port) as http:
            async with http.stream("GET", f"/r/{SPACE}/{RUN}/aac64.mp4") as slow:
                arriving = slow.aiter_raw()
                got = len(await anext(arriving))
                assert await until(at_rest, what="no more is read", within_s=20) < len(piece) * pieces / 2
                assert got + len(await rest(arriving)) == len(piece) * pieces


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_behind_a_cache_a_radio_stays_open_through_two_minutes_of_outage(tmp_path: Path) -> None:
    trusted = free_port()
    for cache in ("varnish", "nginx"):
        (tmp_path / cache).mkdir()
    async with (
        standing(tmp_path / "data", edge_trusted_listen=f"127.0.0.1:{trusted}") as stand,
        varnish(tmp_path / "varnish", trusted) as one,
        nginx(tmp_path / "nginx", trusted) as other,
    ):
        stand.speak(CHUNKS_PER_SEGMENT)
        await stand.until_at(CHUNKS_PER_SEGMENT)
        async with (
            browser(one) as by_varnish,
            browser(other) as by_nginx,
            listening(by_varnish, f"{stand.base}/radio.aac") as first,
            listening(by_nginx, f"{stand.base}/radio.aac") as second,
        ):
            await asyncio.sleep(125)
            await play_on(first, second, speak=stand.speak)


async def test_what_is_cached_says_how_old_it_is(tmp_path: Path) -> None:
    async with stage_door(tmp_path, varnish) as (stand, port), browser(port) as http:
        stand.speak(CHUNKS_PER_SEGMENT)
        await stand.until_at(CHUNKS_PER_SEGMENT)
        for _ in range(2):
            response = await http.get(f"{folder(stand)}/live.m3u8?_HLS_msn=0")
        assert "age" in response.headers
        assert response.headers["content-encoding"] == "gzip"
        plain = await http.get(
            f"{folder(stand)}/live.m3u8?_HLS_msn=0", headers={"Accept-Encoding": "identity"}
        )
        assert plain.text == response.text
        manifest = (await http.get(f"{stand.base}/manifest.mpd")).text
        assert "<BaseURL>" not in manifest
        assert "/t/" not in manifest


async def test_nginx_keeps_parts_playlists_and_finished_segments_and_lets_live_ones_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lock is polled every half second: printed is what a blocked reload loses by it."""
    async with stage_door(tmp_path, nginx) as (stand, port):
        heard, asked = await crowd(stand, port, segments=0, parts=20)
        names = 2 * SEGMENTS * 6
        by_version: dict[int, list[float]] = defaultdict(list)
        for version, at_s in heard.reload_at:
            by_version[version].append(at_s)
        lost = sorted(each - min(times) for times in by_version.values() for each in times)
        with capsys.disabled():
            print(
                f"\nnginx, 20 by parts: asked {asked} times for {names} names; behind the first reader: "
                f"median {statistics.median(lost):.2f} s, most {lost[-1]:.2f} s"
            )
        assert asked <= names * 1.5
        heard, asked = await crowd(stand, port, segments=10, parts=0)
        assert asked >= 10 * (SEGMENTS - 1), "live segments pass by the cache"
        assert statistics.median(heard.first_byte_s) < 1
        async with browser(port) as http:
            before = await stand.counted("cache_requests_total")
            for _ in range(5):
                assert (await http.get(f"{folder(stand)}/0.m4s")).content == stand.spoken(0, 12)
                assert (await http.get(f"{folder(stand)}/0-2.m4s")).content == stand.spoken(0, 36)
            assert await stand.counted("cache_requests_total") - before <= 2
            live = len(stand.appended) // CHUNKS_PER_SEGMENT
            by = [asyncio.create_task(http.get(f"{folder(stand)}/{live}-{live + 1}.m4s")) for _ in range(2)]
            await stand.until_waiting(2)
            stand.speak(2 * CHUNKS_PER_SEGMENT)
            for each in by:
                assert (await each).content == stand.spoken(live * 12, live * 12 + 24)


async def test_a_cache_is_not_told_that_a_conversation_is_unknown_by_a_worker_that_has_only_just_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, known = asyncio.Event(), asyncio.Event()

    async def wait_for_spaces(_: object) -> None:
        begun.set()
        await known.wait()

    monkeypatch.setattr(worker, "_all_known", wait_for_spaces)
    trusted = free_port()

    async def ask_early() -> None:
        await begun.wait()
        await asyncio.sleep(0.1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", trusted)
        known.set()

    asking = asyncio.create_task(ask_early())
    async with standing(tmp_path, edge_trusted_listen=f"127.0.0.1:{trusted}") as stand:
        await asking
        async with browser(trusted) as http:
            assert (await http.get(f"/c/{SPACE}/live.json")).status_code == 200
        assert await stand.counted("cache_requests_total") == 1


@pytest.mark.parametrize("cache", [varnish, nginx], ids=["varnish", "nginx"])
async def test_a_cache_asks_once_more_where_an_edge_worker_dies_before_it_answers_but_tells_nothing_twice(
    tmp_path: Path, cache: Callable[[Path, int], AbstractAsyncContextManager[int]]
) -> None:
    asked: list[bytes] = []

    async def die_at_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            asked.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])
            if len(asked) > 1:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(die_at_first, "127.0.0.1", 0) as dying:
        async with cache(tmp_path, dying.sockets[0].getsockname()[1]) as port, browser(port) as http:
            for name in ("live.json", "run/aac64/1-15.m4s"):
                asked.clear()
                answer = await http.get(f"/t/ticket/space/{name}")
                assert (answer.status_code, answer.text) == (200, "{}"), name
                assert asked == [b"GET", b"GET"], name
            asked.clear()
            assert (await http.post("/t/ticket/space/beacon")).status_code >= 500
            assert asked == [b"POST"]


def browser(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
