"""Run a module behind everything else: ``python -m rostra.stage.behind MODULE``.

What the stage starts inherits its real-time priority (``serve/priority.py``): beside it on one core, a tick
would wait for it. So that is given back before anything is imported that takes time, and before there are
threads, which inherit in turn.
"""

from __future__ import annotations

import os
import runpy
import sys
from contextlib import suppress
from typing import Final

NICE: Final = 10


def give_way() -> None:
    """Take the ordinary policy (sched(7)) and be nice; what the system does not let go stays as it is."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(max(0, NICE - os.nice(0)))


if __name__ == "__main__":
    give_way()
    runpy.run_module(sys.argv[1], run_name="__main__")
