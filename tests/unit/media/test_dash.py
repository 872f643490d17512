"""The DASH manifest, read as XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from rostra.core.samples import SEGMENT
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.media.dash import Manifest, Recorded, manifest, recording
from rostra.media.hls import ByteRange

TRACKS = (
    Track("aac64", AAC, 72_000, 1024, b"\x11\x88"),
    Track("opus32", OPUS, 40_000, 960),
    Track("aac32", AAC, 40_000, 1024, b"\x11\x88"),
    Track("opus16", OPUS, 24_000, 960),
)
ANCHOR_NS, PUBLISHED_NS, HOUR = 1_700_000_000_500_000_000, 1_700_000_060_000_000_000, 3_600 * 48_000
NAME = {"d": "urn:mpeg:dash:schema:mpd:2011"}


def read(
    *, samples: int = HOUR, ended: bool = False, first: int = 0, cadence: int = 1
) -> ElementTree.Element:
    stated = Manifest(
        tracks=TRACKS,
        base_uri="http://edge/t/a&b/space/",
        run="run23456",
        anchor_utc_ns=ANCHOR_NS,
        time_uri="http://edge/time",
        published_utc_ns=PUBLISHED_NS,
        samples=samples,
        ended=ended,
        first=first,
        cadence=cadence,
    )
    return ElementTree.fromstring(manifest(stated))


def test_a_live_manifest_lets_players_ask_for_a_segment_after_its_first_chunk() -> None:
    mpd = read()
    assert mpd.get("type") == "dynamic"
    assert mpd.get("availabilityStartTime") == "2023-11-14T22:13:20.500Z"
    assert mpd.get("publishTime") == "2023-11-14T22:14:20.000Z"
    for template in mpd.iterfind(".//d:SegmentTemplate", NAME):
        assert template.get("availabilityTimeOffset") == "3.52"
        assert template.get("availabilityTimeComplete") == "false"
        assert (template.get("timescale"), template.get("duration")) == ("48000", str(SEGMENT))
        assert template.get("media") == "run23456/$RepresentationID$/$Number$.m4s"


def test_players_are_told_where_to_set_their_clock_and_where_all_lies() -> None:
    mpd = read()
    timing = mpd.find("d:UTCTiming", NAME)
    assert timing is not None
    assert timing.get("value") == "http://edge/time"
    assert mpd.findtext("d:BaseURL", namespaces=NAME) == "http://edge/t/a&b/space/"


def test_a_live_manifest_says_how_far_behind_to_play_and_when_to_look_again() -> None:
    mpd = read()
    assert mpd.get("minimumUpdatePeriod") == "PT10S"
    service = mpd.find("d:ServiceDescription", NAME)
    assert service is not None
    latency, rate = service.find("d:Latency", NAME), service.find("d:PlaybackRate", NAME)
    assert latency is not None
    assert rate is not None
    assert 0 < int(latency.get("min", 0)) < int(latency.get("target", 0)) < int(latency.get("max", 0))
    assert float(rate.get("min", 0)) < 1 < float(rate.get("max", 0))
    for one in mpd.iterfind(".//d:ProducerReferenceTime", NAME):
        assert one.get("id") == latency.get("referenceId")
        assert (one.get("wallClockTime"), one.get("presentationTime")) == ("2023-11-14T22:13:20.500Z", "0")


@pytest.mark.parametrize(
    ("cadence", "offset", "latency_ms"),
    [(1, "3.52", (800, 1500, 6000)), (4, "2.56", (1760, 2460, 6960)), (12, "0.00", (4320, 5020, 9520))],
)
def test_players_ask_for_a_segment_and_stay_behind_as_writes_come(
    cadence: int, offset: str, latency_ms: tuple[int, ...]
) -> None:
    mpd = read(cadence=cadence)
    offsets = {each.get("availabilityTimeOffset") for each in mpd.iterfind(".//d:SegmentTemplate", NAME)}
    assert offsets == {offset}
    latency = mpd.find(".//d:Latency", NAME)
    assert latency is not None
    assert tuple(int(latency.get(name, 0)) for name in ("min", "target", "max")) == latency_ms
    assert mpd.get("suggestedPresentationDelay") == f"PT{latency_ms[1] / 1000}S"


@pytest.mark.parametrize(
    ("samples", "window"), [(0, "PT3.84S"), (5 * SEGMENT - 1, "PT15.36S"), (HOUR, "PT38.40S")]
)
def test_a_young_programme_offers_no_more_than_there_is(samples: int, window: str) -> None:
    assert read(samples=samples).get("timeShiftBufferDepth") == window


def test_a_manifest_whose_window_has_grown_is_a_later_one() -> None:
    published = [read(samples=segments * SEGMENT).get("publishTime", "") for segments in (2, 9, 10, 20)]
    assert published == sorted(published)
    assert published[2] == published[3] == "2023-11-14T22:14:20.000Z"


def test_elements_come_in_the_order_of_the_schema() -> None:
    """ISO/IEC 23009-1 5.3.1.3 and 5.3.3.3: players that validate stop at the first out of place."""
    mpd = read()
    names = [each.tag.partition("}")[2] for each in mpd]
    assert names == ["BaseURL", "ServiceDescription", "Period", "UTCTiming"]
    one = mpd.find(".//d:AdaptationSet", NAME)
    assert one is not None
    assert [each.tag.partition("}")[2] for each in one] == [
        "InbandEventStream",
        "ProducerReferenceTime",
        "SegmentTemplate",
        *["Representation"] * 2,
    ]


def test_every_codec_has_its_own_set_with_inband_events() -> None:
    sets = read().findall(".//d:AdaptationSet", NAME)
    codecs = [[each.get("codecs") for each in one.iterfind("d:Representation", NAME)] for one in sets]
    assert codecs == [["mp4a.40.2"] * 2, ["opus"] * 2]
    assert all(one.find("d:InbandEventStream", NAME) is not None for one in sets)


def test_an_ended_tape_has_a_static_manifest_with_its_length() -> None:
    mpd = read(samples=48_000 * 10, ended=True)
    assert mpd.get("type") == "static"
    assert mpd.get("mediaPresentationDuration") == "PT10.000S"
    assert mpd.find("d:UTCTiming", NAME) is None


def test_where_the_end_alone_is_to_be_had_the_manifest_says_so_and_moves_nothing() -> None:
    """5.3.2.1, 5.3.9.2.2: a sample stays where a player has it that was there before."""
    mpd = read(samples=20 * SEGMENT + 24_000, ended=True, first=17)
    assert mpd.get("mediaPresentationDuration") == "PT77.300S"
    (period,) = mpd.findall("d:Period", NAME)
    assert (period.get("start"), period.get("duration")) == ("PT65.28S", "PT12.020S")
    for template in mpd.iterfind(".//d:SegmentTemplate", NAME):
        assert template.get("startNumber") == "17"
        assert template.get("presentationTimeOffset") == str(17 * SEGMENT)


def test_a_recording_is_byte_ranges_of_one_file_a_rendition() -> None:
    segments = [ByteRange(SEGMENT, 1_000, 500), ByteRange(SEGMENT // 2, 1_500, 260)]
    files = [
        Recorded(name, codec, 72_000, f"{name}/init.mp4", f"{name}.mp4", segments)
        for name, codec in (("aac64", AAC), ("opus32", OPUS), ("aac32", AAC))
    ]
    mpd = ElementTree.fromstring(recording(files))
    assert (mpd.get("type"), mpd.get("mediaPresentationDuration")) == ("static", "PT5.760S")
    sets = mpd.findall(".//d:AdaptationSet", NAME)
    assert [[each.get("id") for each in one.iterfind("d:Representation", NAME)] for one in sets] == [
        ["aac64", "aac32"],
        ["opus32"],
    ]
    opus = sets[1].find(".//d:SegmentList", NAME)
    assert opus is not None
    assert (opus.get("timescale"), opus.get("duration")) == ("48000", str(SEGMENT))
    assert [dict(each.items()) for each in opus] == [
        {"sourceURL": "opus32/init.mp4"},
        {"mediaRange": "1000-1499"},
        {"mediaRange": "1500-1759"},
    ]
    assert sets[1].findtext(".//d:BaseURL", namespaces=NAME) == "opus32.mp4"
