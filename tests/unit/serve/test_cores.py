"""Stage and door do not meet on one core where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rostra.core.settings import Settings
from rostra.serve.cores import Half, keep_to
from rostra.serve.launch import Launch
from rostra.serve.process import RoleProcess
from rostra.serve.roles import seats


@pytest.mark.parametrize(
    ("cores", "lower", "upper"),
    [([4], {4}, {4}), ([0, 1], {0}, {1}), ([0, 2, 5], {0}, {2, 5}), (range(8), {0, 1, 2, 3}, {4, 5, 6, 7})],
)
def test_each_half_has_a_core_and_together_they_have_all(
    cores: list[int], lower: set[int], upper: set[int]
) -> None:
    assert (Half.LOWER.of(cores), Half.UPPER.of(cores)) == (lower, upper)
    assert lower | upper == set(cores)


def test_door_and_stage_keep_apart_and_nobody_else_keeps_to_anything() -> None:
    halves = {seat.role: seat.half for seat in seats(Settings())}
    assert halves == {"gateway": Half.LOWER, "edge": None, "control": None, "stage": Half.UPPER}


@pytest.mark.parametrize("half", [Half.LOWER, Half.UPPER, None])
async def test_a_role_runs_where_it_is_told(half: Half | None, tmp_path: Path) -> None:
    launch = Launch("probe", 0, "nowhere:run", (), Settings(data=tmp_path).model_dump_json())
    process = await RoleProcess.start(launch, name="probe-0", pids=tmp_path, half=half)
    runs_on = os.sched_getaffinity(process.pid)
    await process.stop()
    allowed = sorted(os.sched_getaffinity(0))
    assert runs_on == (half.of(allowed) if half else set(allowed))


def test_one_that_is_gone_is_left_alone() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    keep_to(gone.pid, Half.LOWER)
