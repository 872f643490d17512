"""What the docs tell a newcomer to type: the shell blocks of a page, each by its heading.

So that a test types what stands there, and a step that is wrong fails.
"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_SECTION = re.compile(r"^## (?P<heading>.+?)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: str, heading: str) -> str:
    """Return the only shell block under ``heading`` of ``docs/<page>``."""
    sections = {found["heading"]: found["text"] for found in _SECTION.finditer((DOCS / page).read_text())}
    (block,) = _BLOCK.findall(sections[heading])
    return str(block)


def in_place_of_the_shell(block: str) -> list[str]:
    """The same as a command line whose process is the last command, so that it can be ended."""
    *before, last = block.rstrip().splitlines()
    return ["bash", "-ec", "\n".join([*before, f"exec {last}"])]
