"""However long a tape is, its recording plays the moment that its end is written."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harness import programme
from harness.edge import RUN, SPACE, Stand, standing
from harness.traffic import Traffic
from harness.waiting import until
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE
from rostra.media import cmaf
from rostra.tape.genesis import INDEX

FOLDER = f"/r/{SPACE}/{RUN}"
MOST_S = 30.0
"""In which a test gives up; the aim, one second, is printed and measured by the benchmark."""
INDEX_READINGS = 2
"""How often the index may be read until the recording plays."""
PLAYED_BYTES = 1024 * 1024
"""More than what is fetched to play and to seek, and what a test reads beside it."""


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(tmp_path) as stand:
        yield stand


async def speak(stand: Stand, seconds: int) -> None:
    """Append so much through the real writer while the edge follows."""
    quanta = seconds * SAMPLE_RATE // QUANTUM
    for number in range(quanta):
        stand.writer.append(programme.quanta(programme.FULL)[number % 48])
        if number % 50 == 0:
            await asyncio.sleep(0)
    await stand.until_at(quanta, within_s=60)


async def play(stand: Stand) -> int:
    """Play the beginning over HLS and seek to the middle of the file; return segments listed."""

    async def listed() -> str:
        response = await stand.get(f"{FOLDER}/aac64/index.m3u8")
        return response.text if response.status_code == 200 else ""

    playlist = await until(listed, what="the recording's playlist", within_s=MOST_S, poll_s=0.01)
    ranges = re.findall(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)$", playlist, re.MULTILINE)
    length, offset = map(int, ranges[0])
    first = await stand.get(f"{FOLDER}/aac64.mp4", Range=f"bytes={offset}-{offset + length - 1}")
    assert (first.status_code, len(first.content)) == (206, length)
    assert len(cmaf.ChunkSplitter().feed(first.content)) == CHUNKS_PER_SEGMENT
    size = int((await stand.http.head(f"{FOLDER}/aac64.mp4")).headers["content-length"])
    middle = await stand.get(f"{FOLDER}/aac64.mp4", Range=f"bytes={size // 2}-{size // 2 + 65_535}")
    with (stand.writer.folder / "aac64.mp4").open("rb") as file:
        file.seek(size // 2)
        assert middle.content == file.read(65_536)
    return len(ranges)


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(600, id="10-minutes"),
        pytest.param(10_800, id="3-hours", marks=[pytest.mark.long, pytest.mark.timeout(600)]),
    ],
)
async def test_a_recording_plays_at_once_however_long_it_is(stand: Stand, seconds: int) -> None:
    """Times are printed, not asserted; that nothing between the end and the sound grows with the tape is."""
    await speak(stand, seconds)
    tape_bytes = sum(file.stat().st_size for file in stand.writer.folder.glob("*.mp4"))
    index_bytes = (stand.writer.folder / INDEX).stat().st_size
    ending, before = time.perf_counter(), Traffic.now()
    await asyncio.to_thread(stand.writer.finish)
    ended = time.perf_counter()
    segments = await play(stand)
    played, traffic = time.perf_counter(), Traffic.now().since(before)
    print(
        f"{seconds} s of tape: closed in {ended - ending:.3f} s, played {played - ending:.3f} s after asking"
    )
    print(f"{traffic} for a tape of {tape_bytes} bytes with an index of {index_bytes}")
    assert segments == -(-seconds * SAMPLE_RATE // (QUANTUM * CHUNKS_PER_SEGMENT))
    assert traffic.read < INDEX_READINGS * index_bytes + PLAYED_BYTES < tape_bytes
    assert traffic.written < index_bytes + PLAYED_BYTES
