"""The bare write loop in C (c/c_loop.c): the kernel's own price of sending."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bench.edge.child import free_port, pinned, running
from bench.edge.feed import BYTES_PER_S
from bench.edge.rostra_edge import Served


@contextlib.asynccontextmanager
async def serving(
    program: Path, folder: Path, *, cadence_ms: int, core: int | None, answer_ms: int = 0, turns: int = 1
) -> AsyncIterator[Served]:
    """Run it until the block is left.

    ``answer_ms``: how much one answer carries; 0: it never ends. ``turns`` in which listeners ask again.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    numbers = (port, cadence_ms, BYTES_PER_S * cadence_ms // 1000, answer_ms // cadence_ms, turns)
    command = pinned(core, str(program), *map(str, numbers))
    async with running("c_loop", command, folder=folder) as child:
        await child.until_listening(port)
        yield Served(port, [child.pid])
