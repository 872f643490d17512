"""Captions of a recording as files that players read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.samples import SAMPLE_RATE
from rostra.media import hls, webvtt
from rostra.media.events import Caption
from rostra.media.hls import Subtitles, Variant
from rostra.media.webvtt import Cue

S = SAMPLE_RATE


def line(text: str, at_s: float, lasts_s: float = 2, lang: str = "en") -> Caption:
    return Caption(id="c", at=round(at_s * S), samples=round(lasts_s * S), text=text, lang=lang)


def test_a_file_says_when_each_line_stands_there() -> None:
    cues = webvtt.cues(
        [line("Good evening.", 1.5), line("Welcome.", 3725.25)], "en", duration_samples=4000 * S
    )
    text = webvtt.document(cues).decode()
    assert text.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n")
    assert (
        "\n\n00:00:01.500 --> 00:00:03.500\nGood evening.\n\n01:02:05.250 --> 01:02:07.250\nWelcome.\n"
        in text
    )


def test_nothing_that_is_written_can_be_taken_for_markup_or_another_line() -> None:
    nasty = "a <b>bold</b> & brave --> arrow\n\n00:00:09.000 --> 00:00:10.000\nforged"
    text = webvtt.document([Cue(0, S, nasty)]).decode()
    assert text.count("-->") == 1
    assert (
        "a &lt;b&gt;bold&lt;/b&gt; &amp; brave --&gt; arrow 00:00:09.000 --&gt; 00:00:10.000 forged" in text
    )


@given(st.lists(st.tuples(st.text(max_size=300), st.integers(0, 10**9), st.integers(0, 10**6)), max_size=20))
def test_whatever_is_written_a_file_has_as_many_cues_as_lines(written: list[tuple[str, int, int]]) -> None:
    lines = [Caption(id="c", at=at, samples=samples, text=text, lang="en") for text, at, samples in written]
    found = webvtt.cues(lines, "en", duration_samples=10**10)
    head, *cues = webvtt.document(found).decode().rstrip("\n").split("\n\n")
    assert head.startswith("WEBVTT")
    starts = [cue.split("\n")[0].split(" --> ")[0] for cue in cues if cue]
    assert len(starts) == len(found)
    assert starts == sorted(starts)
    assert all(cue.count("-->") == 1 for cue in cues if cue)


def test_a_line_that_came_late_stands_where_it_was_said_for_as_long_as_it_is_read() -> None:
    cues = webvtt.cues([line("Second", 4), line("First", 3, 5)], "en", duration_samples=60 * S)
    assert cues == [Cue(3 * S, 8 * S, "First"), Cue(4 * S, 6 * S, "Second")]


def test_of_lines_that_begin_close_together_two_stand_there_and_each_for_a_second_at_least() -> None:
    said = [line("A", 1, 4), line("B", 1.2, 4), line("C", 3, 4), line("D", 3, 4)]
    cues = webvtt.cues(said, "en", duration_samples=60 * S)
    assert [(cue.text, cue.end - cue.start) for cue in cues] == [
        ("A", 2 * S),
        ("B", 3 * S - round(1.2 * S)),
        ("C", 4 * S),
        ("D", 4 * S),
    ]
    at_once = webvtt.cues([line(text, 1, 4) for text in "ABC"], "en", duration_samples=60 * S)
    assert [(cue.text, cue.end) for cue in at_once] == [("A", 2 * S), ("B", 5 * S), ("C", 5 * S)]


def test_no_line_outlasts_the_recording_or_begins_after_it() -> None:
    cues = webvtt.cues([line("Last words", 9, 5), line("Too late", 10)], "en", duration_samples=10 * S)
    assert cues == [Cue(9 * S, 10 * S, "Last words")]


def test_the_language_with_most_lines_comes_first_and_what_is_no_tag_is_left_out() -> None:
    lines = [line("a", 1), line("b", 2, lang="es"), line("c", 3, lang="es"), line("d", 4, lang='x"\n#EXT')]
    assert webvtt.languages(lines) == ["es", "en"]
    assert [cue.text for cue in webvtt.cues(lines, "es", duration_samples=9 * S)] == ["b", "c"]


def test_hls_offers_them_as_subtitles_of_every_rendition() -> None:
    playlist = hls.multivariant(
        [Variant("aac64/index.m3u8", "mp4a.40.2", 72_000)], [Subtitles("captions.es.m3u8", "es")]
    ).decode()
    assert '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",LANGUAGE="es"' in playlist
    assert 'URI="captions.es.m3u8"' in playlist
    assert 'CODECS="mp4a.40.2",SUBTITLES="captions"' in playlist
    assert "SUBTITLES" not in hls.multivariant([Variant("a", "mp4a.40.2", 1)]).decode()


def test_a_subtitle_playlist_is_the_whole_file_as_one_segment() -> None:
    text = webvtt.playlist("captions.es.vtt", duration_samples=round(12.3 * S)).decode()
    assert "#EXT-X-TARGETDURATION:13\n" in text
    assert "#EXTINF:12.300,\ncaptions.es.vtt\n#EXT-X-ENDLIST" in text


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("pt-br", "pt-BR"),
        ("PT-BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("EN", "en"),
        ("de-CH-1901", "de-CH-1901"),
    ],
)
def test_a_language_is_one_however_its_tag_is_written(written: str, tag: str) -> None:
    assert webvtt.spelled(written) == tag
