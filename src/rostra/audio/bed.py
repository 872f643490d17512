"""How loud a bed is: music while nobody is on stage sounds softer than people do, whoever made it. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.loudness import QUIETEST_LUFS, integrated_lufs
from rostra.audio.peaks import CEILING_DBTP, true_peak

BED_LUFS: Final = -24.0
"""8 LU under the voices: nobody turns down what waits, or misses who comes back."""


def as_bed(sound: Sound) -> Sound:
    """Return a whole sound, of one channel, at :data:`BED_LUFS`; silence stays what it is.

    Where its true peaks would stand above the programme's ceiling it is only as loud as they let it be.
    """
    loudness = integrated_lufs(sound)
    if loudness <= QUIETEST_LUFS:
        return sound
    gain_db = min(BED_LUFS - loudness, CEILING_DBTP - 20 * float(np.log10(true_peak(sound))))
    return sound * np.float32(10 ** (gain_db / 20))
