"""What the pages of backstage load: files of the web build, by its manifest. Reads; renders nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

import rostra

PAGES: Final = Path(rostra.__file__).parent / "pages"
TEMPLATES: Final = Path(__file__).parent / "templates"
ENTRY: Final = "src/backstage/main.ts"


class Chunk(msgspec.Struct, frozen=True):
    """One entry of Vite's manifest."""

    file: str
    css: list[str] = []
    imports: list[str] = []


@dataclass(frozen=True, slots=True)
class Assets:
    """What the shell loads, as addresses."""

    css: tuple[str, ...]
    js: tuple[str, ...]


def read_assets(pages: Path) -> Assets | None:
    """What the backstage entry needs, imported styles included; None without a web build."""
    try:
        manifest = msgspec.json.decode(
            (pages / ".vite" / "manifest.json").read_bytes(), type=dict[str, Chunk]
        )
    except FileNotFoundError:
        return None
    if ENTRY not in manifest:
        return None
    needed = [ENTRY]
    for name in needed:  # grows while it is walked
        needed += [other for other in manifest[name].imports if other not in needed]
    styles = dict.fromkeys(f"/{file}" for name in reversed(needed) for file in manifest[name].css)
    return Assets(tuple(styles), (f"/{manifest[ENTRY].file}",))
