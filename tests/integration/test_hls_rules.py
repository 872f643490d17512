"""Low-Latency HLS by the book: each rule has its test, named by what it demands.

Sources: RFC 8216bis (draft-pantos-hls-rfc8216bis), sections in brackets; Apple, "HLS Authoring
Specification for Apple Devices". The playlists are those of a real edge over a tape that grows, of a minute
and of every rendition, read beside a crowd; in the long run the minute is one.
"""

from __future__ import annotations

import asyncio
import gzip
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import httpx
import numpy as np
import pytest
import pytest_asyncio

from harness import m3u8
from harness.crowd import Connection
from harness.edge import RUN, Stand, standing
from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT, PART, seconds
from rostra.edge import playlists
from rostra.edge.sweep import SLICE
from rostra.media.hls import PARTS_PER_SEGMENT

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENDITIONS = ("aac64", "aac32", "opus32", "opus16")
SEGMENTS = 16
QUANTA = SEGMENTS * CHUNKS_PER_SEGMENT + 4
"""A minute."""
PART_S = seconds(PART)
CROWD = SLICE + 44
"""Reloads that wait beside those that are read here: they are written to in more than one turn."""


@pytest.fixture(
    scope="module",
    params=[False, pytest.param(True, marks=[pytest.mark.long, pytest.mark.timeout(300)])],
    ids=["at once", "in real time"],
)
def in_real_time(request: pytest.FixtureRequest) -> bool:
    """Whether a part comes when the one before was read by all, or when it is spoken."""
    return bool(request.param)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(tmp_path_factory: pytest.TempPathFactory, in_real_time: bool) -> AsyncIterator[Stand]:
    async with standing(tmp_path_factory.mktemp("hls")) as stand:
        yield stand


@dataclass
class Minute:
    """What was read in a minute by blocking reloads, one for each part."""

    versions: dict[str, list[m3u8.Playlist]] = field(default_factory=lambda: defaultdict(list))
    """Of every rendition's playlist."""
    late_s: list[float] = field(default_factory=list)
    """From when a part was there to when all had read of it."""
    lacking: list[str] = field(default_factory=list)
    """Of the crowd's reloads, those answered without the part they asked for."""


