"""ADTS, read back by FFmpeg."""

from __future__ import annotations

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import programme
from rostra.media.adts import MAX_FRAME_BYTES, Format
from rostra.media.cmaf import AAC

CONFIG = b"\x11\x88"
"""AAC-LC, 48 kHz, mono."""


def test_ffmpeg_reads_the_frames_back_as_they_were() -> None:
    track = next(track for track in programme.tracks() if track.codec == AAC)
    frames = [frame for quantum in programme.quanta()[:4] for frame in quantum[track.name]]
    with av.open(io.BytesIO(Format.parse(track.config).wrap(frames)), format="aac") as stream:
        found = [bytes(packet)[7:] for packet in stream.demux() if packet.size]
        assert (stream.streams.audio[0].rate, stream.streams.audio[0].channels) == (48_000, 1)
    assert found == frames


def test_a_header_states_aac_lc_at_48_khz() -> None:
    header = Format.parse(CONFIG).header(100)
    assert header[:2] == b"\xff\xf1"
    assert (header[2] >> 6, header[2] >> 2 & 0xF, (header[2] & 1) << 2 | header[3] >> 6) == (1, 3, 1)


@given(st.integers(1, MAX_FRAME_BYTES))
def test_a_header_states_the_length_of_frame_and_header(size: int) -> None:
    header = Format.parse(CONFIG).header(size)
    assert len(header) == 7
    assert (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5 == size + 7


@pytest.mark.parametrize("size", [0, -1, MAX_FRAME_BYTES + 1])
def test_a_frame_that_no_header_can_state_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="8184"):
        Format.parse(CONFIG).header(size)


@given(st.binary(max_size=6))
def test_any_config_is_read_or_refused(config: bytes) -> None:
    try:
        header = Format.parse(config).header(1)
    except ValueError:
        return
    assert header[:2] == b"\xff\xf1"
