"""The pseudo-language: English that shows where a page was not made for other languages.

Accented, so that text from elsewhere stands out; about 35 % longer, so that it must wrap, by words
as long as German has them; marked right to left, for pages mirrored. Placeholders stay. Pure.
``web/words.ts`` does the same at build time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

_ACCENTS = str.maketrans("aeiouyAEIOUYcnsz", "áéíóúýÁÉÍÓÚÝçñšž")
_PLACEHOLDER = re.compile(r"(\{\w+\})")
_RIGHT_TO_LEFT_MARK = "\u200f"
_LONGER = 0.35
_FILLER = "·on·and·on·and·on·and·on·and "


def catalogue(english: Mapping[str, str]) -> dict[str, str]:
    """Return the words in the pseudo-language; times are patterns, and stay as English writes them."""
    return {key: text if key.startswith("time.") else disguise(text) for key, text in english.items()}


def disguise(text: str) -> str:
    """Return ``text`` in the pseudo-language."""
    parts = _PLACEHOLDER.split(text)
    accented = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    more = math.ceil(len(text) * _LONGER)
    filler = (_FILLER * (more // len(_FILLER) + 1))[:more]
    return f"{_RIGHT_TO_LEFT_MARK}{accented} {filler}{_RIGHT_TO_LEFT_MARK}"
