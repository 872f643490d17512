"""What ``make test`` says of tests that fail beside others and pass by themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "tests.sh"
TESTS = """
from pathlib import Path
import pytest

def test_sound(): pass

@pytest.mark.parametrize("number", range({broken}))
def test_broken(number): assert False

def test_starved():
    first = not Path("tried").exists()
    Path("tried").touch()
    assert not first
"""


def run(folder: Path, *, broken: int) -> tuple[int, list[str]]:
    """Run the script in a project of its own; give its status and what it said."""
    (folder / "scripts").mkdir()
    shutil.copy(SCRIPT, folder / "scripts")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "pytest.ini").write_text(
        "[pytest]\nmarkers = long\nasyncio_default_fixture_loop_scope = function\n"
    )
    (folder / "test_all.py").write_text(TESTS.format(broken=broken))
    done = subprocess.run(
        [folder / "scripts" / "tests.sh", "short"],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        stdout=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "status", "last"),
    [(0, 0, "1 passed"), (1, 1, "1 failed, 1 passed")],
)
def test_what_failed_beside_others_is_named_before_it_is_tried_again(
    tmp_path: Path, broken: int, status: int, last: str
) -> None:
    code, said = run(tmp_path, broken=broken)
    assert code == status
    told = said.index(f"First run: 1 passed, {1 + broken} failed beside others; tried again alone:")
    assert "  test_all.py::test_starved" in said[told : told + 2 + broken]
    assert said[-1].strip("= ").startswith(f"{last} in")


@pytest.mark.long
def test_more_than_a_handful_is_not_tried_again(tmp_path: Path) -> None:
    code, said = run(tmp_path, broken=6)
    assert code == 1
    assert said[-1].strip("= ").startswith("7 failed, 1 passed")
