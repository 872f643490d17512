"""A program as a person has it: on a terminal, with keys."""

from __future__ import annotations

import asyncio
import os
import pty
import re
from collections.abc import Mapping
from pathlib import Path

PATIENCE_S = 60.0


class Terminal:
    """A program on a pseudo-terminal: what it shows so far, and keys pressed for it."""

    def __init__(self, process: asyncio.subprocess.Process, descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._shown = ""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    @classmethod
    async def start(
        cls, folder: Path, *command: str, environment: Mapping[str, str] = os.environ
    ) -> Terminal:
        ours, theirs = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "BROWSER": "/bin/true", "COLUMNS": "120", "TERM": "xterm"},
        )
        os.close(theirs)
        return cls(process, ours)

    @property
    def lines(self) -> list[str]:
        """What stands there, line by line, without what moves."""
        shown = (line.rpartition("\r")[2].strip() for line in self._shown.replace("\r\n", "\n").split("\n"))
        return [line for line in shown if line]

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
