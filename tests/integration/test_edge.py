"""The edge over real sockets: a real broker, a real tape written while it is read, the real worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from harness import programme
from harness.edge import RUN, SPACE, Stand, standing
from harness.waiting import until
from rostra.bus.messages import Audience, Lifecycle
from rostra.core.clock import SystemClock
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SEGMENT
from rostra.edge import lingering
from rostra.edge import programme as edge_programme
from rostra.media import cmaf
from rostra.tape import TapeWriter


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(tmp_path) as stand:
        yield stand


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the two seconds after which silence of the stage breaks answers off."""
    monkeypatch.setattr(edge_programme, "STALL_NS", 100_000_000)


async def test_a_segment_in_the_making_comes_chunk_by_chunk(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    async with stand.http.stream("GET", f"{stand.base}/{RUN}/aac64/0.m4s") as response:
        assert response.headers["transfer-encoding"] == "chunked"
        arriving = response.aiter_raw()
        got = await anext(arriving)
        while len(got) < len(stand.spoken(0, 3)):
            got += await anext(arriving)
        assert got == stand.spoken(0, 3)
        for number in range(3, CHUNKS_PER_SEGMENT):
            stand.speak()
            assert await anext(arriving) == stand.appended[number]["aac64"]
        assert [rest async for rest in arriving] == []


async def test_the_next_segment_is_held_and_one_beyond_is_not_there(stand: Stand) -> None:
    stand.speak(1)
    await stand.until_at(1)
    held = asyncio.create_task(stand.get(f"{stand.base}/{RUN}/opus32/1.m4s"))
    assert (await stand.get(f"{stand.base}/{RUN}/opus32/2.m4s")).status_code == 404
    stand.speak(23)
    response = await held
    assert response.content == stand.spoken(12, 24, "opus32")


async def test_a_past_segment_is_whole_with_its_length_however_old(stand: Stand) -> None:
    stand.speak(CHUNKS_PER_SEGMENT * 13)
    await stand.until_at(CHUNKS_PER_SEGMENT * 13)
    for number in (0, 11):
        response = await stand.get(f"{stand.base}/{RUN}/aac64/{number}.m4s")
        assert response.content == stand.spoken(number * 12, number * 12 + 12)
        assert response.headers["content-length"] == str(len(response.content))
        assert "immutable" in response.headers["cache-control"]


async def test_several_segments_come_in_one_answer_across_their_borders(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    base = f"{stand.base}/{RUN}/aac64"
    going_on = asyncio.create_task(stand.get(f"{base}/0-2.m4s"))
    held = asyncio.create_task(stand.get(f"{stand.base}/{RUN}/aac64/1-16.m4s"))
    await stand.until_waiting(2)
    stand.speak(33)
    response = await going_on
    assert (response.content, response.headers["transfer-encoding"]) == (stand.spoken(0, 36), "chunked")
    whole = await stand.get(f"{base}/0-2.m4s")
    assert (whole.content, whole.headers["content-length"]) == (response.content, str(len(whole.content)))
    stand.speak(5)
    stand.writer.finish()
    assert (await held).content == (await stand.get(f"{base}/1-16.m4s")).content == stand.spoken(12, 41)
    for name in ("4-5", "0-16", "2-1", "1-", "-1", "0-1-2", "1-1.0"):
        assert (await stand.get(f"{base}/{name}.m4s")).status_code == 404


async def test_a_worker_that_stops_breaks_stretches_off_at_the_end_of_a_segment(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    base = f"{stand.base}/{RUN}/aac64"
    single = asyncio.create_task(stand.get(f"{stand.base}/{RUN}/aac64/0.m4s"))
    await stand.until_waiting(1)
    async with stand.http.stream("GET", f"{base}/0-15.m4s") as response:
        arriving = response.aiter_raw()
        got = await anext(arriving)
        stand.stopping.set()
        stand.speak(13)
        with contextlib.suppress(httpx.RemoteProtocolError):
            async for data in arriving:
                got += data
            pytest.fail("a cache would keep what it takes for the whole stretch")
    assert got == (await single).content == stand.spoken(0, 12)


async def test_a_part_is_held_until_it_is_whole(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    assert (await stand.get(f"{stand.base}/{RUN}/aac64/0.0.m4s")).content == stand.spoken(0, 2)
    held = asyncio.create_task(stand.get(f"{stand.base}/{RUN}/aac64/0.1.m4s"))
    await stand.until_waiting(1)
    assert not held.done()
    stand.speak()
    assert (await held).content == stand.spoken(2, 4)
    assert (await stand.get(f"{stand.base}/{RUN}/aac64/0.6.m4s")).status_code == 404


async def test_a_reload_blocks_until_the_part_is_listed(stand: Stand) -> None:
    stand.speak(CHUNKS_PER_SEGMENT + 1)
    await stand.until_at(CHUNKS_PER_SEGMENT + 1)
    playlist = f"{stand.base}/{RUN}/aac64/live.m3u8"
    assert 'HINT:TYPE=PART,URI="1.0.m4s"' in (await stand.get(playlist)).text
    held = asyncio.create_task(stand.get(f"{playlist}?_HLS_msn=1&_HLS_part=0"))
    await stand.until_waiting(1)
    assert not held.done()
    stand.speak()
    assert 'PART:DURATION=0.64,URI="1.0.m4s"' in (await held).text


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_part=1",
        "_HLS_msn=9",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=1&_HLS_part=4",
        "a=1&" * 40,
    ],
)
async def test_a_reload_that_makes_no_sense_is_refused_at_once(stand: Stand, query: str) -> None:
    stand.speak(CHUNKS_PER_SEGMENT)
    await stand.until_at(CHUNKS_PER_SEGMENT)
    response = await stand.get(f"{stand.base}/{RUN}/aac64/live.m3u8?{query}")
    assert response.status_code == 400
    assert response.headers["access-control-allow-origin"] == "*"


async def test_the_radio_starts_with_the_newest_seconds_and_ends_with_the_tape(stand: Stand) -> None:
    stand.speak(8)
    await stand.until_at(8)
    async with stand.http.stream("GET", f"{stand.base}/radio.aac", headers={"Icy-MetaData": "1"}) as response:
        assert response.headers["content-type"] == "audio/aac"
        assert response.headers["icy-name"] == "An evening"
        arriving = response.aiter_raw()
        burst = await anext(arriving)
        assert burst[:2] == b"\xff\xf1"
        stand.speak()
        assert (await anext(arriving)).count(b"\xff\xf1") >= 14
        stand.writer.finish()
        assert [rest async for rest in arriving] == []


async def test_the_end_ends_everything_that_waits(stand: Stand) -> None:
    stand.speak(5)
    await stand.until_at(5)
    base = stand.base
    open_one = asyncio.create_task(stand.get(f"{base}/{RUN}/aac64/0.m4s"))
    next_one = asyncio.create_task(stand.get(f"{base}/{RUN}/aac64/1-1.m4s"))
    last_part = asyncio.create_task(stand.get(f"{base}/{RUN}/aac64/0.2.m4s"))
    reload = asyncio.create_task(stand.get(f"{base}/{RUN}/aac64/live.m3u8?_HLS_msn=0"))
    await stand.until_waiting(4)
    stand.writer.finish()
    assert (await open_one).content == stand.spoken(0, 5)
    assert (await next_one).status_code == 404
    assert (await last_part).content == stand.spoken(4, 5)
    assert (await reload).text.endswith("#EXTINF:1.60,\n0.m4s\n")
    assert (await stand.get(f"{base}/{RUN}/aac64/live.m3u8?_HLS_msn=1")).text.endswith("#EXT-X-ENDLIST\n")
    assert 'type="static"' in (await stand.get(f"{base}/manifest.mpd")).text


async def test_a_player_that_follows_a_manifest_reads_of_the_end_before_it_is_refused(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RxPlayer asks five times within a second for what comes after the last, and gives up."""
    monkeypatch.setattr(lingering, "KNOWN_NS", 2_000_000_000)
    stand.speak(CHUNKS_PER_SEGMENT)
    await stand.until_at(CHUNKS_PER_SEGMENT)
    reads, slow = stand.base, stand.base
    one, other = (asyncio.create_task(stand.get(f"{base}/{RUN}/aac64/1.m4s")) for base in (reads, slow))
    await stand.until_waiting(2)
    stand.writer.finish()
    assert (await stand.get(f"{stand.base}/{RUN}/aac64/1-1.m4s")).status_code == 404, "asked as a page does"
    again = asyncio.create_task(stand.get(f"{reads}/{RUN}/opus32/1.m4s"))
    await stand.until_waiting(3)
    assert 'type="static"' in (await stand.get(f"{reads}/manifest.mpd")).text
    assert [(await each).status_code for each in (one, again)] == [404, 404]
    assert (await stand.get(f"{reads}/{RUN}/aac64/1.m4s")).status_code == 404, "it knows"
    assert not other.done()
    assert (await other).status_code == 404
    assert (await stand.get(f"{slow}/{RUN}/aac64/1.m4s")).status_code == 404


@pytest.mark.usefixtures("impatient")
async def test_when_the_stage_dies_open_answers_break_off_and_later_ones_go_on(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    base = stand.base
    with pytest.raises(httpx.RemoteProtocolError):
        await stand.get(f"{base}/{RUN}/aac64/0.m4s")
    assert (await stand.get(f"{base}/{RUN}/aac64/1.m4s")).status_code == 503
    assert (await stand.get(f"{base}/{RUN}/aac64/live.m3u8?_HLS_msn=0&_HLS_part=0")).status_code == 200
    stand.writer.close()
    stand.writer = TapeWriter.resume(stand.writer.folder, clock=SystemClock())
    stand.writer.fill_gap(SEGMENT, programme.quanta(programme.FULL)[0])
    await stand.until_at(CHUNKS_PER_SEGMENT)
    response = await stand.get(f"{base}/{RUN}/aac64/0.m4s")
    assert response.content.startswith(stand.spoken(0, 3))
    assert len(cmaf.ChunkSplitter().feed(response.content)) == CHUNKS_PER_SEGMENT


async def test_a_wrong_or_expired_ticket_is_told_the_way_back(stand: Stand) -> None:
    for ticket in ("x" * 64, stand.ticket(end_in_s=-1), "short"):
        response = await stand.get(f"/t/{ticket}/{SPACE}/live.json")
        assert response.status_code == 403
        page = f"http://127.0.0.1:8000/s/{SPACE}"
        assert response.json()["error"]["detail"]["event"] == page
        assert page in response.headers["link"]
        assert response.headers["access-control-allow-origin"] == "*"


async def test_an_unknown_space_and_an_unknown_run_answer_404(stand: Stand) -> None:
    assert (await stand.get(f"/t/{stand.ticket()}/nospace234/live.json")).status_code == 404
    assert (await stand.get(f"{stand.base}/norun234/aac64/0.m4s")).status_code == 404
    assert (await stand.get(f"{stand.base}/{RUN}/flac/0.m4s")).status_code == 404


async def test_preflight_and_head_and_other_methods(stand: Stand) -> None:
    preflight = await stand.http.options(f"{stand.base}/live.json")
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")
    head = await stand.http.head(f"{stand.base}/index.m3u8")
    assert (head.status_code, head.content) == (200, b"")
    assert (await stand.http.post(f"{stand.base}/live.json")).status_code == 405


async def test_the_door_hears_how_many_listen(stand: Stand) -> None:
    async with stand.bus.subscribe("space.*.audience.*", Audience) as values:
        for _ in range(3):
            await stand.get(f"{stand.base}/live.json")
        async with asyncio.timeout(5):
            async for _, value in values:
                if value.listeners >= 3:
                    break


async def test_an_http_1_0_client_gets_a_segment_without_chunked_transfer(stand: Stand) -> None:
    stand.speak(1)
    await stand.until_at(1)
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    writer.write(f"GET {stand.base}/{RUN}/aac64/0.m4s HTTP/1.0\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"chunked" not in head
    stand.speak(11)
    assert await reader.read() == stand.spoken(0, 12)
    writer.close()


async def finished(stand: Stand, quanta: int) -> str:
    """End a tape of so many quanta and publish it; return the folder of its recording."""
    stand.speak(quanta)
    stand.writer.finish()
    stand.announce(Lifecycle.PUBLISHED)
    folder = f"/r/{SPACE}/{RUN}"

    async def playable() -> bool:
        return (await stand.http.head(f"{folder}/aac64.mp4")).status_code == 200

    await until(playable, what="the recording is there", within_s=5, poll_s=0.01)
    return folder


async def test_a_recording_is_served_whole_in_ranges_and_not_beyond(stand: Stand) -> None:
    folder = await finished(stand, 30)
    whole = await stand.get(f"{folder}/aac64.mp4")
    assert whole.content == (stand.writer.folder / "aac64.mp4").read_bytes()
    assert whole.headers["accept-ranges"] == "bytes"
    part = await stand.get(f"{folder}/aac64.mp4", Range="bytes=1000-1999")
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"
    beyond = await stand.get(f"{folder}/aac64.mp4", Range=f"bytes={len(whole.content)}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    for asked in ("bytes=1000-1999", f"bytes={len(whole.content)}-"):
        head = await stand.http.head(f"{folder}/aac64.mp4", headers={"Range": asked})
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content))), (
            "only GET has ranges"
        )
    held = await stand.get(f"{folder}/aac64.mp4", **{"If-None-Match": whole.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")


async def test_a_recording_that_is_kept_is_called_as_the_conversation_was(stand: Stand) -> None:
    folder = await finished(stand, 2)
    heard = await stand.get(f"{folder}/aac64.mp4")
    saved = await stand.get(f"{folder}/aac64.mp4?download")
    assert (saved.content, "content-disposition" in heard.headers) == (heard.content, False)
    assert saved.headers["content-disposition"] == (
        "attachment; filename=\"An evening.mp4\"; filename*=UTF-8''An%20evening.mp4"
    )


async def test_a_recordings_playlist_names_the_bytes_of_its_segments(stand: Stand) -> None:
    folder = await finished(stand, 14)
    assert "aac64/index.m3u8" in (await stand.get(f"{folder}/index.m3u8")).text
    listed = (await stand.get(f"{folder}/aac64/index.m3u8")).text.splitlines()
    ranges = [line.partition(":")[2].split("@") for line in listed if line.startswith("#EXT-X-BYTERANGE")]
    file = (stand.writer.folder / "aac64.mp4").read_bytes()
    cut = [file[int(offset) : int(offset) + int(length)] for length, offset in ranges]
    assert cut == [stand.spoken(0, 12), stand.spoken(12, 14)]
    assert (await stand.get(f"{folder}/aac64/init.mp4")).content[4:8] == b"ftyp"


async def test_what_was_seen_beside_the_audio_is_in_the_recordings_events(stand: Stand) -> None:
    folder = await finished(stand, 13)
    document = (await stand.get(f"{folder}/events.json")).json()
    assert [event["at"] for event in document["events"]] == [0, SEGMENT]
    assert (document["duration_samples"], document["gaps"]) == (13 * QUANTUM, [])


async def test_there_is_no_recording_while_the_tape_runs_or_of_a_stranger(stand: Stand) -> None:
    stand.speak(2)
    assert (await stand.get(f"/r/{SPACE}/{RUN}/aac64.mp4")).status_code == 409
    for path in (f"/r/{SPACE}/other234/aac64.mp4", f"/r/../{RUN}/aac64.mp4", f"/r/{SPACE}/{RUN}/lock"):
        assert (await stand.get(path)).status_code in {404, 409}


async def test_ffprobe_reads_playlist_and_manifest_of_a_live_space(stand: Stand) -> None:
    stand.speak(30)
    stand.writer.finish()

    async def ended() -> bool:
        return bool((await stand.get(f"{stand.base}/live.json")).json()["ended"])

    await until(ended, what="the edge has read the end", within_s=5, poll_s=0.01)
    for name in ("index.m3u8", "manifest.mpd"):
        url = f"http://127.0.0.1:{stand.port}{stand.base}/{name}"
        probed = await asyncio.to_thread(probe, url)
        assert probed["streams"][0]["codec_name"] == "aac"
    decoded = await asyncio.to_thread(decode, f"http://127.0.0.1:{stand.port}{stand.base}/index.m3u8")
    assert abs(len(decoded) // 2 - 30 * QUANTUM) <= QUANTUM


def probe(url: str) -> dict[str, list[dict[str, str]]]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", url]
    done = subprocess.run(command, capture_output=True, timeout=20, check=True)
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def decode(url: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", url, "-f", "s16le", "-ac", "1", "-"]
    return subprocess.run(command, capture_output=True, timeout=20, check=True).stdout
