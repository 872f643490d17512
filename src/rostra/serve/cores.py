"""On which cores of this machine a process runs.

The stage runs the moment it is due, and displaces whatever runs where it was last: left to themselves, it
and the door meet on one core again and again while another idles, and a door that is stormed loses that time.
So they keep to different halves where it may be real-time. Everything else goes wherever there is room.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from enum import Enum
from pathlib import Path


class Half(Enum):
    """Of the cores that this deployment may use."""

    LOWER = "lower"
    UPPER = "upper"

    def of(self, cores: Sequence[int]) -> set[int]:
        """Return its part of them, in their order; all of them where there is one."""
        middle = len(cores) // 2
        part = cores[:middle] if self is Half.LOWER else cores[middle:]
        return set(part or cores)


def keep_to(pid: int, half: Half) -> None:
    """Have a process of ours, and what it starts from now on, run there. One that is gone is left alone."""
    with contextlib.suppress(OSError):  # One that may not be told runs wherever it likes.
        os.sched_setaffinity(pid, half.of(sorted(os.sched_getaffinity(0), key=_place)))


def _place(core: int) -> tuple[int, int]:
    """Where it stands: hardware threads of one core (sysfs, cpu topology) stand together."""
    try:
        siblings = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").read_text()
        return int(re.split("[,-]", siblings)[0]), core
    except (OSError, ValueError):
        return core, core
