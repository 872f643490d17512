"""HLS playlists by the rules of RFC 8216bis."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SEGMENT
from rostra.media import hls
from rostra.media.hls import ByteRange, Variant
from rostra.media.hls_live import LiveSegment, live

ANCHOR = 1_700_000_000_123_456_789


def text(segments: list[LiveSegment], *, ended: bool = False) -> str:
    return live(segments, anchor_utc_ns=ANCHOR, ended=ended).decode()


def whole(*numbers: int) -> list[LiveSegment]:
    return [LiveSegment(number, CHUNKS_PER_SEGMENT, complete=True) for number in numbers]


def test_a_multivariant_playlist_names_codec_and_bandwidth() -> None:
    lines = hls.multivariant([Variant("r/aac64/live.m3u8", "mp4a.40.2", 72_000)]).decode().splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-2:] == ['#EXT-X-STREAM-INF:BANDWIDTH=72000,CODECS="mp4a.40.2"', "r/aac64/live.m3u8"]


def test_a_multivariant_playlist_keeps_the_order_that_it_is_given() -> None:
    given = [Variant("low", "mp4a.40.2", 40_000), Variant("high", "mp4a.40.2", 128_000)]
    for variants in (given, given[::-1]):
        lines = hls.multivariant(variants).decode().splitlines()
        assert [line for line in lines if not line.startswith("#")] == [each.uri for each in variants]


def test_the_segment_in_the_making_is_listed_by_its_whole_parts_and_a_hint() -> None:
    listed = text([*whole(7), LiveSegment(8, 5, complete=False)])
    assert '#EXT-X-PART:DURATION=0.64,URI="8.1.m4s",INDEPENDENT=YES' in listed
    assert '"8.2.m4s"' in listed.splitlines()[-1]
    assert listed.endswith('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.2.m4s"\n')
    assert "\n8.m4s" not in listed


def test_after_a_whole_segment_the_hint_is_the_next_ones_first_part() -> None:
    assert text(whole(3)).endswith('URI="4.0.m4s"\n')


def test_a_plain_playlist_has_whole_segments_and_no_word_of_parts() -> None:
    segments = [*whole(7), LiveSegment(8, 5, complete=False)]
    listed = live(
        segments, anchor_utc_ns=ANCHOR, ended=False, reports=["../other/live.m3u8"], plain=True
    ).decode()
    assert listed.endswith("#EXTINF:3.84,\n7.m4s\n")
    assert "PART" not in listed
    assert "RELOAD" not in listed
    assert "HOLD-BACK=12.0" in listed


def test_a_segments_date_is_the_anchor_plus_its_samples() -> None:
    assert "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:23.963Z" in text(whole(1))


def test_an_ended_playlist_says_so_and_its_last_segment_may_be_short() -> None:
    listed = text([*whole(0), LiveSegment(1, 3, complete=True)], ended=True)
    assert listed.endswith("#EXTINF:0.96,\n1.m4s\n#EXT-X-ENDLIST\n")
    assert '#EXT-X-PART:DURATION=0.32,URI="1.1.m4s"' in listed, "who plays by parts goes on by them"
    assert "PRELOAD-HINT" not in listed


def test_a_playlist_that_closes_has_all_parts_and_no_word_of_further_ones() -> None:
    segments = [*whole(0), LiveSegment(1, 3, complete=True)]
    listed = live(segments, anchor_utc_ns=ANCHOR, ended=False, closing=True, reports=["../b/live.m3u8"])
    assert listed + b"#EXT-X-ENDLIST\n" == text(segments, ended=True).encode()


def test_a_tape_without_a_chunk_has_a_playlist() -> None:
    listed = text([LiveSegment(0, 0, complete=False)])
    assert "#EXT-X-MEDIA-SEQUENCE:0\n" in listed
    assert listed.endswith('URI="0.0.m4s"\n')


def test_a_recording_is_byte_ranges_of_one_file() -> None:
    ranges = [ByteRange(SEGMENT, 1_000, 30_000), ByteRange(QUANTUM, 31_000, 2_500)]
    listed = hls.recording(ranges, media_uri="../aac64.mp4", anchor_utc_ns=ANCHOR).decode()
    assert "#EXTINF:3.84,\n#EXT-X-BYTERANGE:30000@1000\n../aac64.mp4\n" in listed
    assert listed.endswith("#EXTINF:0.32,\n#EXT-X-BYTERANGE:2500@31000\n../aac64.mp4\n#EXT-X-ENDLIST\n")
    assert '#EXT-X-MAP:URI="init.mp4"' in listed


@given(st.integers(0, 10**6), st.integers(0, 12), st.integers(0, 11), st.booleans())
def test_every_live_playlist_keeps_the_rules(first: int, count: int, chunks: int, ended: bool) -> None:
    segments = whole(*range(first, first + count))
    if chunks or not ended:
        segments.append(LiveSegment(first + count, chunks, complete=ended))
    listed = text(segments, ended=ended)
    target = int(re.findall(r"TARGETDURATION:(\d+)", listed)[0])
    part_target = float(re.findall(r"PART-TARGET=([\d.]+)", listed)[0])
    hold_back = float(re.findall(r"PART-HOLD-BACK=([\d.]+)", listed)[0])
    assert hold_back >= 3 * part_target
    assert all(round(float(each)) <= target for each in re.findall(r"#EXTINF:([\d.]+)", listed))
    assert all(float(each) <= part_target for each in re.findall(r"PART:DURATION=([\d.]+)", listed))
    assert len(re.findall(r"\n\d+\.m4s\n", listed)) == sum(each.complete for each in segments)
    assert ("ENDLIST" in listed) is ended
    assert ("PRELOAD-HINT" in listed) is not ended
