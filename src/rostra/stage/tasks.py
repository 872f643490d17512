"""Work of a house that goes on beside what is asked of it: one space's trouble ends no other's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Tasks:
    """They live in ``group``, which awaits them all."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have ``work`` done; what it raises goes to the log."""
        task = self._group.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, *, within_s: float) -> None:
        """Wait for all that was started; what takes longer is cancelled."""
        if self._tasks:
            _, slow = await asyncio.wait(self._tasks, timeout=within_s)
            for task in slow:
                task.cancel()


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("stage_task_failed")
