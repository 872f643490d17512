"""Opus on bytes that can be trusted, that are missing, and that are neither."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.call import Encoder, packets_of, purity, syllables, tone
from rostra.audio.opus import LONGEST, OpusDecoder, remembers, samples_in
from rostra.core.samples import TICK


@pytest.mark.parametrize("samples", [120, 480, TICK, 3 * TICK])
def test_a_tone_comes_out_as_it_went_in(samples: int) -> None:
    decoder = OpusDecoder()
    packets = packets_of(tone(440, 1), Encoder(bit_rate=64_000), samples=samples)
    assert {samples_in(packet) for packet in packets} == {samples}
    heard = np.concatenate([decoder.decode(packet, samples).copy() for packet in packets])
    assert purity(heard[4800:], 440) > 0.999
    assert np.abs(heard[4800:]).max() == pytest.approx(0.25, abs=0.03)


def test_stereo_is_heard_as_the_mean_of_both_sides() -> None:
    left = tone(440, 1)
    both = np.column_stack((left, np.zeros_like(left))).ravel()
    decoder = OpusDecoder()
    packets = packets_of(both, Encoder(bit_rate=96_000, channels=2), samples=2 * TICK)
    heard = np.concatenate([decoder.decode(packet, TICK).copy() for packet in packets])
    assert np.abs(heard[4800:]).max() == pytest.approx(0.125, abs=0.02)
    assert purity(heard[4800:], 440) > 0.99


def test_a_lost_packet_of_speech_comes_back_from_the_copy_in_the_next() -> None:
    packets = packets_of(syllables(2))
    assert sum(map(remembers, packets)) > len(packets) / 2
    whole, patched, guessed = OpusDecoder(), OpusDecoder(), OpusDecoder()
    errors = {"copy": 0.0, "guess": 0.0}
    for number, packet in enumerate(packets[:-1]):
        following = packets[number + 1]
        truth = whole.decode(packet, TICK).copy()
        if number % 10 == 5 and remembers(following):
            errors["copy"] += float(np.sum((patched.recover(following, TICK) - truth) ** 2))
            errors["guess"] += float(np.sum((guessed.conceal(TICK) - truth) ** 2))
        else:
            patched.decode(packet, TICK)
            guessed.decode(packet, TICK)
    assert errors["copy"] < errors["guess"] / 2


def test_what_is_made_up_goes_on_at_first_and_fades() -> None:
    decoder = OpusDecoder()
    for packet in packets_of(tone(300, 0.5)):
        decoder.decode(packet, TICK)
    assert np.abs(decoder.conceal(TICK)).max() > 0.1
    for _ in range(50):
        last = decoder.conceal(TICK)
    assert np.abs(last).max() < 0.02


@given(st.lists(st.binary(max_size=1300), max_size=8), st.integers(1, LONGEST))
def test_no_bytes_are_too_strange(payloads: list[bytes], samples: int) -> None:
    decoder = OpusDecoder()
    for payload in payloads:
        told = samples_in(payload)
        assert 0 <= told <= LONGEST
        remembers(payload)
        for sound in (
            decoder.decode(payload, told or samples),
            decoder.recover(payload, samples),
            decoder.conceal(samples),
        ):
            assert np.isfinite(sound).all()
            assert np.abs(sound).max(initial=0) <= 1
