"""Let a process run before all others of this machine, as far as the system allows it.

The stage must mix every 20 ms whatever the crowd does, and uses little: under SCHED_RR (sched(7)) it runs
the moment it is due. That takes CAP_SYS_NICE or an RLIMIT_RTPRIO (``LimitRTPRIO=`` of systemd); the kernel
keeps a share of time for everybody else. What it starts later, threads included, inherits it: one of them
may hold what the loop waits for.
"""

from __future__ import annotations

import os
import resource
from enum import Enum
from pathlib import Path

REALTIME = 2
"""Nearly the lowest real-time priority: before all ordinary processes, behind most of what else is real-time.
The threads beside its loop take the lowest (:func:`rostra.core.threads.stand_back`)."""
NICE = -10


class Priority(Enum):
    """What a process got."""

    REALTIME = "realtime"
    NICE = "nice"
    ORDINARY = "ordinary"


_CAP_SYS_NICE = 23
"""Its bit (capabilities(7))."""


def may_be_realtime() -> bool:
    """Whether the system lets this process, and what it starts, be so: by right or by limit."""
    lines = Path("/proc/self/status").read_text().splitlines()
    rights = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    limit, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    return bool(rights >> _CAP_SYS_NICE & 1) or limit == resource.RLIM_INFINITY or limit >= REALTIME


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