class Reader:
    """One of the crowd: waits at the first playlist, and now and then looks at another right after."""

    def __init__(self, stand: Stand, number: int, lacking: list[str]) -> None:
        self.connection = Connection("127.0.0.1", stand.port)
        others = RENDITIONS[1:] if number % 4 == 0 else ()
        self._folders = [f"{stand.base}/{RUN}/{name}" for name in (RENDITIONS[0], *others)]
        self._lacking = lacking

    async def reload(self, number: int, part: int) -> None:
        for folder in self._folders:
            path = f"{folder}/live.m3u8?_HLS_msn={number}&_HLS_part={part}"
            status, body = await self.connection.get(path)
            if status != 200 or f'URI="{number}.{part}.m4s",INDEPENDENT'.encode() not in body:
                self._lacking.append(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def minute(stand: Stand, in_real_time: bool) -> Minute:
    """Read the first minute of all renditions, beside a crowd."""
    found, started = Minute(), time.monotonic()
    crowd = [Reader(stand, number, found.lacking) for number in range(CROWD)]
    for each in crowd:
        await each.connection.open()
    for version in range(QUANTA // CHUNKS_PER_PART):
        place = divmod(version, PARTS_PER_SEGMENT)
        asked = [
            asyncio.create_task(
                stand.get("{}?_HLS_msn={}&_HLS_part={}".format(playlist(stand, name), *place))
            )
            for name in RENDITIONS
        ]
        beside = asyncio.gather(*(each.reload(*place) for each in crowd))
        if in_real_time:
            stand.speak(CHUNKS_PER_PART - 1)
            await asyncio.sleep(max(0.0, started + (version + 1) * PART_S - time.monotonic()))
        else:
            await stand.until_waiting(len(asked) + CROWD)
            stand.speak(CHUNKS_PER_PART - 1)
        stand.speak(1)
        spoken = time.monotonic()
        for name, response in zip(RENDITIONS, await asyncio.gather(*asked), strict=True):
            assert response.status_code == 200
            found.versions[name].append(m3u8.parse(response.text))
        await beside
        found.late_s.append(time.monotonic() - spoken)
    for each in crowd:
        each.connection.close()
    return found


@pytest.fixture(params=RENDITIONS)
def rendition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def versions(minute: Minute, rendition: str) -> list[m3u8.Playlist]:
    """Every version of one rendition's playlist, from the first part on."""
    return minute.versions[rendition]


@pytest.fixture
def newest(versions: list[m3u8.Playlist]) -> m3u8.Playlist:
    return versions[-1]


def playlist(stand: Stand, rendition: str = "aac64") -> str:
    return f"{stand.base}/{RUN}/{rendition}/live.m3u8"


# The header.


async def test_the_target_duration_is_the_longest_segment_rounded_and_never_changes(
    versions: list[m3u8.Playlist],
) -> None:
    """[4.4.3.1]"""
    assert {each.tags["EXT-X-TARGETDURATION"] for each in versions} == {"4"}
    assert all(round(segment.duration) <= 4 for each in versions for segment in each.whole)


async def test_the_version_is_one_that_knows_skip(newest: m3u8.Playlist) -> None:
    """[8]"""
    assert int(newest.tags["EXT-X-VERSION"]) >= 9


async def test_the_server_says_that_it_can_block_and_skip(newest: m3u8.Playlist) -> None:
    """[4.4.3.8]"""
    control = newest.of("EXT-X-SERVER-CONTROL")
    assert control["CAN-BLOCK-RELOAD"] == "YES"
    assert float(control["CAN-SKIP-UNTIL"]) >= 6 * 4


async def test_hold_back_is_three_targets_and_part_hold_back_three_part_targets(
    newest: m3u8.Playlist,
) -> None:
    """[4.4.3.8]"""
    control = newest.of("EXT-X-SERVER-CONTROL")
    part_target = float(newest.of("EXT-X-PART-INF")["PART-TARGET"])
    assert float(control["HOLD-BACK"]) >= 3 * 4
    assert float(control["PART-HOLD-BACK"]) >= 3 * part_target


# Parts.


async def test_parts_are_at_most_the_part_target_and_at_least_85_percent_of_it(
    versions: list[m3u8.Playlist],
) -> None:
    """[4.4.4.9]"""
    target = float(versions[0].of("EXT-X-PART-INF")["PART-TARGET"])
    parts = [part for each in versions for segment in each.segments for part in segment.parts]
    assert parts
    assert all(0.85 * target <= part.duration <= target for part in parts)


async def test_every_part_is_independent(newest: m3u8.Playlist) -> None:
    """[4.4.4.9] Every audio frame is."""
    assert all(part.independent for segment in newest.segments for part in segment.parts)


async def test_parts_make_up_their_segment(stand: Stand, newest: m3u8.Playlist, rendition: str) -> None:
    """[6.2.1] The same bytes, the same seconds."""
    segment = next(each for each in newest.whole if each.parts)
    assert sum(part.duration for part in segment.parts) == pytest.approx(segment.duration)
    folder = f"{stand.base}/{RUN}/{rendition}"
    parts = [(await stand.get(f"{folder}/{part.uri}")).content for part in segment.parts]
    assert b"".join(parts) == (await stand.get(f"{folder}/{segment.uri}")).content


async def test_parts_leave_the_playlist_after_three_target_durations_all_of_a_segment_at_once(
    versions: list[m3u8.Playlist],
) -> None:
    """[4.4.4.9]"""
    for version in versions:
        for segment in version.segments:
            expected = version.seconds_to_end(segment.number) <= 3 * 4
            assert bool(segment.parts) is expected
            assert not segment.uri or len(segment.parts) in {0, 6}


async def test_a_part_can_be_fetched_long_after_its_tag_has_left(
    stand: Stand, newest: m3u8.Playlist, rendition: str
) -> None:
    """[6.2.2]"""
    assert not newest.segments[0].parts
    for number in (0, newest.first):
        part = await stand.get(f"{stand.base}/{RUN}/{rendition}/{number}.3.m4s")
        assert part.content == stand.spoken(number * 12 + 6, number * 12 + 8, rendition)


# The hint.


async def test_the_hint_names_the_part_that_comes_next(versions: list[m3u8.Playlist]) -> None:
    """[4.4.5.3]"""
    for before, after in pairwise(versions):
        (hint,) = before.hints
        assert hint["TYPE"] == "PART"
        new = next(each for each in after.segments if each.number == after.last_place[0]).parts[-1]
        assert hint["URI"] == new.uri


@pytest.mark.usefixtures("minute")
async def test_a_hinted_part_is_held_until_all_of_it_is_there(stand: Stand) -> None:
    """[4.4.5.3, appendix B] Never a half one, never a 404."""
    stand.speak(CHUNKS_PER_PART)
    said = len(stand.appended)
    await stand.until_at(said)
    (hint,) = m3u8.parse((await stand.get(playlist(stand))).text).hints
    held = asyncio.create_task(stand.get(f"{stand.base}/{RUN}/aac64/{hint['URI']}"))
    await stand.until_waiting(1)
    stand.speak(1)
    await asyncio.sleep(0.1)
    assert not held.done()
    stand.speak(1)
    part = await held
    assert part.status_code == 200
    assert part.content == stand.spoken(said, said + CHUNKS_PER_PART)


# Numbers and dates.


async def test_segments_are_consecutive_and_leave_in_order(versions: list[m3u8.Playlist]) -> None:
    """[6.2.2]"""
    for version in versions:
        numbers = [each.number for each in version.segments]
        assert numbers == list(range(version.first, version.first + len(numbers)))
        assert [each.uri for each in version.whole] == [f"{each.number}.m4s" for each in version.whole]
    assert all(before.first <= after.first <= before.first + 1 for before, after in pairwise(versions))


async def test_a_live_playlist_never_lists_less_than_three_target_durations(
    versions: list[m3u8.Playlist],
) -> None:
    """[6.2.2] Once there is so much."""
    assert all(each.seconds_to_end(each.first) >= 3 * 4 for each in versions[24:])


async def test_dates_are_the_anchor_plus_the_samples(stand: Stand, versions: list[m3u8.Playlist]) -> None:
    """[4.4.4.6]"""
    anchor_s = stand.writer.genesis.anchor_utc_ns / 1e9
    for version in versions:
        for segment in version.segments:
            assert segment.at is not None
            assert segment.at.timestamp() == pytest.approx(anchor_s + segment.number * 3.84, abs=0.002)
        for before, after in pairwise(each.at for each in version.segments):
            assert after - before == pytest.approx(timedelta(seconds=3.84), abs=timedelta(milliseconds=1))


async def test_there_is_no_discontinuity_and_no_gap(versions: list[m3u8.Playlist]) -> None:
    assert not any({"EXT-X-DISCONTINUITY", "EXT-X-GAP"} & set(each.tags) for each in versions)


# Other renditions.


async def test_reports_say_how_far_the_other_renditions_of_the_codec_are(stand: Stand) -> None:
    """[4.4.5.4]"""
    listed = {
        name: m3u8.parse((await stand.get(playlist(stand, name))).text)
        for name in ("aac64", "aac32", "opus32", "opus16")
    }
    for mine, other in (("aac64", "aac32"), ("opus16", "opus32")):
        (report,) = listed[mine].reports
        assert report["URI"] == f"../{other}/live.m3u8"
        assert (int(report["LAST-MSN"]), int(report["LAST-PART"])) == listed[other].last_place


async def test_the_multivariant_playlists_hold_one_codec_each_best_first(stand: Stand) -> None:
    """[4.4.6.2]; Apple lists no Opus."""
    for name, expected in (("index", ("aac64", "aac32")), ("opus", ("opus32", "opus16"))):
        lines = (await stand.get(f"{stand.base}/{name}.m3u8")).text.splitlines()
        assert lines[:3] == ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        assert [line.split("/")[1] for line in lines if not line.startswith("#")] == list(expected)
        codecs = {m3u8.attributes(line)["CODECS"] for line in lines if "STREAM-INF" in line}
        assert codecs == {"mp4a.40.2" if name == "index" else "opus"}


@pytest.mark.usefixtures("minute")
async def test_bandwidths_are_true_of_the_bytes_served(stand: Stand) -> None:
    """Apple, live: the peak is below 125 % of BANDWIDTH, the mean below 110 % of AVERAGE-BANDWIDTH."""
    for name in ("index", "opus"):
        lines = (await stand.get(f"{stand.base}/{name}.m3u8")).text.splitlines()[3:]
        for line, uri in zip(lines[::2], lines[1::2], strict=True):
            stated = m3u8.attributes(line)
            folder = f"{stand.base}/{uri.rpartition('/')[0]}"
            served = [await stand.get(f"{folder}/{number}.m4s") for number in range(SEGMENTS)]
            assert {each.status_code for each in served} == {200}
            rates = np.array([len(each.content) for each in served]) * 8 / 3.84
            assert rates.max() <= 1.25 * int(stated["BANDWIDTH"])
            assert rates.mean() <= 1.1 * int(stated["AVERAGE-BANDWIDTH"])
            assert int(stated["AVERAGE-BANDWIDTH"]) <= int(stated["BANDWIDTH"])


# Reloads.


async def test_every_reload_of_a_crowd_has_the_part_that_it_waited_for(minute: Minute) -> None:
    """[6.2.5.2] Also where somebody asks while others are still written to."""
    assert minute.lacking == []


async def test_a_crowd_has_read_of_a_part_before_the_next_is_there(minute: Minute) -> None:
    """[6.2.5.2] Nobody is held for longer than until it is there."""
    late_s = statistics.median(minute.late_s)
    print(f"read by all after {late_s:.3f} s, at most {max(minute.late_s):.3f} s")
    assert late_s < PART_S


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("_HLS_part=1", "a part without a segment"),
        (f"_HLS_msn={SEGMENTS + 2}", "beyond the next segment but one"),
        (f"_HLS_msn={SEGMENTS + 1}&_HLS_part=6", "beyond the next segment but one, as the next one's first"),
        (f"_HLS_msn={SEGMENTS + 1}&_HLS_part=5", "beyond the Advance Part Limit, in the next segment"),
        ("_HLS_msn=one", "no number"),
        ("_HLS_msn=", "no number either"),
        ("_HLS_msn=3&_HLS_part=", "no part"),
        ("_HLS_msn=-1", "below zero"),
    ],
    ids=lambda each: each.replace(" ", "_"),
)
@pytest.mark.usefixtures("minute")
async def test_a_reload_that_makes_no_sense_is_a_bad_request(stand: Stand, query: str, why: str) -> None:
    """[6.2.5.2]"""
    response = await stand.get(f"{playlist(stand)}?{query}")
    assert response.status_code == 400, why
    assert response.headers["cache-control"] == "public, max-age=1"


