"""A run does not wait for a test that nothing breaks off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import asyncio
import pytest
import uvloop

def test_sound(): pass

async def wait():
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass

def test_stuck(): asyncio.run(wait())

def test_stuck_in_uvloop(): uvloop.run(wait())

def test_behind_them(): pass
"""
CONFTEST = """
from harness.breaking_off import BreakingOff

def pytest_configure(config):
    config.pluginmanager.register(BreakingOff(grace_s=0.5))
"""


def test_a_run_goes_on_with_a_new_worker_and_says_where_the_old_one_stood(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_all.py").write_text(TESTS)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", "--timeout", "0.5", tmp_path],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].strip("= ").startswith("2 failed, 2 passed"), done.stdout
    for stuck in "test_stuck", "test_stuck_in_uvloop":
        assert f"crashed while running 'test_all.py::{stuck}'" in done.stdout
    assert "await asyncio.sleep(60)" in done.stderr
