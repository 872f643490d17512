"""Write ``docs/reference/api.md`` from the OpenAPI document of backstage."""

from __future__ import annotations

from pathlib import Path

from rostra.control.app import build
from rostra.control.reference import markdown
from rostra.core.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "api.md"
_NOTE = "<!-- Written by scripts/generate_api_reference.py; `make docs` writes it again. -->"


def render() -> str:
    """Return the whole page."""
    title, rest = markdown(build(Settings()).openapi()).split("\n", 1)
    return f"{title}\n\n{_NOTE}\n{rest}"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
