"""Outlive a supervisor that was killed: wait for its roles, and end whatever does not go by itself.

A role that is running sees its supervisor's pipe close and leaves within its grace. One that is still
loading its code reads no pipe, yet holds the socket that a new supervisor needs.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import structlog

from rostra.core.role import STOP_GRACE_S

PATIENCE_S = STOP_GRACE_S + 2.0
_KILLED_WITHIN_S = 2.0
_POLL_S = 0.05

log = structlog.get_logger()


async def outlive(pids: Path, *, patience_s: float = PATIENCE_S) -> None:
    """Return once no process named by a file in ``pids`` runs; tapes and ports are the caller's then."""
    if not await _gone(pids, patience_s):
        for pid in _running(pids):
            log.warning("predecessor_killed", pid=pid)
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
    """The processes that files in ``pids`` are named after and that run this program still."""
    pids.mkdir(exist_ok=True)
    return [int(pid_file.stem) for pid_file in pids.iterdir() if _is_role(pid_file.stem)]


def _is_role(pid: str) -> bool:
    try:
        return b"rostra.serve.launch" in Path(f"/proc/{int(pid)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def _forget(pids: Path) -> None:
    for pid_file in pids.iterdir():
        pid_file.unlink()
