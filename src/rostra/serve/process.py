"""One role's process: started with its sockets, asked to go, killed when it does not.

The end of its standard input tells it that the supervisor is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from rostra.core.role import RETIRE_GRACE_S, STOP_GRACE_S
from rostra.serve import predecessor
from rostra.serve.cores import Half, keep_to
from rostra.serve.launch import Launch
from rostra.serve.priority import raise_priority

log = structlog.get_logger()

_KILL_AFTER_S = 1.0


class RoleProcess:
    """Running from :meth:`start` on; ``ended`` holds its exit status once it is over."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, pid_file: Path) -> None:
        self.number = number
        self.pid = process.pid
        self._process = process
        self._pid_file = pid_file
        self.ended = asyncio.create_task(self._wait())

    @classmethod
    async def start(
        cls, launch: Launch, *, name: str, pids: Path, first: bool = False, half: Half | None = None
    ) -> RoleProcess:
        """Start a process and tell it what to run.

        ``first``: before all others, where that is allowed; ``half``: of the cores, that it keeps to.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "rostra.serve.launch",
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(*launch.descriptors, *launch.trusted),
        )
        if first:
            priority = raise_priority(process.pid)
            log.info("role_priority", seat=name, priority=priority.value)
        if half is not None:
            keep_to(process.pid, half)
        pid_file = _note(pids, process.pid, name)
        if process.stdin is not None:
            # One that is gone already cannot be told (uvloop raises RuntimeError then): `ended` says so.
            with contextlib.suppress(RuntimeError, ConnectionError):
                process.stdin.write(msgspec.json.encode(launch) + b"\n")
        return cls(launch.index, process, pid_file)

    async def stop(self) -> None:
        """End it: SIGTERM, then SIGKILL once its grace is over."""
        await self._leave(signal.SIGTERM, STOP_GRACE_S)

    async def retire(self) -> None:
        """Let it take nobody more and leave once its listeners have: SIGUSR1."""
        await self._leave(signal.SIGUSR1, RETIRE_GRACE_S)

    async def _leave(self, number: int, grace_s: float) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        await asyncio.wait({self.ended}, timeout=grace_s + _KILL_AFTER_S)
        if not self.ended.done():
            self._process.kill()
        await asyncio.wait({self.ended})

    async def _wait(self) -> int:
        try:
            return await self._process.wait()
        finally:
            with contextlib.suppress(OSError):
                self._pid_file.unlink(missing_ok=True)


def _note(pids: Path, pid: int, name: str) -> Path:
    """Leave word for a successor of this supervisor. Without it, that one meets locked tapes and waits."""
    try:
        return predecessor.note(pids, pid, name)
    except OSError as error:
        log.warning("role_not_noted", seat=name, reason=str(error))
        return pids / str(pid)


async def first_of(ended: asyncio.Task[int], *events: asyncio.Event, timeout_s: float | None = None) -> None:
    """Return once the process is over, an event is set, or time is up."""
    waiting: Sequence[asyncio.Task[bool]] = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait({ended, *waiting}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
