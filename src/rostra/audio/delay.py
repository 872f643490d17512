"""How long sound must wait so that it is there when its turn comes: a quantile of how late packets were.

A packet's *transit* is its arrival less its timestamp: the clocks' zeros differ, so it means something only
beside others of its stream. The least transit of the last ten seconds is the way at its fastest, and what a
packet took beyond it is its jitter. NetEq's idea (WebRTC's receiver): all but a few are waited for. Two
windows: a short one grows the wait within half a second of trouble, a long one holds it for ten. A way that
became so long that all would come too late is another way: the one before it is forgotten. Pure; times in
samples.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.core.samples import SAMPLE_RATE

LONG: Final = 512
"""Packets remembered: ten seconds of 20 ms."""
SHORT: Final = 32
_LONG_SHARE: Final = 0.97
_SHORT_SHARE: Final = 0.9
MOST: Final = SAMPLE_RATE // 2
"""Nobody waits longer for jitter than half a second: a conversation is over by then."""
_BACKLOG: Final = 64
"""Packets at the beginning among which each that is faster makes those before it mean nothing: many senders
begin with what they gathered while the connection was made.
"""
_FASTER: Final = SAMPLE_RATE // 200
_EVERY: Final = 16
"""Packets between two looks at the windows. One that is later than the wait is a reason to look at once; as
long as none is, the windows ask for no longer wait than they did.
"""
_SOON: Final = 4
"""The same while more come later than anybody waits: that may be another way."""


class DelayTarget:
    """Feed it every packet of one stream, in the order of arrival."""

    def __init__(self) -> None:
        self._transits: npt.NDArray[np.int64] = np.zeros(LONG, np.int64)
        self._newest: deque[int] = deque(maxlen=SHORT)
        self._seen = 0
        self._fastest = 0
        self._slowest = 0

    def observe(self, transit: int) -> None:
        """Take in one packet."""
        if 0 < self._seen < _BACKLOG and transit < self._fastest - _FASTER:
            self._forget()
        self._fastest = min(self._fastest, transit) if self._seen else transit
        self._transits[self._seen % LONG] = transit
        self._newest.append(transit)
        self._seen += 1
        every = _SOON if self._slowest - self._fastest > MOST else _EVERY
        if self._seen <= _SOON or transit > self._slowest or self._seen % every == 0:
            self._look()

    @property
    def known(self) -> bool:
        """Whether any packet was seen."""
        return self._seen > 0

    @property
    def fastest(self) -> int:
        """The least transit."""
        return self._fastest

    @property
    def slowest(self) -> int:
        """The transit within which packets come, but for a few: at most :data:`MOST` beyond the fastest."""
        return min(self._slowest, self._fastest + MOST)

    @property
    def jitter(self) -> int:
        """Samples between :attr:`fastest` and :attr:`slowest`."""
        return self.slowest - self._fastest

    def reset(self) -> None:
        """Forget: another stream begins, whose timestamps mean something else."""
        self._forget()
        self._fastest = self._slowest = 0

    def _forget(self) -> None:
        self._seen = 0
        self._newest.clear()

    def _look(self) -> None:
        ordered = sorted(self._newest)
        if _is_another_way(ordered, self._fastest):
            self._seen = len(ordered)
            self._transits[: self._seen] = self._newest
        known = self._transits[: min(self._seen, LONG)]
        rank = _rank(len(known), _LONG_SHARE)
        self._fastest = int(known.min())
        self._slowest = max(int(np.partition(known, rank)[rank]), ordered[_rank(len(ordered), _SHORT_SHARE)])


def _is_another_way(newest: Sequence[int], fastest: int) -> bool:
    """Whether most of these, least first, come later than anybody waits, and none much later than the others.

    What was held up and comes all at once does not: each packet of it is faster than the one before.
    """
    return newest[-1] - newest[0] <= MOST < newest[_rank(len(newest), 0.5)] - fastest


def _rank(count: int, share: float) -> int:
    """Where the quantile stands among so many values, least first."""
    return int(share * (count - 1) + 0.5)
