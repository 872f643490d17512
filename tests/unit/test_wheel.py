"""What somebody gets who installs Rostra instead of running it from its folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.build import build_editable, build_wheel

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
MANIFEST = "rostra/pages/.vite/manifest.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    with ZipFile(folder / done.stdout.split()[-1]) as opened:
        yield opened


def test_the_built_pages_are_in_it(wheel: ZipFile) -> None:
    assert MANIFEST in wheel.namelist()
    chunks = json.loads(wheel.read(MANIFEST)).values()
    files = {name for chunk in chunks for name in (chunk["file"], *chunk.get("css", ()))}
    assert files
    assert {f"rostra/pages/{name}" for name in files} <= set(wheel.namelist())


def test_whatever_lies_beside_the_code_is_in_it_the_demo_s_voices_too(wheel: ZipFile) -> None:
    source = ROOT / "src"
    beside = {
        str(path.relative_to(source))
        for path in (source / "rostra").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "pages" not in path.parts
    }
    assert "rostra/rehearsal/voices/lines.json" in beside
    assert sum(name.endswith(".opus") for name in beside) > 10
    assert beside <= set(wheel.namelist())


def test_it_brings_the_command(wheel: ZipFile) -> None:
    points = ConfigParser()
    name = next(each for each in wheel.namelist() if each.endswith(".dist-info/entry_points.txt"))
    points.read_string(wheel.read(name).decode())
    assert points["console_scripts"]["rostra"] == "rostra.cli:app"


def test_without_the_pages_there_is_none_but_the_folder_itself_may_wait_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "scripts/wheel.py", "src/rostra/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        build_wheel(str(tmp_path / "dist"))
    assert "Run: make web" in capsys.readouterr().err
    assert (tmp_path / "dist" / build_editable(str(tmp_path / "dist"))).exists()
