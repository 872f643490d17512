"""Tape writers in processes of their own, to be killed. What they did they say through a pipe."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from harness import programme
from rostra.audio.encoder import Quantum
from rostra.core import log
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM
from rostra.tape import TapeWriter

Work = Callable[[Path, tuple[Quantum, ...], Connection], None]

_processes = multiprocessing.get_context("forkserver")


def append_forever(folder: Path, quanta: tuple[Quantum, ...], said: Connection) -> None:
    """Resume a tape and append to it, saying after each quantum how many there are."""
    log.configure(role="writer", level="error")
    writer = TapeWriter.resume(folder, clock=SystemClock())
    while True:
        said.send(writer.next_sample // QUANTUM)
        writer.append(quanta[writer.next_sample // QUANTUM % len(quanta)])


def end(folder: Path, _: tuple[Quantum, ...], said: Connection) -> None:
    """Resume a tape, say how many quanta there are, and end it."""
    log.configure(role="writer", level="error")
    writer = TapeWriter.resume(folder, clock=SystemClock())
    said.send(writer.next_sample // QUANTUM)
    writer.finish()


@dataclass(frozen=True, slots=True)
class Doomed:
    """A running writer."""

    process: BaseProcess
    says: Connection
    first: int
    """Quanta on the tape when it began."""

    def hear(self) -> None:
        """Take in what it has said: a writer to whom nobody listens stands still once the pipe is full.

        :meth:`kill` returns what it says from then on.
        """
        while self.says.poll():
            self.says.recv()

    def kill(self) -> int:
        """Kill it with no warning; return the last count it said."""
        pid = self.process.pid
        if pid is not None and self.process.is_alive():
            os.kill(pid, signal.SIGKILL)
        self.process.join(10)
        said = self.first
        with self.says:
            try:
                while True:
                    said = self.says.recv()
            except (EOFError, OSError):
                return said


def start(work: Work, folder: Path) -> Doomed:
    """Start a writer and wait until it has the tape. The first start loads the code for all."""
    _processes.set_forkserver_preload(["harness.writers"])
    says, said = _processes.Pipe(duplex=False)
    process = _processes.Process(target=work, args=(folder, programme.quanta(), said), daemon=True)
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        process.start()
    said.close()
    return Doomed(process, says, says.recv())
