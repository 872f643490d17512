"""How loud a frame is, in dBov as RFC 6464 and RFC 6465 (Appendix A) define it.

0 is the level of a full-scale square wave, -127 is silence; a full-scale sine is -3. Pure.
"""

from __future__ import annotations

import math

import numpy as np

from rostra.audio.frame import Sound

SILENCE_DBOV = -127
_QUIETEST = 10 ** (SILENCE_DBOV / 10)


def levels_dbov(voices: Sound) -> list[int]:
    """Return one level per row of ``voices`` (voices × samples): whole dBov, -127 … 0."""
    powers = np.vecdot(voices, voices) / voices.shape[1]
    return [round(10 * math.log10(min(max(power, _QUIETEST), 1.0))) for power in powers.tolist()]
