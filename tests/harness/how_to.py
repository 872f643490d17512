"""What the docs tell a newcomer to type: the shell blocks of a page, by their heading.

So that a test types what stands there, and a step that is wrong fails.
"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
README = DOCS.parent / "README.md"
_SECTION = re.compile(r"^## (?P<heading>.+?)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: str, heading: str) -> str:
    """Return the only shell block under ``heading`` of ``docs/<page>``."""
    (block,) = blocks(DOCS / page, heading)
    return block


def blocks(page: Path, heading: str) -> list[str]:
    """Return the shell blocks under ``heading`` of the page."""
    sections = {found["heading"]: found["text"] for found in _SECTION.finditer(page.read_text())}
    return [str(block) for block in _BLOCK.findall(sections[heading])]


def in_place_of_the_shell(block: str) -> list[str]:
    """The same as a command line whose process is the last command, so that it can be ended."""
    *before, last = block.rstrip().splitlines()
    return ["bash", "-ec", "\n".join([*before, f"exec {last}"])]
