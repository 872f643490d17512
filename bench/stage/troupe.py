"""Processes of speakers, as the benchmark starts and asks them. They end with the block."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from bench.stage.speakers import ON_STAGE_S, Cast
from rostra.core.errors import RostraError

_ANSWER_S = 30.0
_ROOT = Path(__file__).parents[2]


class NotOnStage(RostraError):
    """The benchmark's speakers did not reach the stage."""

    code = "not_on_stage"


class Troupe:
    """One process of people who are on stage."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def begin(self) -> None:
        """Measure from now on."""
        self._tell(b"begin\n")

    async def end(self) -> list[float]:
        """Return the delays (ms) of a pair since :meth:`begin`."""
        self._tell(b"end\n")
        return msgspec.json.decode(await self._line(_ANSWER_S), type=list[float])

    async def ready(self) -> None:
        """Wait until all are on stage. NotOnStage."""
        if await self._line(ON_STAGE_S + _ANSWER_S) != b"ready\n":
            raise NotOnStage

    async def _line(self, within_s: float) -> bytes:
        if self._process.stdout is None:
            raise NotOnStage
        try:
            async with asyncio.timeout(within_s):
                return await self._process.stdout.readline()
        except TimeoutError as error:
            raise NotOnStage from error

    def _tell(self, command: bytes) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(command)


@contextlib.asynccontextmanager
async def on_stage(cast: Cast, log: Path) -> AsyncIterator[Troupe]:
    """Play a cast until the block is left."""
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.stage.speakers"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=_ROOT,
            start_new_session=True,
        )
    troupe = Troupe(process)
    try:
        troupe._tell(msgspec.json.encode(cast) + b"\n")
        await troupe.ready()
        yield troupe
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await process.wait()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