@pytest.mark.usefixtures("minute")
async def test_a_reload_for_what_is_there_is_answered_at_once(stand: Stand) -> None:
    """[6.2.5.2]"""
    for query in (
        "_HLS_msn=0&_HLS_part=0",
        f"_HLS_msn={SEGMENTS}&_HLS_part=1",
        f"_HLS_msn={SEGMENTS - 1}",
        f"_HLS_msn={SEGMENTS - 1}&_HLS_part=6",
    ):
        response = await stand.get(f"{playlist(stand)}?{query}")
        assert m3u8.parse(response.text).last_place >= (SEGMENTS, 1)


@pytest.mark.usefixtures("minute")
async def test_a_reload_without_a_part_waits_for_the_whole_segment(stand: Stand) -> None:
    """[6.2.5.2]"""
    stand.speak(1)
    await stand.until_at(len(stand.appended))
    making = m3u8.parse((await stand.get(playlist(stand))).text).segments[-1]
    held = asyncio.create_task(stand.get(f"{playlist(stand)}?_HLS_msn={making.number}"))
    await stand.until_waiting(1)
    while (said := len(stand.appended)) % CHUNKS_PER_SEGMENT:
        assert not held.done()
        stand.speak()
        await stand.until_at(said + 1)
    assert m3u8.parse((await held).text).whole[-1].number == making.number


