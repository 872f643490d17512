"""Play 961 or 959 samples in the time of 960, so that a clock that drifts is followed without a seam.

The whole tick is bent by one sample: the ends stay where they are, the middle runs at most 0.17 % faster or
slower, three hundredths of a semitone. Ticks that nothing is asked of pass untouched. Pure.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.interpolation import Interpolation
from rostra.core.samples import TICK

_EDGE: Final = 16
"""Samples at either end that are not touched."""


def _bend(samples_in: int) -> Interpolation:
    at = np.arange(TICK, dtype=np.float64)
    way = np.clip((at - _EDGE) / (TICK - 1 - 2 * _EDGE), 0, 1)
    return Interpolation(at + (samples_in - TICK) * (0.5 - 0.5 * np.cos(np.pi * way)), samples_in)


_BENDS = {samples: _bend(samples) for samples in (TICK - 1, TICK + 1)}


def warp(sound: Sound) -> Sound:
    """Return 960 samples for the 959 or 961 of ``sound``."""
    return _BENDS[len(sound)].of(sound)
