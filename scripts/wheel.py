"""What ``pip install .`` asks before it builds a wheel: whether the pages are there. Builds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MANIFEST = "src/rostra/pages/.vite/manifest.json"


class Pages(BuildHookInterface):
    """Refuses a wheel without them; an editable one has them from its folder, whenever they are made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable" and not (Path(self.root) / MANIFEST).exists():
            self.app.abort(
                "The web pages are not built yet, and a wheel without them serves none. Run: make web"
            )
