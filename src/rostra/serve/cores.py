"""On which cores of this machine a process runs.

The stage runs the moment it is due, and displaces whatever runs where it was last: left to themselves, it
and the door meet on one core again and again while another idles, and a door that is stormed loses that time.
So they keep to different halves. Everything else goes wherever there is room.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from enum import Enum


class Half(Enum):
    """Of the cores that this deployment may use."""

    LOWER = "lower"
    UPPER = "upper"

    def of(self, cores: Sequence[int]) -> set[int]:
        """Return its part of them, lowest first; all of them where there is one."""
        middle = len(cores) // 2
        part = cores[:middle] if self is Half.LOWER else cores[middle:]
        return set(part or cores)


def keep_to(pid: int, half: Half) -> None:
    """Have a process of ours, and what it starts from now on, run there. One that is gone is left alone."""
    with contextlib.suppress(OSError):  # One that may not be told runs wherever it likes.
        os.sched_setaffinity(pid, half.of(sorted(os.sched_getaffinity(0))))
