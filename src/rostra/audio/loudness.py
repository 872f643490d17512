"""How loud sound is to a person: K-weighted power (ITU-R BS.1770-5, Annex 1), many voices at once.

The weighting is done on the spectrum of each tick, under a Hann window: over the 400 ms that loudness is
counted in it agrees with the filters of the recommendation to a few tenths of a LU, at a tenth of their cost.
The programme is mono and is heard from two loudspeakers: so levels are those of its two equal channels, as
FFmpeg's ``ebur128=dualmono=true`` states them. Pure.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE, TICK

Values: TypeAlias = npt.NDArray[np.float64]
"""One number a row."""

TARGET_LUFS = -16.0
"""How loud the programme is (AES TD1008: the loudness of speech in streams)."""
QUIETEST_LUFS = -90.0
_OFFSET_DB = -0.691 + 10 * math.log10(2)
_WINDOW = np.hanning(TICK).astype(np.float32)

_PARTS = 4
_NOTHING = np.float32(1e-12)


def _biquad(b: tuple[float, float, float], a: tuple[float, float, float]) -> npt.NDArray[np.complex128]:
    turn = np.exp(-2j * np.pi * np.arange(TICK // 2 + 1) / TICK)
    steps = np.stack([turn**0, turn, turn**2])
    return np.asarray((np.array(b) @ steps) / (np.array(a) @ steps))


def _weights() -> npt.NDArray[np.float32]:
    """Share of each real and imaginary part of a tick's spectrum in its mean square."""
    head = _biquad(
        (1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)
    )
    low_cut = _biquad((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
    both_sides = np.full(TICK // 2 + 1, 2.0)
    both_sides[[0, -1]] = 1.0
    power = np.abs(head * low_cut) ** 2 * both_sides * TICK / np.sum(_WINDOW.astype(np.float64) ** 2)
    return np.repeat(power, 2).astype(np.float32)


_WEIGHTS = _weights()
assert SAMPLE_RATE == 48_000  # what the coefficients are for


def k_power(voices: Sound) -> Values:
    """Return the K-weighted mean square of each row of ``voices`` (rows × 960 samples).

    The rows of those who mute themselves, or pause, hold zeros, and cost next to nothing.
    """
    sounding = np.vecdot(voices, voices) > 0
    if sounding.all():
        return _k_power(voices)
    power = np.zeros(len(voices))
    power[sounding] = _k_power(voices[sounding])
    return power


def _k_power(voices: Sound) -> Values:
    # Scaled, numpy works in single precision; else in double.
    spectrum = np.fft.rfft(voices * _WINDOW, axis=1, norm="forward").view(np.float32)
    spectrum *= spectrum
    return np.asarray(spectrum @ _WEIGHTS, np.float64)


def crests_lu(voices: Sound) -> list[float]:
    """Return how much louder the loudest 5 ms of each row are than all of it: a syllable begins anywhere."""
    parts = voices.reshape(len(voices), _PARTS, TICK // _PARTS)
    powers = np.vecdot(parts, parts) + _NOTHING
    return [10 * math.log10(_PARTS * max(each) / sum(each)) for each in powers.tolist()]


def lufs(power: float) -> float:
    """Return a K-weighted mean square as loudness on two loudspeakers, never below −90 LUFS."""
    return _OFFSET_DB + 10 * math.log10(max(power, _SILENCE))


def power_of(loudness: float) -> float:
    """Return the K-weighted mean square of a loudness in LUFS."""
    return float(10 ** ((loudness - _OFFSET_DB) / 10))


_SILENCE = power_of(QUIETEST_LUFS)
_ABSOLUTE_GATE = power_of(-70.0)
_RELATIVE_GATE = 10 ** (-10 / 10)
_BLOCK_TICKS, _STEP_TICKS = 20, 5


def integrated_lufs(sound: Sound) -> float:
    """Return the loudness of a whole sound, its pauses left out (BS.1770-5, Annex 1): −90 LUFS for silence.

    ``sound`` is one channel, of any length; what is left of it after the last whole tick does not count.
    """
    ticks = sound[: len(sound) // TICK * TICK].reshape(-1, TICK)
    power = np.concatenate([np.zeros(0), *(k_power(ticks[at : at + 50]) for at in range(0, len(ticks), 50))])
    if len(power) < _BLOCK_TICKS:
        return QUIETEST_LUFS
    blocks = np.lib.stride_tricks.sliding_window_view(power, _BLOCK_TICKS)[::_STEP_TICKS].mean(axis=1)
    heard = blocks[blocks > _ABSOLUTE_GATE]
    if not heard.size:
        return QUIETEST_LUFS
    return lufs(float(heard[heard > _RELATIVE_GATE * heard.mean()].mean()))


class Momentary:
    """The loudness of the last 400 ms: a ring of ticks (momentary loudness, EBU Tech 3341)."""

    TICKS = 20

    def __init__(self) -> None:
        self._ring = [0.0] * self.TICKS
        self._at = 0

    def push(self, power: float) -> float:
        """Take in a tick's K-weighted power; return the mean."""
        self._ring[self._at] = power
        self._at = (self._at + 1) % self.TICKS
        return sum(self._ring) / self.TICKS
