"""What the kernel says of processes, processors and memory (proc(5)). Reads, never changes.

Without CONFIG_IRQ_TIME_ACCOUNTING a process is charged for the network work that its own writes set off
on loopback, the receivers' included; so is every peer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_UTIME, _STIME, _RSS = 11, 12, 21
"""Fields of /proc/<pid>/stat after the command, from 0."""


def family(pid: int) -> list[int]:
    """A process and all that it started, as far as they still run."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_s(pids: list[int]) -> float:
    """User and system time of these processes and all that they started."""
    return sum(
        (int(fields[_UTIME]) + int(fields[_STIME])) * _TICK_S
        for pid in pids
        for each in family(pid)
        if (fields := _stat(each))
    )


def resident_bytes(pids: list[int]) -> int:
    """Memory these processes and all that they started hold; what they share counts once each."""
    return sum(
        int(fields[_RSS]) * _PAGE_BYTES for pid in pids for each in family(pid) if (fields := _stat(each))
    )


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Processor:
    """Time of one processor, or of all, since boot."""

    busy_s: float
    softirq_s: float
    idle_s: float

    def since(self, before: Processor) -> Processor:
        return Processor(
            self.busy_s - before.busy_s, self.softirq_s - before.softirq_s, self.idle_s - before.idle_s
        )

    @property
    def load(self) -> float:
        """Of its time, how much was busy; for the difference of two readings."""
        return self.busy_s / max(self.busy_s + self.idle_s, 1e-9)


def processor(core: int | None) -> Processor:
    """Read one core, or all together."""
    wanted = "cpu" if core is None else f"cpu{core}"
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == wanted:
            user, nice, system, idle, iowait, irq, softirq, steal = (
                int(each) * _TICK_S for each in fields[:8]
            )
            return Processor(user + nice + system + irq + softirq + steal, softirq, idle + iowait)
    raise LookupError(wanted)


def kernel_bytes() -> int:
    """Memory the kernel holds for itself and for sockets, those of both ends on loopback."""
    return _meminfo("Slab") + _socket_pages() * _PAGE_BYTES


def available_bytes() -> int:
    """Memory that is still to be had."""
    return _meminfo("MemAvailable")


def total_bytes() -> int:
    """Memory of this machine."""
    return _meminfo("MemTotal")


def _meminfo(name: str) -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def _socket_pages() -> int:
    for line in Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            fields = line.split()
            return int(fields[fields.index("mem") + 1])
    return 0
