"""The DASH manifest, read as XML."""

from __future__ import annotations

from xml.etree import ElementTree

from rostra.core.samples import SEGMENT
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.media.dash import Manifest, manifest

TRACKS = (Track("aac64", AAC, 72_000, 1024, b"\x11\x88"), Track("opus32", OPUS, 40_000, 960))
NAME = {"d": "urn:mpeg:dash:schema:mpd:2011"}


def read(duration_samples: int | None = None) -> ElementTree.Element:
    stated = Manifest(
        tracks=TRACKS,
        base_uri="http://edge/t/a&b/space/",
        run="run23456",
        anchor_utc_ns=1_700_000_000_500_000_000,
        time_uri="http://edge/time",
        duration_samples=duration_samples,
    )
    return ElementTree.fromstring(manifest(stated))


def test_a_live_manifest_lets_players_ask_for_a_segment_after_its_first_chunk() -> None:
    mpd = read()
    assert mpd.get("type") == "dynamic"
    assert mpd.get("availabilityStartTime") == "2023-11-14T22:13:20.500Z"
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


def test_every_codec_has_its_own_set_with_inband_events() -> None:
    sets = read().findall(".//d:AdaptationSet", NAME)
    codecs = [[each.get("codecs") for each in one.iterfind("d:Representation", NAME)] for one in sets]
    assert codecs == [["mp4a.40.2"], ["opus"]]
    assert all(one.find("d:InbandEventStream", NAME) is not None for one in sets)


def test_an_ended_tape_has_a_static_manifest_with_its_length() -> None:
    mpd = read(duration_samples=48_000 * 10)
    assert mpd.get("type") == "static"
    assert mpd.get("mediaPresentationDuration") == "PT10.000S"
    assert mpd.find("d:UTCTiming", NAME) is None