@pytest.mark.usefixtures("minute")
async def test_a_reload_held_for_three_target_durations_is_unavailable(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[6.2.5.2]"""
    assert seconds(3 * 4 * 48_000) == playlists.BLOCK_NS / 1e9
    monkeypatch.setattr(playlists, "BLOCK_NS", 50_000_000)
    number, part = m3u8.parse((await stand.get(playlist(stand))).text).last_place
    response = await stand.get(f"{playlist(stand)}?_HLS_msn={number}&_HLS_part={part + 2}")
    assert response.status_code == 503
    assert response.headers["cache-control"] == "public, max-age=1"
    assert "retry-after" in response.headers


# Delta updates.


@pytest.mark.parametrize("skip", ["YES", "v2"])
@pytest.mark.usefixtures("minute")
async def test_a_delta_update_leaves_out_what_lies_beyond_the_skip_boundary_and_nothing_else(
    stand: Stand, skip: str
) -> None:
    """[4.4.5.2, 6.2.5.1]"""
    full = m3u8.parse((await stand.get(playlist(stand))).text)
    delta = m3u8.parse((await stand.get(f"{playlist(stand)}?_HLS_skip={skip}")).text)
    boundary = float(full.of("EXT-X-SERVER-CONTROL")["CAN-SKIP-UNTIL"])
    beyond = [each for each in full.whole if full.seconds_to_end(each.number) - each.duration >= boundary]
    assert delta.skipped == len(beyond) > 0
    assert delta.first == full.first
    assert delta.segments == full.segments[delta.skipped :]
    assert delta.hints == full.hints


async def test_a_playlist_too_short_to_skip_is_answered_in_full(versions: list[m3u8.Playlist]) -> None:
    """[6.2.5.1]"""
    assert all(each.skipped == 0 for each in versions)


# Delivery.


@pytest.mark.usefixtures("minute")
async def test_playlists_are_zipped_for_whoever_reads_it(stand: Stand) -> None:
    """Apple: playlists should be delivered with gzip."""
    for path in (playlist(stand), f"{stand.base}/index.m3u8", f"{playlist(stand)}?_HLS_msn=0"):
        zipped = await stand.get(path, **{"Accept-Encoding": "gzip, deflate"})
        plain = await stand.get(path, **{"Accept-Encoding": "identity"})
        refused = await stand.get(path, **{"Accept-Encoding": "gzip;q=0, *"})
        assert zipped.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert "content-encoding" not in refused.headers
        assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert zipped.text == plain.text
        assert int(zipped.headers["content-length"]) <= len(gzip.compress(plain.content)) + 32


@pytest.mark.usefixtures("minute")
async def test_each_kind_of_answer_is_kept_for_its_time(stand: Stand) -> None:
    """[Appendix B.1] Media for long, blocked reloads for six target durations by caches on the way, while a
    browser asks again; others for a second.
    """
    folder = f"{stand.base}/{RUN}/aac64"

    async def kept(path: str) -> str:
        return str((await stand.get(path)).headers["cache-control"])

    for path in ("3.m4s", "3.2.m4s", "init.mp4"):
        assert await kept(f"{folder}/{path}") == "public, max-age=31536000, immutable"
    assert await kept(f"{folder}/live.m3u8?_HLS_msn=3") == "public, max-age=0, s-maxage=24"
    for path in (f"{folder}/live.m3u8", f"{stand.base}/index.m3u8", f"{folder}/99.m4s"):
        assert await kept(path) == "public, max-age=1"
    assert await kept(f"/t/{'x' * 54}/space23456/live.json") == "no-store"


@pytest.mark.usefixtures("minute")
async def test_dates_are_those_of_now_and_scripts_may_read_date_and_age(stand: Stand) -> None:
    """[Appendix C, tune-in] A player learns from Date and Age how old a playlist is."""
    await asyncio.sleep(1.1)
    response = await stand.get(playlist(stand))
    now = parsedate_to_datetime((await stand.get("/time")).headers["date"])
    assert abs((now - parsedate_to_datetime(response.headers["date"])).total_seconds()) <= 1
    exposed = response.headers["access-control-expose-headers"]
    assert "Date" in exposed
    assert "Age" in exposed


@pytest.mark.usefixtures("minute")
async def test_everything_may_be_read_from_any_site(stand: Stand) -> None:
    answers: list[httpx.Response] = [
        await stand.get(path)
        for path in (playlist(stand), f"{playlist(stand)}?_HLS_part=1", f"{stand.base}/{RUN}/aac64/1.1.m4s")
    ]
    assert {each.headers["access-control-allow-origin"] for each in answers} == {"*"}


# The end. Keep these last: the tape ends here.


@pytest.mark.usefixtures("minute")
async def test_the_end_is_one_more_version_with_endlist_and_without_hint(stand: Stand) -> None:
    """[4.4.3.4, 6.2.1] Who waits hears of the last part at once, then of the end. All segments stay, whole to
    the last chunk, and their parts.
    """
    stand.speak(1)
    await stand.until_at(len(stand.appended))
    before = m3u8.parse((await stand.get(playlist(stand))).text)
    number, part = divmod((len(stand.appended) - 1) // CHUNKS_PER_PART, PARTS_PER_SEGMENT)
    last_part = asyncio.create_task(stand.get(f"{playlist(stand)}?_HLS_msn={number}&_HLS_part={part}"))
    held = asyncio.create_task(stand.get(f"{playlist(stand)}?_HLS_msn={number + 1}"))
    await stand.until_waiting(2)
    stand.writer.finish()
    closing, ended = m3u8.parse((await last_part).text), m3u8.parse((await held).text)
    assert "EXT-X-ENDLIST" not in closing.tags
    assert "EXT-X-ENDLIST" in ended.tags
    assert (closing.segments, closing.hints, closing.reports) == (ended.segments, [], [])
    assert ended.last_place == (number, part)
    assert (ended.hints, ended.reports) == ([], [])
    assert ended.first == before.first
    assert all(each.uri for each in ended.segments)
    last = ended.segments[-1]
    assert last.duration == pytest.approx(len(stand.appended) % CHUNKS_PER_SEGMENT * 0.32)
    whole = (await stand.get(f"{stand.base}/{RUN}/aac64/{last.uri}")).content
    assert whole == stand.spoken(last.number * CHUNKS_PER_SEGMENT, len(stand.appended))


async def test_after_the_end_every_reload_is_answered_at_once(stand: Stand) -> None:
    """[6.2.5.2]"""
    answers = [
        (await stand.get(f"{playlist(stand)}?{query}")).text
        for query in ("", "_HLS_msn=99", f"_HLS_msn={SEGMENTS + 1}&_HLS_part=3", "_HLS_msn=x", "_HLS_part=1")
    ]
    assert all(each.endswith("#EXT-X-ENDLIST\n") for each in answers)
