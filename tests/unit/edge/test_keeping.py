"""How long caches may keep what is live, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.programme import Programme
from rostra.edge.segments import LiveSegments
from rostra.edge.sweep import at_once
from rostra.edge.window import Window
from rostra.media.cmaf import AAC
from rostra.tape import TapeReader, TapeWriter
from unit.edge.test_laggards import Stuck, exchange
from unit.edge.test_pace import Client


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Programme]:
    """A segment and two parts."""
    clock = ManualClock()
    writer = TapeWriter.create(tmp_path / "run23456", programme.genesis(), clock=clock)
    for number in range(CHUNKS_PER_SEGMENT + 4):
        writer.append(programme.quanta()[number])
    with closing(writer), closing(Programme(TapeReader.open(tmp_path / "run23456"), clock=clock)) as live:
        yield live


def kept(live: Programme) -> dict[str, str]:
    """What each kind of answer says of caches."""
    rendition = live.renditions["aac64"]
    segments = rendition.segments
    asked: dict[str, Stuck] = {name: Stuck(takes=10**9) for name in ("part", "reload", "playlist")}
    segments.part(0, 0, exchange(asked["part"]), stalled=False)
    rendition.playlist.answer("_HLS_msn=0&_HLS_part=0", exchange(asked["reload"]))
    rendition.playlist.answer("", exchange(asked["playlist"]))
    answers = {
        **{name: each.written for name, each in asked.items()},
        "segment": Client(segments, 0, 0, 0).channel.written,
        "segment in the making": Client(segments, 1, 1, 0).channel.written,
        "the same once more": Client(segments, 1, 1, 0).channel.written,
        "init": rendition.init(),
        "live.json": live.documents.live_json(),
        "index.m3u8": live.documents.multivariant(AAC),
        "manifest.mpd": live.documents.manifest(base_uri="", time_uri=""),
    }
    return {
        name: answer.partition(b"Cache-Control: ")[2].partition(b"\r\n")[0].decode()
        for name, answer in answers.items()
    }


def test_what_is_private_is_kept_by_no_cache_on_the_way_from_the_moment_it_is(live: Programme) -> None:
    before = kept(live)
    assert {each.partition(",")[0] for each in before.values()} == {"public"}
    live.keep_private(True)
    assert {each.partition(",")[0] for each in kept(live).values()} == {"private"}
    assert not any("s-maxage" in each or "immutable" in each for each in kept(live).values())
    live.keep_private(False)
    assert kept(live) == before


def test_half_a_segment_that_looks_whole_is_kept_by_nobody() -> None:
    """HTTP/1.0 knows the end of an answer by the end of its connection, whatever ended that."""
    window = Window(0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [])
    window.append(b"chunk")
    client = Client(segments, 0, 0, 0, http10=True)
    at_once(segments.stalled())
    assert client.exchange.closed
    assert b"\r\nContent-Length:" not in client.channel.written
    assert b"\r\nCache-Control: no-store\r\n" in client.channel.written
