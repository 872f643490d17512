"""Roles of a supervisor that was killed: waited for, and ended where they do not go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.serve.predecessor import outlive


@pytest.fixture
def stuck_role(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A role that neither reads its pipe nor leaves."""
    with subprocess.Popen([sys.executable, "-m", "rostra.serve.launch"], stdin=subprocess.PIPE) as process:
        while b"launch" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        (tmp_path / str(process.pid)).write_text("edge-0")
        yield process
        if process.poll() is None:
            process.kill()


async def test_a_role_that_does_not_leave_is_ended(
    tmp_path: Path, stuck_role: subprocess.Popen[bytes]
) -> None:
    await outlive(tmp_path, patience_s=0.1)
    assert stuck_role.wait(5) == -signal.SIGKILL
    assert not list(tmp_path.iterdir())


async def test_a_number_that_another_program_has_now_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / str(os.getpid())).write_text("edge-0")
    await outlive(tmp_path, patience_s=0.1)
    assert not list(tmp_path.iterdir())
