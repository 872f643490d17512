"""A server that is measured, as a child process: started on its core, read, stopped by its id for sure."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edge import readings
from bench.edge.errors import PeerFailed

UP_S = 20.0
STOP_S = 3.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Child:
    """A running process, with all that it starts."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    async def until_listening(self, port: int) -> None:
        """Wait until somebody answers on that port of this machine. PeerFailed with the end of its log."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UP_S):
                while self.process.returncode is None:
                    if await _answers(port):
                        return
                    await asyncio.sleep(_POLL_S)
        raise PeerFailed(f"{self.name} does not listen on port {port}. {self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote."""
        return " · ".join(self.log.read_text(errors="replace").strip().splitlines()[-4:])[-800:]


def pinned(core: int | None, *command: str) -> tuple[str, ...]:
    """The command that runs ``command`` on one core; None: wherever the system likes."""
    return command if core is None else ("taskset", "-c", str(core), *command)


@contextlib.asynccontextmanager
async def running(
    name: str, command: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run a program until the block is left; what it says goes to ``<name>.log`` in ``folder``."""
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "TERM"),  # should the benchmark itself be killed
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the benchmark, which stops its children itself
        )
    try:
        yield Child(name, process, log)
    finally:
        await asyncio.shield(_stop(process))


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    """A signal to those of these processes that still run."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            if readings.family(pid):
                os.kill(pid, number)


def free_port() -> int:
    """A port of this machine that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ask, wait, end it and all that it started, those too that are stopped."""
    members = readings.family(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        send(signal.SIGCONT, members)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), STOP_S)
    send(signal.SIGKILL, members)
    await process.wait()
