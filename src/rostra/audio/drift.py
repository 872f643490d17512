"""How much faster or slower a speaker's clock runs than the stage's: parts per million.

The fastest packet of each second met no queue, so the line through those of the last minute rises or
falls as the clocks do (Moon, Skelly and Towsley, "Estimation and Removal of Clock Skew from Network
Delay Measurements", 1999). The slope is the median of all slopes between two of them (Theil and Sen),
which a few bad seconds do not move. A jump is another way through the network, not a clock: then the
line is begun anew and the last estimate stands meanwhile. Pure; times in samples.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.core.samples import SAMPLE_RATE

MOST_PPM: Final = 500.0
"""Crystals are within 100, all but broken ones within 300."""
_SECONDS: Final = 60
_FEWEST: Final = 12
"""Seconds before there is an estimate."""
_EVERY: Final = 5
"""Seconds between two estimates, once each replaces but one of sixty."""
_MOST_ERROR_PPM: Final = 30.0
"""An estimate that may be further off (one standard error) is not taken: the network is too rough yet."""
_PPM: Final = 1e6 / SAMPLE_RATE
_JUMP: Final = SAMPLE_RATE // 50
"""From one second to the next a clock moves by 15 samples, a route by more than this."""


class Drift:
    """Feed it every packet of one stream, in the order of arrival."""

    def __init__(self) -> None:
        self.ppm = 0.0
        """Positive: the speaker's clock is faster, and there is more to play than time to play it in."""
        self._second = -1
        self._least = 0
        self._points: deque[tuple[int, int]] = deque(maxlen=_SECONDS)
        self._noted = 0

    def observe(self, arrival: int, transit: int) -> None:
        """Take in one packet: when it came by the stage's clock, and that less its timestamp."""
        second = arrival // SAMPLE_RATE
        if second == self._second:
            self._least = min(self._least, transit)
            return
        if self._second >= 0:
            self._note(self._second, self._least)
        self._second, self._least = second, transit

    def reset(self) -> None:
        """Another stream begins; its clock is most likely the same one."""
        self._second = -1
        self._points.clear()

    def _note(self, second: int, least: int) -> None:
        if self._points and abs(least - self._points[-1][1]) > _JUMP:
            self._points.clear()
        full = len(self._points) == _SECONDS
        self._points.append((second, least))
        self._noted += 1
        if len(self._points) >= _FEWEST and not (full and self._noted % _EVERY):
            self._estimate()

    def _estimate(self) -> None:
        points = np.array(self._points, np.float64)
        earlier, later = _pairs(len(points))
        seconds = points[later, 0] - points[earlier, 0]
        rises = (points[later, 1] - points[earlier, 1]) / seconds
        slope = float(np.median(rises))
        off = points[:, 1] - slope * points[:, 0]
        spread = 1.5 * float(np.median(np.abs(off - np.median(off))))
        error = spread * (12 / len(points)) ** 0.5 / (points[-1, 0] - points[0, 0])
        if error * _PPM <= _MOST_ERROR_PPM:
            self.ppm = max(-MOST_PPM, min(MOST_PPM, -slope * _PPM))


@lru_cache(maxsize=_SECONDS)
def _pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The indices of every two of so many points."""
    earlier, later = np.triu_indices(count, 1)
    return earlier, later
