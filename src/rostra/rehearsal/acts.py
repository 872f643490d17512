"""What the person at the demo's terminal can do to a running evening: a notice, a crowd, the worst case.

Says as well when a voice was taken off the stage. One that fails is told in a sentence, and the evening goes
on. Decides nothing about the evening itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
from rich.console import Console

from rostra.core.errors import RostraError
from rostra.rehearsal.crowd import Standing
from rostra.rehearsal.evening import Evening
from rostra.rehearsal.keys import Keys
from rostra.rehearsal.speakers import Speaker

NOTICE = "Good evening from the terminal: this line is a notice. It is on the tape as well."
FEWEST = 10
"""Places in the worst case, however few listen."""
GONE_S = 5.0
"""In which a crowd that is sent home has to be gone."""


class Acts:
    """Waits for keys, one task for each."""

    def __init__(self, console: Console, evening: Evening, keys: Keys) -> None:
        self._console = console
        self._evening = evening
        self._keys = keys
        self._worst = False

    def all(self) -> list[Coroutine[Any, Any, None]]:
        """What is to run until cancelled."""
        return [
            self._whenever(self._keys.notice, self._notify),
            self._whenever(self._keys.worst, self._turn_worst),
            self._crowds(),
            *(self._say_once_left(voice) for voice in self._evening.voices),
        ]

    async def _whenever(self, wished: asyncio.Event, act: Callable[[], Awaitable[str]]) -> None:
        while True:
            await wished.wait()
            wished.clear()
            try:
                self._console.print(await act())
            except RostraError as error:
                self._console.print(error.sentence)

    async def _say_once_left(self, voice: Speaker) -> None:
        await voice.left.wait()
        self._console.print(f"{voice.name} was taken off the stage. The evening goes on.")

    async def _notify(self) -> str:
        await self._evening.notify(NOTICE)
        return "The notice is on the event page."

    async def _turn_worst(self) -> str:
        if self._worst:
            await self._evening.leave_worst_case()
            self._worst = False
            return "The worst case is over: the door opens again, step by step."
        places = max(FEWEST, await self._evening.listeners() // 2)
        await self._evening.worst_case(places)
        self._worst = True
        return f"Worst case: at most {places} may listen now. Nobody is put out; whoever comes waits in line."

    async def _crowds(self) -> None:
        """Bring a crowd at the first press, send it home at the next, and so on."""
        while True:
            await self._keys.crowd.wait()
            self._keys.crowd.clear()
            self._console.print("A crowd is coming …")
            await self._one_crowd()
            self._console.print("The crowd has gone home.")

    async def _one_crowd(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rostra.rehearsal.crowd", self._evening.page.url),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C is for the demo, which sends it home itself.
        )
        telling = asyncio.create_task(self._tell(process))
        try:
            leaving = asyncio.create_task(self._keys.crowd.wait())
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            self._keys.crowd.clear()
        finally:
            telling.cancel()
            await asyncio.shield(_send_home(process))

    async def _tell(self, process: asyncio.subprocess.Process) -> None:
        """Say how it stands whenever that changes."""
        assert process.stdout is not None
        before = None
        async for line in process.stdout:
            now = msgspec.json.decode(line, type=Standing)
            stands = now.joined, now.coming, now.waiting
            if stands != before:
                self._console.print(sentence(now), highlight=False)
            before = stands


def sentence(now: Standing) -> str:
    """How a crowd stands, for the terminal."""
    coming = f", {now.coming} on their way in" if now.coming else ""
    broken = f", {now.broken} broke off" if now.broken else ""
    latest = f"; the latest heard something {now.latest_ms} ms after the door" if now.latest_ms else ""
    return f"Crowd: {now.joined} listen{coming}, {now.waiting} wait{broken}{latest}."


async def _send_home(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GONE_S):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
