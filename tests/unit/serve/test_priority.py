"""A process of ours runs before others where the system allows it, and runs where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.core.settings import Settings
from rostra.serve.launch import Launch
from rostra.serve.priority import NICE, Priority, may_be_realtime, raise_priority
from rostra.serve.process import RoleProcess
from rostra.serve.roles import seats


@pytest.fixture
def idler() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def refuse(*_: object) -> None:
    raise PermissionError


def test_a_process_gets_the_most_that_is_allowed(idler: subprocess.Popen[bytes]) -> None:
    got = raise_priority(idler.pid)
    realtime = os.sched_getscheduler(idler.pid) == os.SCHED_RR
    nice = os.getpriority(os.PRIO_PROCESS, idler.pid) == NICE
    assert {Priority.REALTIME: realtime, Priority.NICE: nice, Priority.ORDINARY: not realtime}[got]


def test_what_the_system_allows_is_known_before(idler: subprocess.Popen[bytes]) -> None:
    assert may_be_realtime() == (raise_priority(idler.pid) is Priority.REALTIME)


def test_without_leave_for_real_time_it_is_nice(
    idler: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", lambda *each: asked.append(each))
    assert raise_priority(idler.pid) is Priority.NICE
    assert asked == [(os.PRIO_PROCESS, idler.pid, NICE)]


def test_without_leave_for_anything_it_stays_as_it_is(
    idler: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    assert raise_priority(idler.pid) is Priority.ORDINARY


def test_only_the_stage_runs_first() -> None:
    assert [seat.role for seat in seats(Settings()) if seat.first] == ["stage"]


@pytest.mark.parametrize("first", [True, False])
async def test_a_role_is_raised_only_where_it_is_asked_for(
    first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[int] = []

    def note(pid: int) -> Priority:
        raised.append(pid)
        return Priority.ORDINARY

    monkeypatch.setattr("rostra.serve.process.raise_priority", note)
    launch = Launch("probe", 0, "nowhere:run", (), Settings(data=tmp_path).model_dump_json())
    process = await RoleProcess.start(launch, name="probe-0", pids=tmp_path, first=first)
    await process.stop()
    assert raised == ([process.pid] if first else [])
