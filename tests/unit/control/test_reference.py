"""The API's reference is what the API is."""

from __future__ import annotations

from pathlib import Path

from rostra.control.app import build
from rostra.control.reference import markdown, operations
from rostra.core.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "api.md"
DOCUMENT = build(Settings(data=Path("unused"))).openapi()


def test_the_reference_page_in_the_repository_is_up_to_date() -> None:
    _, body = markdown(DOCUMENT).split("\n", 1)
    assert PAGE.read_text(encoding="utf-8").endswith(body), "run: make docs"


def test_every_address_is_explained_by_a_sentence() -> None:
    assert [each.path for each in operations(DOCUMENT) if not each.about.endswith(".")] == []
