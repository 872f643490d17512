"""How loud a frame is, in dBov as RFC 6464 and RFC 6465 (Appendix A) define it.

0 is the level of a full-scale square wave, -127 is silence; a full-scale sine is -3. Pure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound

SILENCE_DBOV = -127
_QUIETEST = 10 ** (SILENCE_DBOV / 10)


def levels_dbov(voices: Sound) -> npt.NDArray[np.int64]:
    """Return one level per row of ``voices`` (voices × samples): whole dBov, -127 … 0."""
    power = np.einsum("ij,ij->i", voices, voices) / voices.shape[1]
    decibels = np.rint(10 * np.log10(np.clip(power, _QUIETEST, 1.0)))
    return np.asarray(decibels, np.int64)
