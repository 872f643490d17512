"""A programme for tapes: real frames of two renditions or all, and the sound they were made from.

The sound is low-passed noise, pulsed three times a second: nothing in it repeats, so that a shift of
one sample shows. Made once per process.
"""

from __future__ import annotations

import functools

import numpy as np

from rostra.audio.encoder import Quantum, QuantumEncoder, silent_quantum
from rostra.audio.encoding import AAC_64, OPUS_32, Encoding, offered
from rostra.audio.frame import Sound
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import QUANTUM, SAMPLE_RATE, TICK, frames_in
from rostra.media.cmaf import AAC, Track
from rostra.tape import Genesis

PAIR = (AAC_64, OPUS_32)
"""What most tests of tapes write: one rendition of each kind."""
FULL = offered(mp3=True)
QUANTA = 50
"""16 s, four segments and two chunks."""


@functools.cache
def mix() -> Sound:
    """What was spoken: :data:`QUANTA` quanta."""
    length = QUANTA * QUANTUM
    noise = np.convolve(np.random.default_rng(7).standard_normal(length), np.hanning(24), "same")
    pulsed = noise * (np.sin(np.arange(length) * 2 * np.pi * 3 / SAMPLE_RATE) > 0)
    return (0.7 * pulsed / np.abs(pulsed).max()).astype(np.float32)


@functools.cache
def quanta(encodings: tuple[Encoding, ...] = PAIR) -> tuple[Quantum, ...]:
    """:func:`mix`, encoded. To be repeated, take 48 of them: MP3 repeats every third."""
    encoder, out = QuantumEncoder(encodings), []
    for start in range(0, len(mix()), TICK):
        out += encoder.push(mix()[start : start + TICK])
    return tuple(out + encoder.drain(partial=True))


def silence(quantum: int = 0) -> Quantum:
    """All renditions of a quantum in which nobody speaks."""
    longest = silent_quantum(FULL)
    return {each.name: longest[each.name][: frames_in(quantum, each.frame_samples)] for each in FULL}


@functools.cache
def tracks(encodings: tuple[Encoding, ...] = PAIR) -> tuple[Track, ...]:
    """The renditions, as the stage would state them."""
    configs = QuantumEncoder(encodings).configs()
    return tuple(
        Track(
            each.name,
            each.codec,
            each.bandwidth,
            each.frame_samples,
            configs[each.name] if each.codec == AAC else b"",
            each.average_bandwidth,
            each.bit_rate,
        )
        for each in encodings
    )


def genesis(title: str = "An evening") -> Genesis:
    """A genesis for those renditions."""
    return Genesis(
        SpaceId("space23456"), RunId("run23456"), title, 1_700_000_000_000_000_000, tracks(), {"seed": 7}
    )


def shift(heard: Sound, spoken: Sound) -> int:
    """How many samples later ``heard`` is than ``spoken``, by correlation."""
    size = 1 << (len(heard) + len(spoken) - 1).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size))
    best = int(np.argmax(np.fft.irfft(product, size)))
    return best if best < size // 2 else best - size
