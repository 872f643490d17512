"""Threads beside a loop on which somebody's sound depends. For the roles whose loops send it."""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

SWITCH_S: Final = 0.000_5
"""How long another thread may keep the interpreter from the loop: it lets go of it with every system call."""


def favour_the_loop() -> None:
    """Let no thread of this process keep the interpreter, or the core, for longer, from now on.

    For the running loop's thread, before anything is done in others.
    """
    sys.setswitchinterval(SWITCH_S)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(initializer=stand_back))


def stand_back() -> None:
    """Have the calling thread run behind its process's loop where that is real-time (``serve/priority.py``).

    It is real-time still, a step lower: what it holds the loop may wait for. On the loop's own core a thread
    of the same priority would have its whole turn first (sched(7), SCHED_RR).
    """
    if os.sched_getscheduler(0) == os.SCHED_RR:
        lower = os.sched_getparam(0).sched_priority - 1
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(max(1, lower)))
