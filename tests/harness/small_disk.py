"""A small disk of its own, to be filled: a tmpfs, which only root may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"


@contextmanager
def mounted(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Mount a disk at ``folder``; skips the test where nobody may mount, for there is no other small disk."""
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, leaving: int) -> None:
    """Take the disk's room, but for so many bytes."""
    state = os.statvfs(folder)
    with (folder / FILLER).open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, state.f_bavail * state.f_frsize - leaving)


def make_room(folder: Path) -> None:
    """Give it back."""
    (folder / FILLER).unlink()
