"""The bare write loop in C (c/c_loop.c): the kernel's own price of sending."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bench.edge.child import free_port, pinned, running
from bench.edge.feed import BYTES_PER_S
from bench.edge.rostra_edge import Served


@contextlib.asynccontextmanager
async def serving(program: Path, folder: Path, *, cadence_ms: int, core: int | None) -> AsyncIterator[Served]:
    """Run it until the block is left."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = pinned(core, str(program), str(port), str(cadence_ms), str(BYTES_PER_S * cadence_ms // 1000))
    async with running("c_loop", command, folder=folder) as child:
        await child.until_listening(port)
        yield Served(port, [child.pid])
