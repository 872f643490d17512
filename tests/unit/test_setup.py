"""What ``make`` says before anything of Rostra runs, and what it builds the pages from."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
PLAIN = ("bash", "dirname", "env", "grep", "id", "mktemp", "rm", "sleep", "sort", "tail")
"""What every machine has."""
PAGES = "src/rostra/pages/.vite/manifest.json"


@pytest.fixture
def machine() -> Iterator[Path]:
    """A folder with the set-up alone, on a machine with nothing but the plainest tools."""
    with tempfile.TemporaryDirectory() as name:  # open to all, as nobody is who types
        folder = Path(name)
        folder.chmod(0o755)
        tools = folder / "bin"
        tools.mkdir()
        for tool in PLAIN:
            (tools / tool).symlink_to(str(shutil.which(tool)))
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "setup.sh", folder / "scripts")
        yield folder


def said(machine: Path, step: str, **variables: str) -> str:
    """What ``setup.sh`` says to somebody who may not install anything; it must stop."""
    done = subprocess.run(
        [machine / "scripts" / "setup.sh", step],
        env={"PATH": str(machine / "bin"), **variables},
        user=NOBODY if os.getuid() == 0 else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_all_that_is_missing_is_named_at_once(machine: Path) -> None:
    lines = said(machine, "run", SETUP_STEPS="run web").splitlines()
    assert lines[-1] == "  sudo apt-get install -y nodejs npm python3 python3-venv"
    whole = said(machine, "dev", SETUP_STEPS="dev system web").splitlines()[-1].split()
    assert {"python3", "python3-venv", "chromium", "coturn", "nodejs", "npm"} < set(whole)
    assert len(whole) == len(set(whole))


def test_a_step_by_itself_asks_for_no_more_than_it_needs(machine: Path) -> None:
    assert said(machine, "web").splitlines()[-1] == "  sudo apt-get install -y nodejs npm"


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
    ],
)
def test_a_node_that_cannot_build_the_pages_is_told(machine: Path, version: str, fits: bool) -> None:
    for tool, does in (("node", f"echo {version}"), ("npm", "exit 1")):
        (machine / "bin" / tool).write_text(f"#!/bin/sh\n{does}\n")
        (machine / "bin" / tool).chmod(0o755)
    assert ("Web packages failed" if fits else f"this is {version}.") in said(machine, "web")


def test_pages_are_built_anew_when_anything_they_are_made_of_changes() -> None:
    rules = subprocess.run(
        ["make", "--print-data-base", "--question", "--dry-run", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout.splitlines()
    made_of = next(line for line in rules if line.startswith(f"{PAGES}: ")).split()
    sources = [f"web/{each}" for each in ("package.json", "package-lock.json", "words.ts")]
    sources += [f"web/{each}" for each in ("svelte.config.js", "tsconfig.json", "vite.config.ts")]
    sources += [str(each.relative_to(ROOT)) for each in (ROOT / "web" / "public").iterdir()]
    sources += [f"src/rostra/words/{language}.json" for language in ("en", "es")]
    assert set(sources) <= set(made_of)
