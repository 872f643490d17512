"""Names that people choose for themselves: normalised, of 2 to 40 characters, and no look-alikes.

Pure. Two names look alike when their *skeletons* are equal, as Unicode TR 39 §4 has it: compatibility
forms and accents go, and letters of other scripts become the Latin ones that they look like.
The table is a selection of TR 39's ``confusables.txt`` (Cyrillic, Greek, Armenian, digits), made
stricter by ignoring case, spaces and signs, as people do who read in haste.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rostra.core.errors import BadRequest, Conflict

SHORTEST: Final = 2
LONGEST: Final = 40
_CAPITALS: Final = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "АВЕКМНОРСТУХІЈЅЗԜ" "ՕՍ",
    "ABEZHIKMNOPTYX" "ABEKMHOPCTYXIJS3W" "OU",
)  # fmt: skip
"""What looks alike as a capital only: a Greek nu is an N, and its small letter a v."""
_TABLE: Final = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "ҽ": "e", "ғ": "f", "ɡ": "g", "һ": "h",
        "н": "h", "і": "l", "ї": "l", "ј": "j", "к": "k", "қ": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o",
        "ө": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "у": "y", "ү": "y", "ѵ": "v", "ѡ": "w",
        "ԝ": "w", "х": "x", "з": "3", "б": "6", "ь": "b", "ш": "w", "щ": "w",
        # Greek
        "α": "a", "β": "b", "ϲ": "c", "ε": "e", "γ": "y", "η": "n", "ι": "l", "κ": "k", "μ": "u", "ν": "v",
        "ο": "o", "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ζ": "z",
        # Armenian and Latin letters of their own
        "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "ı": "l", "ł": "l", "ø": "o", "đ": "d", "ħ": "h",
        "ɑ": "a", "ʏ": "y", "ɩ": "l",
        # What looks alike in Latin itself
        "i": "l", "1": "l", "|": "l", "0": "o",
    }
)  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


class BadName(BadRequest):
    """A name has 2 to 40 characters, letters among them."""

    code = "bad_name"


class NameTaken(Conflict):
    """This name looks like that of somebody else here. Please choose another."""

    code = "name_taken"


def normalised(name: str) -> str:
    """Return ``name`` in its plain form (NFKC), spaces single; BadName when it is none."""
    plain = " ".join(unicodedata.normalize("NFKC", name).split())
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in plain):
        raise BadName
    if not SHORTEST <= len(plain) <= LONGEST or not any(char.isalpha() for char in plain):
        raise BadName
    return plain


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """Return what is left of ``name`` at a glance; equal for names that look alike."""
    capitals = unicodedata.normalize("NFKD", name).translate(_CAPITALS)
    apart = unicodedata.normalize("NFKD", capitals.casefold())
    kept = "".join(char for char in apart if not unicodedata.combining(char))
    looks = "".join(char for char in kept.translate(_TABLE) if char.isalnum())
    for pair, letter in _PAIRS:
        looks = looks.replace(pair, letter)
    return looks


def alike(name: str, other: str) -> bool:
    """Whether two names look alike."""
    return skeleton(name) == skeleton(other)


def need_distinct(name: str, others: Iterable[str]) -> None:
    """Raise NameTaken when ``name`` looks like one of ``others``."""
    if any(alike(name, other) for other in others):
        raise NameTaken
