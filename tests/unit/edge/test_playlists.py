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
from rostra.edge.playlists import LAST_PARTS_NS, LivePlaylist
from rostra.edge.programme import Programme
from rostra.edge.sweep import SLICE, sweep
from rostra.edge.window import Window
from rostra.media.hls import PARTS_PER_SEGMENT
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


def spoken(parts: int) -> Window:
    """What there is once so many parts are."""
    window = Window(0)
    for _ in range(parts * CHUNKS_PER_PART):
        window.append(b"x")
    return window


def reload(window: Window, number: int, part: int) -> Reload:
    """Ask for that part."""
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    return Reload(playlist, f"_HLS_msn={number}&_HLS_part={part}")


@pytest.mark.parametrize("begun", range(PARTS_PER_SEGMENT))
def test_four_parts_beyond_the_last_one_listed_may_be_waited_for_and_a_fifth_may_not(begun: int) -> None:
    """The Advance Part Limit is 3 s by 0.64 s: 4.69."""
    window, last = spoken(PARTS_PER_SEGMENT + begun), PARTS_PER_SEGMENT + begun - 1
    newest = divmod(last, PARTS_PER_SEGMENT)
    assert listed("{}.{}".format(*newest)) in reload(window, *newest).text
    for ahead in range(1, 5):
        assert reload(window, *divmod(last + ahead, PARTS_PER_SEGMENT)).text == ""
    with pytest.raises(BadRequest):
        reload(window, *divmod(last + 5, PARTS_PER_SEGMENT))


@pytest.mark.parametrize("part", [PARTS_PER_SEGMENT, PARTS_PER_SEGMENT + 5, 999])
@pytest.mark.parametrize("begun", range(PARTS_PER_SEGMENT))
def test_a_part_beyond_a_segments_last_is_the_next_ones_first(begun: int, part: int) -> None:
    window = spoken(PARTS_PER_SEGMENT + begun)
    assert bool(reload(window, 0, part).text) is bool(begun)
    if PARTS_PER_SEGMENT - begun < 4:
        assert reload(window, 1, part).text == ""
    else:
        with pytest.raises(BadRequest):
            reload(window, 1, part)
    with pytest.raises(BadRequest):
        reload(window, 2, part)


async def test_who_waits_for_a_part_beyond_a_segments_last_is_answered_with_the_next_ones_first() -> None:
    window = spoken(PARTS_PER_SEGMENT - 1)
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    waits = Reload(playlist, f"_HLS_msn=0&_HLS_part={PARTS_PER_SEGMENT + 3}")
    for part in ("0.5", "1.0"):
        assert waits.text == ""
        for _ in range(CHUNKS_PER_PART):
            window.append(b"x")
        await sweep(playlist.changed())
        assert bool(waits.text) is (part == "1.0")
    assert listed("1.0") in waits.text


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_msn=9999",
        "_HLS_msn=1&_HLS_part=99",
        "_HLS_msn=one",
        "_HLS_msn=",
        "_HLS_part=1",
        "_HLS_skip=YES",
        "&".join(f"a{number}=1" for number in range(40)),
    ],
)
def test_once_a_playlist_has_ended_it_is_answered_as_it_is_whatever_is_asked(query: str) -> None:
    window = spoken(10 * PARTS_PER_SEGMENT + 1)
    window.end()
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    ended = Reload(playlist, "").text
    assert ended.endswith("#EXT-X-ENDLIST\n")
    assert Reload(playlist, query).text == ended


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


async def test_whoever_names_no_part_is_answered_once_a_segment_is_whole() -> None:
    """FFmpeg, mpv and others leave where a playlist has none, as it had in a programme's first seconds."""
    window = spoken(PARTS_PER_SEGMENT - 1)
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    assert listed("0.0") in Reload(playlist, "_HLS_msn=0&_HLS_part=0").text
    waits, plain = Reload(playlist, ""), Stuck(takes=10**9)
    playlist.answer_plain(exchange(plain))
    await sweep(playlist.changed())
    assert (waits.text, plain.written) == ("", b"")
    for _ in range(CHUNKS_PER_PART):
        window.append(b"x")
    await sweep(playlist.changed())
    assert "\n0.m4s\n" in waits.text
    assert plain.written.endswith(b"\n0.m4s\n")
    assert b"public, max-age=1\r" in plain.written


async def test_a_programme_that_ends_before_a_segment_is_whole_is_told_to_who_waits_for_one() -> None:
    window = spoken(1)
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=ManualClock())
    waits = Reload(playlist, "")
    window.end()
    await sweep(playlist.changed())
    assert waits.text.endswith("\n0.m4s\n#EXT-X-ENDLIST\n")


@pytest.mark.parametrize("chunks", [1, 2])
async def test_who_waits_for_a_part_hears_of_the_last_one_first_and_then_that_it_is_over(chunks: int) -> None:
    """hls.js would wait for a last part for ever that it is told of together with the end."""
    clock, window = ManualClock(), spoken(PARTS_PER_SEGMENT + 1)
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=clock)
    waits, whole = Reload(playlist, "_HLS_msn=1&_HLS_part=1"), Reload(playlist, "_HLS_msn=2")
    for _ in range(chunks):
        window.append(b"x")
    window.end()
    playlist.close()
    await sweep(playlist.changed())
    assert listed("1.1") in waits.text
    assert waits.text.endswith("\n1.m4s\n")
    assert Reload(playlist, "").text == waits.text + "#EXT-X-ENDLIST\n", "who waits for no part knows at once"
    assert Reload(playlist, "_HLS_msn=0").text == waits.text
    again = Reload(playlist, "_HLS_msn=2&_HLS_part=0")
    await sweep(playlist.closed(clock.monotonic_ns()))
    assert (whole.text, again.text) == ("", "")
    clock.advance(ns=LAST_PARTS_NS)
    await sweep(playlist.closed(clock.monotonic_ns()))
    assert whole.text == again.text == waits.text + "#EXT-X-ENDLIST\n"
    assert Reload(playlist, "_HLS_msn=99").text == again.text


async def test_who_waits_as_a_tape_ends_with_a_segment_hears_of_it_a_moment_later() -> None:
    clock, window = ManualClock(), spoken(PARTS_PER_SEGMENT)
    playlist = LivePlaylist(window, anchor_utc_ns=0, clock=clock)
    assert "ENDLIST" not in Reload(playlist, "").text
    waits = Reload(playlist, "_HLS_msn=1&_HLS_part=0")
    window.end()
    playlist.close()
    await sweep(playlist.changed())
    assert waits.text == ""
    assert Reload(playlist, "").text.endswith("#EXT-X-ENDLIST\n")
    clock.advance(ns=LAST_PARTS_NS)
    await sweep(playlist.closed(clock.monotonic_ns()))
    assert waits.text.endswith("\n0.m4s\n#EXT-X-ENDLIST\n")
