"""Padded frames sound as before, to the sample."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import programme
from rostra.audio.encoder import silent_quantum
from rostra.media import padding


def decoded(codec: str, frames: list[bytes], config: bytes) -> np.ndarray:
    decoder = av.CodecContext.create(codec, "r")
    decoder.extradata = config
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    heard = [each.to_ndarray()[0] for frame in frames for each in decoder.decode(av.Packet(frame))]
    return np.concatenate(heard)


@pytest.mark.parametrize("least", [2, 64, 250])
@pytest.mark.parametrize("name", ["aac64", "opus32"])
@pytest.mark.parametrize("silent", [True, False], ids=["silence", "sound"])
def test_a_padded_frame_decodes_to_the_same_samples(name: str, least: int, silent: bool) -> None:
    frames = list(silent_quantum(programme.PAIR)[name] if silent else programme.quanta()[3][name])
    pad = padding.aac if name == "aac64" else padding.opus
    padded = [pad(frame, least=least) for frame in frames]
    assert all(len(frame) >= min(least, 64) or len(frame) == least - 1 for frame in padded)
    config = programme.tracks()[0].config if name == "aac64" else b""
    codec = "aac" if name == "aac64" else "libopus"
    assert np.array_equal(decoded(codec, padded, config), decoded(codec, frames, config))


@given(st.binary(max_size=300), st.integers(0, 400))
def test_padding_adds_no_more_than_it_was_asked_for(frame: bytes, least: int) -> None:
    for pad in (padding.aac, padding.opus):
        assert len(frame) <= len(pad(frame, least=least)) <= max(len(frame), least)
