"""The pseudo-language: English that shows where a page was not made for other languages.

Accented, so that text from elsewhere stands out; about 35 % longer, so that it must wrap; marked
right to left, for pages mirrored. Placeholders stay. Pure. ``web/words.ts`` does the same at build time.
"""

from __future__ import annotations

import math
import re

_ACCENTS = str.maketrans("aeiouyAEIOUYcnsz", "áéíóúýÁÉÍÓÚÝçñšž")
_PLACEHOLDER = re.compile(r"(\{\w+\})")
_RIGHT_TO_LEFT_MARK = "\u200f"
_LONGER = 0.35
_FILLER = "·on·and"


def disguise(text: str) -> str:
    """Return ``text`` in the pseudo-language."""
    parts = _PLACEHOLDER.split(text)
    accented = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    more = math.ceil(len(text) * _LONGER)
    filler = (_FILLER * (more // len(_FILLER) + 1))[:more]
    return f"{_RIGHT_TO_LEFT_MARK}{accented} {filler}{_RIGHT_TO_LEFT_MARK}"
