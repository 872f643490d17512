"""Set the ground up for a run, and take it down whatever happens: Ctrl-C included."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.edge import certificate, compiled
from bench.edge.errors import ProgramMissing
from bench.edge.ground import Cores, Ground, Sizes
from bench.edge.studio import open_studio

WARM_UP_S = 8.0
"""On air for so long first: then there is a finished segment."""


@contextlib.asynccontextmanager
async def opened(sizes: Sizes, cores: Cores, needed: Sequence[str] = ()) -> AsyncIterator[Ground]:
    """Compile, make a folder, go on air. ProgramMissing when one of ``needed`` is not installed."""
    require(needed)
    raise_descriptor_limit()
    _leave_the_core_to_servers(cores)
    with tempfile.TemporaryDirectory(prefix="rostra-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # a peer that gives up root still has to read its configuration
        async with open_studio(folder / "data") as studio:
            programs = compiled.build(folder / "bin")
            yield Ground(folder, programs, certificate.make(folder), studio, cores, sizes)


def require(programs: Sequence[str]) -> None:
    """ProgramMissing when one is not installed."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where Debian has servers, and not every shell looks
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        raise ProgramMissing(f"Not installed: {', '.join(missing)}. `scripts/setup.sh peers` installs them.")


def raise_descriptor_limit() -> None:
    """Let this process and what it starts have as many descriptors as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _leave_the_core_to_servers(cores: Cores) -> None:
    if cores.load is not None:
        os.sched_setaffinity(0, {cores.load})


def end_on_signals() -> None:
    """Let SIGTERM end a run as Ctrl-C does: everything that was started is stopped."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
