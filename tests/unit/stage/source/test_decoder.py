"""What programs send that play one file after the other is heard to its end, whatever lies between."""

from __future__ import annotations

import io
from itertools import zip_longest
from typing import Any

import numpy as np
import pytest
from av import AudioFrame
from hypothesis import given
from hypothesis import strategies as st

from harness.files_in_a_row import TAG, ogg_picture, picture, tone_file
from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE
from rostra.stage.source.buffer import SourceBuffer
from rostra.stage.source.decoder import MOST_UNHEARD_BYTES, _mono, beginning_of, decode
from rostra.stage.source.sync import find_sync

MP3, AAC = tone_file("mp3", "libmp3lame"), tone_file("adts", "aac")
HALF = len(MP3) // 2
TOO_LONG = MOST_UNHEARD_BYTES * 3 // 2
LONG_COMMENT = tone_file("ogg", "libopus", comment="A" * TOO_LONG)


class Taken(SourceBuffer):
    """All is taken as soon as it comes."""

    def put(self, sound: Sound, *, timeout_s: float = 10.0) -> bool:
        return True


def beside(one: bytes, other: bytes) -> bytes:
    """Two Ogg streams in one (RFC 3533 section 4): both beginnings, then a page of each in turn."""
    (begin, *pages), (begin_other, *pages_other) = (
        [b"OggS" + page for page in ogg.split(b"OggS")[1:]] for ogg in (one, other)
    )
    in_turn = zip_longest(pages, pages_other, fillvalue=b"")
    return b"".join([begin, begin_other, *(page for both in in_turn for page in both)])


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(MP3 + TAG + MP3, id="another MP3 with a title"),
        pytest.param(MP3[:-100] + MP3, id="an MP3 cut within a frame"),
        pytest.param(MP3[:HALF] + bytes(8) + MP3[HALF + 8 :] + MP3, id="a broken frame of MP3"),
        pytest.param(AAC + TAG + AAC, id="another AAC with a title"),
        pytest.param(AAC[:-40] + AAC, id="an AAC cut within a frame"),
    ],
)
def test_a_file_after_another_is_heard_to_its_end(sent: bytes) -> None:
    pipe: Any = io.BytesIO(sent)
    buffer = SourceBuffer()
    assert decode(pipe, buffer) == ""
    assert len(buffer) / SAMPLE_RATE == pytest.approx(2, abs=0.25)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(MP3[137:], id="MP3"),
        pytest.param(MP3[HALF:] + MP3[HALF:], id="half an MP3, twice"),
        pytest.param(AAC[57:], id="AAC"),
        pytest.param(bytes(3_000) + AAC, id="AAC behind nothing"),
        pytest.param(TAG + AAC, id="AAC behind a title"),
        pytest.param(TAG + TAG + MP3, id="MP3 behind two titles"),
        pytest.param(picture(3_000_000) + MP3, id="MP3 behind a picture"),
        pytest.param(tone_file("ogg", "libopus", comment="A" * 3_000_000), id="Opus behind a long comment"),
    ],
)
def test_a_source_is_heard_from_the_first_whole_frame_on_whatever_stands_before_it(sent: bytes) -> None:
    pipe: Any = io.BytesIO(sent)
    buffer = SourceBuffer()
    assert decode(pipe, buffer) == ""
    assert len(buffer) / SAMPLE_RATE == pytest.approx(1, abs=0.25)


def test_files_in_ogg_are_heard_one_after_the_other_each_with_its_picture() -> None:
    files = [tone_file("ogg", "libopus", metadata_block_picture=ogg_picture(50_000)) for _ in range(3)]
    pipe: Any = io.BytesIO(b"".join(files))
    buffer = SourceBuffer()
    assert decode(pipe, buffer) == ""
    assert len(buffer) / SAMPLE_RATE == pytest.approx(3, abs=0.25)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(LONG_COMMENT, id="a comment of Ogg"),
        pytest.param(beside(tone_file("ogg", "libopus", seconds=60), LONG_COMMENT), id="beside sound in Ogg"),
        pytest.param(picture(TOO_LONG), id="a picture before MP3"),
        pytest.param(picture(50_000) * 240, id="picture upon picture"),
        pytest.param(AAC + picture(TOO_LONG), id="a picture within AAC"),
        pytest.param(AAC + bytes(TOO_LONG), id="nothing after AAC"),
    ],
)
def test_what_holds_no_sound_is_taken_for_so_long_and_no_longer(sent: bytes) -> None:
    pipe: Any = io.BytesIO(sent)
    assert decode(pipe, Taken()) != ""
    assert pipe.tell() < MOST_UNHEARD_BYTES + 100_000


def test_a_frame_is_known_as_soon_as_the_next_one_begins() -> None:
    begins = find_sync(AAC[57:])
    assert begins is not None
    container, at = begins
    frame = AAC[57 + at :]
    length = int.from_bytes(frame[3:6], "big") >> 5 & 0x1FFF
    assert (container, find_sync(frame[: length + 6]), find_sync(frame[: length + 7])) == (
        "aac",
        None,
        ("aac", 0),
    )


@pytest.mark.parametrize(
    "sent", [bytes(20_000), b"\xff" * 20_000, b"RIFF" + bytes(9_000), b"no sound at all"]
)
def test_what_holds_no_frame_is_refused(sent: bytes) -> None:
    pipe: Any = io.BytesIO(sent)
    assert "not accepted" in decode(pipe, SourceBuffer())
    assert pipe.tell() <= 9_216


@given(
    st.one_of(
        st.binary(max_size=600), st.lists(st.sampled_from([b"\xff", b"\xfb", b"\xf1\x50"])).map(b"".join)
    )
)
def test_whatever_comes_first_is_one_of_three_or_not_known_yet(first: bytes) -> None:
    begins = beginning_of(first)
    assert begins is None or (begins[0] in ("ogg", "mp3", "aac") and 0 <= begins[1] < len(first))


def test_what_no_loudspeaker_could_play_never_reaches_the_mix() -> None:
    sent = np.array([[0.25, 1e25, -1e25, np.inf, -np.inf, np.nan, -0.5]], np.float32)
    frame = AudioFrame.from_ndarray(sent, format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    heard = np.concatenate(list(_mono([frame])))
    assert heard.tolist() == [0.25, 1, -1, 1, -1, 0, -0.5]
