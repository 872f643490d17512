"""Roles of a supervisor that was killed: waited for, and ended where they do not go."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.serve.predecessor import note, outlive


@pytest.fixture
def stuck_role(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A role that neither reads its pipe nor leaves."""
    with subprocess.Popen([sys.executable, "-m", "rostra.serve.launch"], stdin=subprocess.PIPE) as process:
        while b"launch" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        note(tmp_path, process.pid, "edge-0")
        yield process
        if process.poll() is None:
            process.kill()


async def test_a_role_that_does_not_leave_is_ended(
    tmp_path: Path, stuck_role: subprocess.Popen[bytes]
) -> None:
    await outlive(tmp_path, patience_s=0.1)
    assert stuck_role.wait(5) == -signal.SIGKILL
    assert not list(tmp_path.iterdir())


async def test_a_number_that_another_process_has_now_is_left_alone_though_it_be_a_role(
    tmp_path: Path, stuck_role: subprocess.Popen[bytes]
) -> None:
    noted = (tmp_path / str(stuck_role.pid)).read_text()
    for before in (
        noted.replace(noted.split()[-1], "1"),
        noted.replace(noted.split()[1], "before-this-boot"),
        "",
    ):
        (tmp_path / str(stuck_role.pid)).write_text(before)
        await outlive(tmp_path, patience_s=0.1)
        assert stuck_role.poll() is None
        assert not list(tmp_path.iterdir())


async def test_one_that_goes_while_it_is_looked_at_is_no_trouble(
    tmp_path: Path, stuck_role: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(pid: int, number: int) -> None:
        raise ProcessLookupError

    with monkeypatch.context() as patched:
        patched.setattr("rostra.serve.predecessor.os.kill", gone)
        await outlive(tmp_path, patience_s=0.1)
    assert not list(tmp_path.iterdir())
