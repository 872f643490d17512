"""A tape to write to, and one that has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM
from rostra.media import events
from rostra.tape import TapeWriter


def spoken(writer: TapeWriter, count: int) -> TapeWriter:
    """Append the next ``count`` quanta of the programme, a snapshot in front of every segment."""
    for _ in range(count):
        number = writer.next_sample // QUANTUM
        opens = number % CHUNKS_PER_SEGMENT == 0
        snapshot = events.snapshot(at=writer.next_sample, listeners=number) if opens else b""
        writer.append(programme.quanta()[number % programme.QUANTA], events=snapshot)
    return writer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a tape goes; not there yet."""
    return tmp_path / "space23456" / "run23456"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def writer(folder: Path, clock: ManualClock) -> Iterator[TapeWriter]:
    """A tape just begun."""
    writer = TapeWriter.create(folder, programme.genesis(), clock=clock)
    yield writer
    writer.close()


@pytest.fixture
def speak() -> Callable[[TapeWriter, int], TapeWriter]:
    """Append so many quanta of the programme."""
    return spoken


@pytest.fixture
def resume(folder: Path, clock: ManualClock) -> Iterator[Callable[[], TapeWriter]]:
    """Open the tape again as a new process would."""
    opened: list[TapeWriter] = []

    def again() -> TapeWriter:
        opened.append(TapeWriter.resume(folder, clock=clock))
        return opened[-1]

    yield again
    for writer in opened:
        writer.close()
