"""Let a process run before all others of this machine, as far as the system allows it.

The stage must mix every 20 ms whatever the crowd does, and uses little: under SCHED_RR (sched(7)) it runs
the moment it is due. That takes CAP_SYS_NICE or an RLIMIT_RTPRIO (``LimitRTPRIO=`` of systemd); the kernel
keeps a share of time for everybody else. What it starts later, threads included, inherits it: one of them
may hold what the loop waits for.
"""

from __future__ import annotations

import os
from enum import Enum

REALTIME = 1
"""The lowest real-time priority: before all ordinary processes, behind whatever else is real-time."""
NICE = -10


class Priority(Enum):
    """What a process got."""

    REALTIME = "realtime"
    NICE = "nice"
    ORDINARY = "ordinary"


def raise_priority(pid: int) -> Priority:
    """Raise a process of ours as far as may be; say how far. A process that is gone is left alone."""
    try:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(REALTIME))
    except OSError:
        pass
    else:
        return Priority.REALTIME
    try:
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    except OSError:
        return Priority.ORDINARY
    return Priority.NICE
