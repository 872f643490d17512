"""What a reload of a live playlist is answered with, whenever it comes."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.errors import BadRequest
from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT
from rostra.edge.playlists import LivePlaylist
from rostra.edge.programme import Programme
from rostra.edge.sweep import SLICE
from rostra.edge.window import Window
from rostra.serving.exchange import Exchange
from rostra.tape import TapeWriter
from rostra.tape.reader import TapeReader
from unit.edge.test_laggards import Stuck, exchange
from unit.edge.test_pace import Client


class Reload:
    """Somebody who asks for a playlist; everything is taken."""

    def __init__(self, playlist: LivePlaylist, query: str, *, zipped: bool = False) -> None:
        channel = Stuck(takes=10**9)
        playlist.answer(query, Exchange(channel, head_only=False, keep_alive=True), zipped=zipped)
        self._channel = channel

    @property
    def text(self) -> str:
        """What has been answered; empty while it is held."""
        head, _, body = self._channel.written.partition(b"\r\n\r\n")
        return (gzip.decompress(body) if b"Content-Encoding: gzip" in head else body).decode()


def listed(part: str) -> str:
    """How a playlist lists a part that is there."""
    return f'URI="{part}.m4s",INDEPENDENT=YES'


@pytest.mark.parametrize("zipped", [False, True])
async def test_a_reload_between_two_slices_of_a_sweep_has_the_part_it_asks_for(
    tmp_path: Path, *, zipped: bool
) -> None:
    """All renditions have the part at once, and a crowd at the first is written to before the others."""
    clock = ManualClock()
    writer = TapeWriter.create(tmp_path / "run23456", programme.genesis(), clock=clock)
    quanta = iter(programme.quanta())
    for _ in range(CHUNKS_PER_PART):
        writer.append(next(quanta))
    live = Programme(TapeReader.open(tmp_path / "run23456"), clock=clock)
    first, second = live.renditions.values()
    for _ in range(3 * SLICE):
        Client(first.segments, 0, 0, 0)
    assert listed("0.0") in Reload(second.playlist, "_HLS_msn=0&_HLS_part=0", zipped=zipped).text
    following = asyncio.create_task(live.follow())
    for _ in range(CHUNKS_PER_PART):
        writer.append(next(quanta))
    between = 0
    async with asyncio.timeout(20):
        while between < 3:
            await asyncio.sleep(0)
            reload = Reload(second.playlist, "_HLS_msn=0&_HLS_part=1", zipped=zipped)
            if reload.text:
                between += 1
                assert listed("0.1") in reload.text
    following.cancel()
    live.close()
    writer.close()


@pytest.mark.parametrize(
    "query", ["_HLS_msn=", "_HLS_msn=0&_HLS_part=", "_HLS_msn=&_HLS_part=", "_HLS_part="]
)
def test_a_reload_that_names_nothing_is_a_bad_request(query: str) -> None:
    window = Window(0)
    for _ in range(CHUNKS_PER_PART):
        window.append(b"x")
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    with pytest.raises(BadRequest):
        Reload(playlist, query)


def test_a_playlist_without_parts_stands_beside_the_one_with() -> None:
    window = Window(0)
    for _ in range(CHUNKS_PER_SEGMENT + CHUNKS_PER_PART):
        window.append(b"x")
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    assert listed("1.0") in Reload(playlist, "").text
    channel = Stuck(takes=10**9)
    playlist.answer_plain(exchange(channel))
    assert channel.written.endswith(b"\n0.m4s\n")
    assert b"EXT-X-PART" not in channel.written
    assert listed("1.0") in Reload(playlist, "").text
