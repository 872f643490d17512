"""Endless streams over real sockets, read as radios read them and decoded by FFmpeg."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
import pytest_asyncio

from harness import programme
from harness.edge import Stand, standing
from harness.radio import unwoven
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.edge import radio
from rostra.media import events, icy, ogg
from rostra.tape import TapeWriter

KINDS = {"aac": "audio/aac", "opus": "audio/ogg", "mp3": "audio/mpeg"}
by_kind = pytest.mark.parametrize("kind", KINDS)


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(tmp_path) as stand:
        yield stand


async def listened(stand: Stand, kind: str, *, more: int = 3, **headers: str) -> tuple[httpx.Response, bytes]:
    """Join, hear ``more`` quanta beyond the burst, and the end of the tape; return all of it."""
    async with stand.http.stream("GET", f"{stand.base}/radio.{kind}", headers=headers) as response:
        stand.speak(more)
        await stand.until_at(len(stand.appended))
        stand.writer.finish()
        return response, b"".join([each async for each in response.aiter_raw()])


def decoded(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        return np.concatenate([each.to_ndarray()[0] for each in container.decode(audio=0)])


@by_kind
async def test_a_radio_hears_the_newest_seconds_at_once_and_all_that_follows(stand: Stand, kind: str) -> None:
    stand.speak(20)
    await stand.until_at(20)
    response, data = await listened(stand, kind)
    assert response.headers["content-type"] == KINDS[kind]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["icy-name"] == "An evening"
    assert response.headers["icy-br"] == {"aac": "64", "opus": "32", "mp3": "64"}[kind]
    assert "icy-metaint" not in response.headers
    heard = decoded(data)
    expected = (radio.BURST_CHUNKS + 3) * QUANTUM
    assert expected - 2 * ogg.PRE_SKIP <= len(heard) <= expected + 2 * 1152
    spoken = programme.mix()[(20 - radio.BURST_CHUNKS) * QUANTUM : 23 * QUANTUM]
    delay = programme.shift(heard, spoken)
    assert -ogg.PRE_SKIP - 480 <= delay <= 3 * 1152, "the newest seconds, in order"
    aligned = heard[max(0, delay) : max(0, delay) + 5 * QUANTUM]
    assert np.corrcoef(aligned, spoken[max(0, -delay) :][: len(aligned)])[0, 1] > 0.8


@pytest.mark.parametrize("kind", ["aac", "mp3"])
async def test_a_radio_that_asks_for_titles_sees_who_speaks(stand: Stand, kind: str) -> None:
    people = [events.Person("p1", "Ada", "host"), events.Person("p2", "Bob", "speaker")]
    frames = programme.quanta(programme.FULL)[0]
    stand.speak(12)
    stand.writer.append(frames, events=events.snapshot(at=0, speakers=people, speaking=["p2"]))
    stand.appended.append({})
    await stand.until_at(13)
    response, data = await listened(stand, kind, more=10, **{"Icy-MetaData": "1"})
    assert int(response.headers["icy-metaint"]) == icy.EVERY_BYTES
    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert {"Date", "icy-metaint", "icy-name", "icy-br", "icy-pub"} <= set(exposed)
    audio, titles = unwoven(data)
    assert titles[0] == "An evening – Bob"
    assert len(titles) == 1, "said again only when it changes"
    assert len(decoded(audio)) >= (radio.BURST_CHUNKS + 9) * QUANTUM


async def test_ogg_says_the_title_in_its_comments_and_takes_no_blocks(stand: Stand) -> None:
    stand.speak(3)
    await stand.until_at(3)
    response, data = await listened(stand, "opus", **{"Icy-MetaData": "1"})
    assert "icy-metaint" not in response.headers
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.audio[0].metadata["TITLE"] == "An evening"


@by_kind
async def test_an_outage_is_left_out_and_the_stream_stays_open(stand: Stand, kind: str) -> None:
    stand.speak(4)
    await stand.until_at(4)
    async with stand.http.stream("GET", f"{stand.base}/radio.{kind}") as response:
        stand.writer.close()
        stand.writer = TapeWriter.resume(stand.writer.folder, clock=SystemClock())
        stand.writer.fill_gap(24 * QUANTUM, programme.quanta(programme.FULL)[0])
        stand.appended += [{}] * 20
        stand.speak(6)
        await stand.until_at(30)
        stand.writer.finish()
        heard = decoded(b"".join([each async for each in response.aiter_raw()]))
    assert len(heard) == pytest.approx(10 * QUANTUM, abs=2 * ogg.PRE_SKIP)


@by_kind
async def test_when_all_places_are_taken_a_radio_hears_that_and_is_let_go_to_try_again(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radio, "MESSAGE_S", 0.2)
    async with standing(tmp_path, radio_places=1) as stand:
        stand.speak(4)
        await stand.until_at(4)
        async with stand.http.stream("GET", f"{stand.base}/radio.{kind}"):
            told = await stand.get(f"{stand.base}/radio.{kind}")
        message = radio.message(kind)
        assert told.status_code == 200
        assert told.headers["content-type"] == KINDS[kind]
        assert told.content == message * radio.TOLD_TIMES
        heard = decoded(message)
        assert 9 < len(heard) / SAMPLE_RATE < 12
        assert np.abs(heard).max() > 0.1

        async def free() -> bool:
            return await stand.counted("answers_waiting") == 0

        await until(free, what="the place is free again", within_s=5)
        async with stand.http.stream("GET", f"{stand.base}/radio.{kind}") as response:
            assert (await anext(response.aiter_raw()))[:64] != message[:64]


async def test_when_all_places_are_taken_a_radio_may_be_refused_instead(tmp_path: Path) -> None:
    async with standing(tmp_path, radio_places=0, radio_full="refuse") as stand:
        stand.speak(1)
        await stand.until_at(1)
        response = await stand.get(f"{stand.base}/radio.aac")
        assert response.status_code == 503
        assert "retry-after" in response.headers


async def test_mpv_begins_within_seconds_even_when_nobody_speaks(tmp_path: Path) -> None:
    """A silent frame has a few bytes, and players look at many before they play the first."""
    async with standing(tmp_path) as stand:
        for number in range(radio.BURST_CHUNKS):
            stand.writer.append(programme.silence(number))
        took = {}
        for kind in KINDS:
            took[kind] = await _until_mpv_plays(
                stand, f"http://127.0.0.1:{stand.port}{stand.base}/radio.{kind}"
            )
        print(took)
        assert all(each < 4 for each in took.values()), took


async def _until_mpv_plays(stand: Stand, address: str) -> float:
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *("mpv", "--no-config", "--ao=null", "--no-video", "--msg-level=all=info", address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    speaking = asyncio.create_task(_be_silent(stand))
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            async for line in process.stdout:
                if line.startswith(b"AO:"):
                    return time.monotonic() - started
        raise AssertionError("mpv left without playing")
    finally:
        speaking.cancel()
        process.terminate()
        await process.wait()


async def _be_silent(stand: Stand) -> None:
    while True:
        await asyncio.sleep(0.32)
        stand.writer.append(programme.silence(stand.writer.next_sample // QUANTUM))
