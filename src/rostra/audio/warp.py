"""Play 961 or 959 samples in the time of 960, so that a clock that drifts is followed without a seam.

The whole tick is bent by one sample: the ends stay where they are, the middle runs at most 0.17 % faster or
slower, three hundredths of a semitone. Sixteen taps of a windowed sine; its weights are the same each time
and made once. Ticks that nothing is asked of pass untouched. Pure.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

_TAPS: Final = 16
_EDGE: Final = 16
"""Samples at either end that are not touched."""
_KAISER_BETA: Final = 8.0


def _bend(samples_in: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Return for each of 960 outputs which inputs it is made of, and by how much of each."""
    at = np.arange(TICK, dtype=np.float64)
    way = np.clip((at - _EDGE) / (TICK - 1 - 2 * _EDGE), 0, 1)
    places = at + (samples_in - TICK) * (0.5 - 0.5 * np.cos(np.pi * way))
    first = np.clip(np.floor(places).astype(np.intp) - _TAPS // 2 + 1, 0, samples_in - _TAPS)
    taps = first[:, None] + np.arange(_TAPS)
    distance = taps - places[:, None]
    inside = np.clip(1 - (distance / (_TAPS / 2)) ** 2, 0, None)
    weights = np.sinc(distance) * np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
    weights /= weights.sum(axis=1, keepdims=True)
    return taps, weights.astype(np.float32)


_BENDS = {samples: _bend(samples) for samples in (TICK - 1, TICK + 1)}


def warp(sound: Sound) -> Sound:
    """Return 960 samples for the 959 or 961 of ``sound``."""
    taps, weights = _BENDS[len(sound)]
    bent: Sound = np.einsum("ij,ij->i", sound[taps], weights)
    return bent
