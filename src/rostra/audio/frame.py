"""The shape of sound inside Rostra: mono 48 kHz float32, 20 ms (960 samples) at a time.

Full scale is [-1, 1). Whatever comes in other shapes is turned into this one at the border.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rostra.core.samples import TICK

Sound: TypeAlias = npt.NDArray[np.float32]
"""``(samples,)`` for one voice, ``(voices, samples)`` for several."""

_FULL_SCALE = np.float32(1 / 32768)


def silence(samples: int = TICK) -> Sound:
    """Return ``samples`` zeros, fresh and writable."""
    return np.zeros(samples, np.float32)


def mono_from_pcm16(interleaved: npt.NDArray[np.int16], channels: int) -> Sound:
    """Return one voice: the mean of interleaved 16-bit ``channels``."""
    if channels == 1:
        return interleaved.astype(np.float32) * _FULL_SCALE
    sums = interleaved[0::channels].astype(np.float32)
    for channel in range(1, channels):
        sums += interleaved[channel::channels]
    return sums * np.float32(_FULL_SCALE / channels)
