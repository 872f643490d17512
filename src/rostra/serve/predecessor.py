"""Outlive a supervisor that was killed: wait for its roles, and end whatever does not go by itself.

A role that is running sees its supervisor's pipe close and leaves within its grace. One that is still
loading its code reads no pipe, yet holds the socket that a new supervisor needs. Each is known by a file
of its id, which says when it began: the id itself may be another's by now, a role's of another folder too.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import structlog

from rostra.core.role import STOP_GRACE_S

PATIENCE_S = STOP_GRACE_S + 2.0
_KILLED_WITHIN_S = 2.0
_POLL_S = 0.05
_START_TIME = 22 - 3
"""Field 22 of a process's ``stat``, the third being the first after its name."""

log = structlog.get_logger()


def note(pids: Path, pid: int, seat: str) -> Path:
    """Leave word of a process for a successor of this supervisor; return the file. OSError."""
    pid_file = pids / str(pid)
    pid_file.write_text(f"{seat}\n{_beginning(pid)}\n")
    return pid_file


async def outlive(pids: Path, *, patience_s: float = PATIENCE_S) -> None:
    """Return once no process noted in ``pids`` runs; tapes and ports are the caller's then."""
    if not await _gone(pids, patience_s):
        for pid in _running(pids):
            log.warning("predecessor_killed", pid=pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await _gone(pids, _KILLED_WITHIN_S)
    _forget(pids)


async def _gone(pids: Path, timeout_s: float) -> bool:
    deadline_s = asyncio.get_running_loop().time() + timeout_s
    while _running(pids):
        if asyncio.get_running_loop().time() > deadline_s:
            return False
        await asyncio.sleep(_POLL_S)
    return True


def _running(pids: Path) -> list[int]:
    """The processes that files in ``pids`` are named after, and that are the ones that began then."""
    pids.mkdir(exist_ok=True)
    return [int(pid_file.name) for pid_file in pids.iterdir() if _is_noted(pid_file)]


def _is_noted(pid_file: Path) -> bool:
    began = pid_file.read_text().split("\n")[1:2]
    return pid_file.name.isdigit() and bool(began and began[0]) and began[0] == _beginning(int(pid_file.name))


def _beginning(pid: int) -> str:
    """When a process began, as no other of this number did: which boot, and ticks after it (proc(5)).

    Empty when it is over.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        after_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except OSError:
        return ""
    return f"{boot} {int(after_name[_START_TIME])}" if after_name[0] != b"Z" else ""


def _forget(pids: Path) -> None:
    for pid_file in pids.iterdir():
        pid_file.unlink()
