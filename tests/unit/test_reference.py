"""The generated pages of the manual say what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from harness.pictures import PICTURES
from rostra.core.errors import UnknownSpace
from rostra.core.settings import Settings
from rostra.core.words import CATALOGUES, ENGLISH

ROOT = Path(__file__).parents[2]
TOLD = ("event.", "line.", "studio.", "consent.", "stage.")
"""Pages whose sentences are all states."""


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "generate_settings_reference",
        "generate_errors_reference",
        "generate_lifecycle_reference",
        "generate_floor_reference",
        "generate_metrics_reference",
        "generate_screens_reference",
    ],
)
def test_a_reference_page_is_what_its_script_writes_today(name: str) -> None:
    script = _script(name)
    assert script.PAGE.read_text(encoding="utf-8") == script.render(), "run `make docs`"


def test_every_picture_shows_a_state_and_every_state_names_pictures_that_there_are() -> None:
    pages = _script("generate_screens_reference").pages()
    named = {picture for page in pages for state in page["states"] for picture in state.get("pictures", ())}
    assert named == {picture.name for picture in PICTURES}
    assert [state["name"] for page in pages for state in page["states"] if not state.get("pictures")] == []


def test_every_sentence_of_event_page_and_studio_stands_at_one_of_their_states() -> None:
    pages = _script("generate_screens_reference").pages()
    told = {key for page in pages for state in page["states"] for key in state.get("says", ())}
    said = {key for key, text in CATALOGUES[ENGLISH].items() if key.startswith(TOLD) and text.endswith(".")}
    assert {key for key in said - told if not key.endswith(".one")} == set()


def test_every_setting_has_a_row_with_its_help() -> None:
    page = _script("generate_settings_reference").render()
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `ROSTRA_{name.upper()}` \|.*$", page, re.MULTILINE)
        assert row is not None
        assert field.description
        assert field.description in row[0]


def test_a_refusal_is_listed_with_its_code_status_and_sentence() -> None:
    page = _script("generate_errors_reference").render()
    assert f"| `unknown_space` | 404 | {UnknownSpace().sentence} |" in page
    assert "## `gateway`" in page
    for section in page.split("\n## ")[1:]:
        codes = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert codes
        assert len(codes) == len(set(codes))


def test_the_design_system_names_test_ids_that_there_are() -> None:
    page = (ROOT / "docs" / "design-system.md").read_text(encoding="utf-8")
    listed = page.partition("## For tests")[2].partition("`window.rostra`")[0]
    named = set(re.findall(r"`([a-z-]+)`", listed)) - {"data-testid", "data-space", "data-state"}
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "web" / "src").rglob("*.*") if path.is_file()
    )
    used = set(re.findall(r"""testid['"]?(?:=|: |\] = )['"]([a-z-]+)['"]""", sources))
    assert named - used == {"data-line", "data-live"}


@pytest.mark.parametrize("name", ["README.md", "docs/design-system.md"])
def test_a_page_shows_only_pictures_that_there_are(name: str) -> None:
    page = ROOT / name
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert shown
    assert [one for one in shown if not (page.parent / one).is_file()] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=str)
def test_a_page_names_only_files_of_the_code_that_there_are(page: Path) -> None:
    named = re.findall(r"`([\w./-]+\.(?:py|ts|svelte))`", page.read_text(encoding="utf-8"))
    folders = ("src", "web/src", "web/test", "tests", "scripts", "bench")
    there = [f"/{path.relative_to(ROOT)}" for folder in folders for path in (ROOT / folder).rglob("*.*")]
    missing = [one for one in named if not any(path.endswith(f"/{one}") for path in there)]
    assert [one for one in missing if not (ROOT / one).is_file()] == []
