"""The demo as a person has it: on a terminal, with keys."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import sys
from pathlib import Path

import httpx
import pytest

from rostra.core.clock import SystemClock
from rostra.rehearsal.listeners import Listener

PATIENCE_S = 60.0


class Terminal:
    """A demo on a pseudo-terminal: what it shows so far, and keys pressed for it."""

    def __init__(self, process: asyncio.subprocess.Process, descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._shown = ""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    @classmethod
    async def start(cls, folder: Path) -> Terminal:
        ours, theirs = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rostra", "demo", "--data", "d"),
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "BROWSER": "/bin/true", "COLUMNS": "120", "TERM": "xterm"},
        )
        os.close(theirs)
        return cls(process, ours)

    async def until(self, pattern: str) -> str:
        """Wait until the terminal shows this; return its first group."""
        async with asyncio.timeout(PATIENCE_S):
            while not (match := re.search(pattern, self._shown)):
                self._changed.clear()
                await self._changed.wait()
        return match.group(match.re.groups)

    def press(self, key: str) -> None:
        os.write(self._descriptor, key.encode())

    async def close(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            code = await self.process.wait()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        return code

    def _read(self) -> None:
        try:
            self._shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._descriptor, 65_536).decode())
        except OSError:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._changed.set()


async def test_a_person_listens_ends_with_e_gets_the_recording_and_quits_with_q(tmp_path: Path) -> None:
    terminal = await Terminal.start(tmp_path)
    page = await terminal.until(r"Listen +(http://localhost:\d+/s/\w+)")
    await terminal.until(r"when the first listener arrives")
    async with httpx.AsyncClient() as http:
        listener = Listener(http, page, clock=SystemClock())
        listening = asyncio.create_task(listener.listen())
        await terminal.until(r"Somebody is listening")
        while not listener.roll.spoken:
            await asyncio.sleep(0.05)
        assert listener.roll.spoken == ("Nora",)
        terminal.press("n")
        await terminal.until(r"(The notice) is on the event page")
        terminal.press("c")
        await terminal.until(r"Crowd: ([1-9]\d*) listen")
        terminal.press("c")
        await terminal.until(r"(The crowd has gone home)")
        terminal.press("w")
        await terminal.until(r"Worst case: at most (\d+) may listen")
        terminal.press("w")
        await terminal.until(r"(The worst case is over)")
        assert listener.reconnects == 0, "whoever listens hears on"
        terminal.press("e")
        await terminal.until(r"The recording \((\d+\.\d) s\)")
        assert (await listening).ended
        terminal.press("q")
        assert await terminal.close() == 0
        with pytest.raises(httpx.ConnectError):
            await http.get(page)


@pytest.mark.long
async def test_a_first_interrupt_ends_and_a_second_quits(tmp_path: Path) -> None:
    terminal = await Terminal.start(tmp_path)
    await terminal.until(r"when the first listener arrives")
    terminal.process.send_signal(signal.SIGINT)
    await terminal.until(r"The recording \((\d+\.\d) s\)")
    terminal.process.send_signal(signal.SIGINT)
    assert await terminal.close() == 0
