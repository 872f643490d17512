"""What this machine has for listeners, as its kernel and the settings say. Decides nothing.

Where a control group (a container, a service with ``MemoryMax=``) holds less than the machine, that counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from rostra.admission.capacity import Machine
from rostra.core.settings import Settings
from rostra.serving.limits import Limits, descriptors_allowed

PROC: Final = Path("/proc")
GROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux mounts the one hierarchy of control groups (cgroups(7), version 2)."""


def machine_of(settings: Settings) -> Machine:
    """Return what edge workers have to spend: as many descriptors each as this process has."""
    workers = settings.edge_processes
    return Machine(
        cpus=min(workers, os.cpu_count() or 1),
        bits_per_s=settings.uplink_mbit * 1e6,
        memory_bytes=free_memory(),
        descriptors=workers * Limits().within(descriptors_allowed()).connections,
    )


def free_memory(*, proc: Path = PROC, groups: Path = GROUPS) -> int:
    """Bytes of memory that are free for listeners now; 0 where nothing says so."""
    lines = (proc / "meminfo").read_text().splitlines()
    left = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return max(0, min([*left, *_left_in_groups(proc, groups)], default=0))


def _left_in_groups(proc: Path, groups: Path) -> Iterator[int]:
    """Yield what is left of each limit above this process, with what its page cache would give back."""
    with suppress(OSError):
        for line in (proc / "self" / "cgroup").read_text().splitlines():
            _, version_2, member = line.partition("0::/")
            for folder in _upwards(groups / member, groups) if version_2 else ():
                with suppress(OSError, ValueError):  # Without a limit it says "max".
                    most = int((folder / "memory.max").read_text())
                    used = int((folder / "memory.current").read_text())
                    yield max(1, most - used + _given_back(folder))


def _upwards(folder: Path, top: Path) -> Iterator[Path]:
    while folder.is_relative_to(top):
        yield folder
        folder = folder.parent


def _given_back(folder: Path) -> int:
    stats = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
    return next((int(value) for name, value in stats if name == "inactive_file"), 0)
