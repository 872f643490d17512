"""Make speech shorter or longer by one period of its own pitch: nobody hears the seam.

NetEq's accelerate and preemptive expand, after Verhelst and Roelands, "An overlap-add technique based
on waveform similarity (WSOLA)", 1993. What repeats itself (a vowel, a tone, silence) can be cut or
doubled where it does; how well it does comes back as a likeness of -1 to 1, and the caller decides
whether that is well enough. Pure.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rostra.audio.frame import Sound

SHORTEST: Final = 120
"""Samples of the shortest period: 400 Hz, and whole multiples of what is higher."""
LONGEST: Final = 720
"""Samples of the longest: 67 Hz."""
NEEDED: Final = 2 * LONGEST
"""Samples that are looked at."""
_QUIET: Final = 1e-6
"""Power (-60 dB of full scale) under which any cut will do."""
_COARSE: Final = 6
_TINY: Final = 1e-12


class Period(NamedTuple):
    """What repeats itself."""

    samples: int
    likeness: float
    """Normalised correlation of the sound with itself a period later; 1 for what is as good as silent."""


def period(sound: Sound) -> Period:
    """Return the period at which the beginning of ``sound`` repeats itself best.

    1440 samples are enough for the longest; of fewer, at least 480, the half is the longest that is looked
    for.
    """
    longest = min(LONGEST, len(sound) // 2 // _COARSE * _COARSE)
    sound = sound[: 2 * longest]
    if float(np.dot(sound, sound)) < _QUIET * len(sound):
        return Period(longest, 1.0)
    coarse = sound.reshape(-1, _COARSE).mean(axis=1)
    likenesses = _likenesses(coarse, SHORTEST // _COARSE, longest // _COARSE, longest // _COARSE)
    around = (SHORTEST // _COARSE + int(np.argmax(likenesses))) * _COARSE
    low, high = max(SHORTEST, around - _COARSE), min(longest, around + _COARSE)
    fine = _likenesses(sound, low, high, longest)
    best = int(np.argmax(fine))
    return Period(low + best, float(fine[best]))


def without(sound: Sound, samples: int) -> Sound:
    """Return ``sound`` shorter by a period of ``samples``: its first two are faded into one."""
    fade = _fade(samples)
    once = sound[:samples] * (1 - fade) + sound[samples : 2 * samples] * fade
    return np.concatenate((once, sound[2 * samples :]))


def with_twice(sound: Sound, samples: int) -> Sound:
    """Return ``sound`` longer by a period of ``samples``: its first one is heard twice."""
    fade = _fade(samples)
    again = sound[samples : 2 * samples] * (1 - fade) + sound[:samples] * fade
    return np.concatenate((sound[:samples], again, sound[samples:]))


def _likenesses(sound: Sound, low: int, high: int, window: int) -> Sound:
    """Normalised correlation of the first ``window`` samples with those from ``low`` … ``high`` on."""
    head = sound[:window]
    rows = sliding_window_view(sound[low : high + window], window)[: high - low + 1]
    energies = np.einsum("ij,ij->i", rows, rows) * float(np.dot(head, head))
    likenesses: Sound = (rows @ head) / np.sqrt(energies + _TINY)
    return likenesses


def _fade(samples: int) -> Sound:
    return np.linspace(0, 1, samples, dtype=np.float32)
