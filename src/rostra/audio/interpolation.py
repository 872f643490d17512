"""Sound between its samples: sixteen taps of a windowed sine, whose weights are made once. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound

TAPS: Final = 16
"""Half of them lie before the place that is asked for, half behind it."""
_KAISER_BETA: Final = 8.0


class Interpolation:
    """Gives the sound at ``places`` of any stretch of ``samples``; at its edges by the taps there are."""

    def __init__(self, places: npt.NDArray[np.float64], samples: int) -> None:
        first = np.clip(np.floor(places).astype(np.intp) - TAPS // 2 + 1, 0, samples - TAPS)
        self._taps = first[:, None] + np.arange(TAPS)
        distance = self._taps - places[:, None]
        inside = np.clip(1 - (distance / (TAPS / 2)) ** 2, 0, None)
        weights = np.sinc(distance) * np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
        self._weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def of(self, sound: Sound) -> Sound:
        """Return the values of ``sound`` at the places."""
        values: Sound = np.einsum("ij,ij->i", sound[self._taps], self._weights)
        return values
