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


def silence(samples: int = TICK) -> Sound:
    """Return ``samples`` zeros, fresh and writable."""
    return np.zeros(samples, np.float32)
