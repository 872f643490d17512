"""The architecture page is true to the code: its table of packages against the real imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "rostra"
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def documented() -> dict[str, set[str]]:
    """Package → packages it imports, as the table under "Packages, in order" says."""
    table = PAGE.split("## Packages, in order")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", table, re.MULTILINE)
    return {name: set(re.findall(r"\w+", imports)) for name, imports in rows}


def imported(package: str) -> set[str]:
    """Packages of ours that the files of ``package`` import."""
    found: set[str] = set()
    for file in (SOURCE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in names if name.startswith("rostra.")}
    return found - {package}


def test_the_page_names_every_package() -> None:
    packages = {folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists()}
    assert set(documented()) == packages - {"serve"}


@pytest.mark.parametrize("package", sorted(documented()))
def test_a_package_imports_just_what_the_page_says(package: str) -> None:
    assert imported(package) == documented()[package]


def test_the_picture_shows_every_part_with_a_process() -> None:
    picture = PAGE.split("```")[1]
    for word in ("stage", "TAPE", "edge :8001", "door :8000", "backstage :8002", "database", "bus"):
        assert word in picture


@pytest.mark.parametrize("role", ["stage", "edge", "gateway", "control"])
def test_only_backstage_may_open_the_database(role: str) -> None:
    assert ("store" in imported(role)) == (role == "control")


def test_one_file_of_the_server_knows_the_webrtc_library() -> None:
    users = [
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if re.search(r"^\s*(from|import) aiortc", file.read_text(), re.MULTILINE)
        and file.relative_to(SOURCE).parts[0] != "rehearsal"
    ]
    assert users == ["stage/peer.py"]
