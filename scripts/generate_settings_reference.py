"""Write ``docs/reference/settings.md`` from the table of settings in ``rostra.core.settings``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from rostra.core.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"
_HEAD = """\
# Settings

<!-- Written by scripts/generate_settings_reference.py; `make docs` writes it again. -->

Every setting is an environment variable that `rostra serve` reads once, at its start; those marked
*option* can be given on the command line too, which wins. A value that does not fit its type is
refused with a sentence before anything starts. Text in lists is written as JSON.

| variable | type | default | unit | what it does |
|---|---|---|---|---|
"""
_OPTIONS = {"data", "bind", "door_port", "edge_port", "control_port", "edge_workers"}
_TYPES: dict[Any, str] = {
    bool: "`true` or `false`",
    Path: "path",
    Path | None: "path",
    str: "text",
    int: "whole number",
    list[str]: "list of texts",
}


def render() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra or {}
    option = f" (option `--{name.replace('_', '-')}`)" if name in _OPTIONS else ""
    cells = (
        f"`ROSTRA_{name.upper()}`",
        _kind(field.annotation),
        _default(field.default),
        extra.get("unit", ""),
        (field.description or "") + option,
    )
    return f"| {' | '.join(cells)} |\n"


def _kind(annotation: Any) -> str:
    """Say what a value must be, in words."""
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    return _TYPES[annotation]


def _default(value: object) -> str:
    if value in ("", None):
        return "empty"
    return f"`{json.dumps(value) if isinstance(value, list) else value}`"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
