"""No rendition takes more bits than players are told, whatever sounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import programme
from harness.loudness import music
from rostra.audio.encoder import QuantumEncoder
from rostra.audio.encoding import ENCODINGS, Encoding
from rostra.audio.frame import Sound
from rostra.audio.rate import RateKeeper
from rostra.core.samples import CHUNKS_PER_SEGMENT, SAMPLE_RATE, SEGMENT, TICK


def claps(seconds: float = 16) -> Sound:
    """Noise that comes out of silence, three times a second, and goes as suddenly."""
    at = np.arange(round(seconds * SAMPLE_RATE))
    noise = np.random.default_rng(5).standard_normal(len(at)) * 0.15
    return (noise * (at * 3 / SAMPLE_RATE % 1 < 0.5)).astype(np.float32)


SOUNDS = {"claps": claps, "duller claps": programme.mix, "music out of silence": lambda: music(16, lufs=-16)}


def highest_rate(encoding: Encoding, sound: Sound) -> float:
    """Bits per second of the segment that has most of them, wherever it begins."""
    encoder = QuantumEncoder((encoding,))
    quanta = [q for at in range(0, len(sound), TICK) for q in encoder.push(sound[at : at + TICK])]
    sizes = np.array([sum(map(len, quantum[encoding.name])) for quantum in quanta])
    return float(np.convolve(sizes, np.ones(CHUNKS_PER_SEGMENT), "valid").max() * 8 * SAMPLE_RATE / SEGMENT)


@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda each: each.name)
def test_no_segment_takes_more_than_players_are_told(encoding: Encoding, name: str) -> None:
    assert highest_rate(encoding, SOUNDS[name]()) < encoding.bandwidth


FRAME_S = 1024 / SAMPLE_RATE


@given(st.lists(st.integers(0, 768), max_size=400))
def test_what_is_asked_for_is_never_more_than_the_rate_and_never_a_trickle(frames: list[int]) -> None:
    keeper = RateKeeper(64_000, FRAME_S)
    for size in frames:
        assert 20_000 < keeper.after(size) <= 64_000


def test_one_loud_onset_is_left_alone_and_a_debt_is_paid_back() -> None:
    keeper = RateKeeper(64_000, FRAME_S)
    share = round(64_000 * FRAME_S / 8)
    assert keeper.after(4 * share) == 64_000
    asked = [keeper.after(3 * share) for _ in range(8)]
    assert asked == sorted(asked, reverse=True)
    assert asked[-1] < 48_000
    assert [keeper.after(0) for _ in range(30)][-1] == 64_000
