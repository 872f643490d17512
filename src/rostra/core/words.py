"""What Rostra says, in every language it speaks: one flat catalogue per language, read at import.

``say`` answers in the language asked for, in English where that has no words for it, and with the
key itself where nobody has; what was missing is counted. Chooses languages and plural forms; never
knows of pages. The catalogues are ``src/rostra/words/*.json``, shared with the web build; a page's
keys begin with its name (``event.listen``), a refusal's with ``error.``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Final
from urllib.parse import parse_qs

import msgspec

from rostra.core import pseudo

ENGLISH: Final = "en"
PSEUDO: Final = "qps"
"""For tests of the pages: accented, longer, right to left; by ``?lang=qps`` only, offered to nobody."""
COOKIE: Final = "lang"
"""Also the name of the parameter in addresses that sets it."""
_NAMES = {"en": "English", "es": "Español"}
_RIGHT_TO_LEFT = {PSEUDO, "ar", "fa", "he", "ur"}
_THOUSANDS = {"es": "."}
_MOST_OFFERS = 20
_SHORT = 128
"""Characters of an Accept-Language header that is kept with what it says."""
_MOST_KEPT = 256
_PLACE = re.compile(r"\{(\w+)\}")


def _load() -> dict[str, dict[str, str]]:
    folder = resources.files("rostra") / "words"
    languages = {
        file.name.removesuffix(".json"): msgspec.json.decode(file.read_bytes(), type=dict[str, str])
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    }
    return languages | {PSEUDO: pseudo.catalogue(languages[ENGLISH])}


CATALOGUES: Final[Mapping[str, Mapping[str, str]]] = _load()
LANGUAGES: Final = tuple(language for language in CATALOGUES if language != PSEUDO)
"""Those that people are offered."""
missing: Final[Counter[tuple[str, str]]] = Counter()
"""How often (language, key) was asked for in vain."""
_KEYS_OF_SENTENCES: Final = {
    text: key for key, text in CATALOGUES[ENGLISH].items() if key.startswith("error.")
}


def say(language: str, key: str, /, **values: str | int) -> str:
    """Return the words under ``key`` with ``{name}`` filled in; whole numbers get their separators.

    With ``count``, ``key.one`` or ``key.other`` is taken where the catalogue has such forms. A value that
    has words of its own, under ``key.name.value``, is said by them, and they may have places too.
    """

    # A name or a time keeps its own direction in a sentence that reads the other way (UAX 9 §2.4).
    isolated = direction(language) == "rtl" and not key.startswith("time.")

    def fill(place: re.Match[str]) -> str:
        value = values.get(place[1], place[0])
        own = f"{key}.{place[1]}.{value}"
        if own in CATALOGUES[ENGLISH]:
            return _PLACE.sub(fill, _find(language, own))
        text = number(language, value) if isinstance(value, int) else value
        return f"\u2068{text}\u2069" if isolated else text

    return _PLACE.sub(fill, _find(language, _form(key, values)))


def sentence(language: str, code: str, english: str, detail: Mapping[str, str | int]) -> str:
    """Return what a refusal says, in ``language``, with ``{name}`` filled in from its detail.

    Its sentence is found by its English; where it has no translation of its own, English readers get
    it as it is, others what is always said for its code.
    """
    key = _KEYS_OF_SENTENCES.get(english)
    if key is not None:
        return say(language, key, **detail)
    general = f"error.{code}"
    if language == ENGLISH or general not in CATALOGUES[ENGLISH]:
        return english
    return say(language, general)


def choose(*, query: str = "", cookie: str = "", accept: str = "") -> str:
    """Return the language of a visitor, from a query string, a Cookie and an Accept-Language header."""
    asked = parse_qs(query).get(COOKIE, [""])[0] if COOKIE in query else ""
    for language in (asked, _of_cookie(cookie)):
        if language in CATALOGUES:
            return language
    return _accepted_again(accept) if len(accept) <= _SHORT else _accepted(accept)


def direction(language: str) -> str:
    """``ltr`` or ``rtl``."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def name(language: str) -> str:
    """A language's own name for itself."""
    return _NAMES.get(language, language)


def number(language: str, value: int) -> str:
    """A whole number with its thousands parted: ``12,345``; Spanish parts from five digits on."""
    mark = _THOUSANDS.get(language, ",")
    return str(value) if mark == "." and abs(value) < 10_000 else f"{value:,}".replace(",", mark)


def _form(key: str, values: Mapping[str, str | int]) -> str:
    if "count" not in values or f"{key}.other" not in CATALOGUES[ENGLISH]:
        return key
    return f"{key}.one" if values["count"] == 1 else f"{key}.other"


def _find(language: str, key: str) -> str:
    text = CATALOGUES.get(language, {}).get(key)
    if text is None:
        missing[language, key] += 1
        text = CATALOGUES[ENGLISH].get(key, key)
    return text


def _of_cookie(header: str) -> str:
    for pair in header.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == COOKIE:
            return value
    return ""


def _accepted(header: str) -> str:
    """The offered language with the greatest weight (RFC 9110 §12.5.4), by its first subtag; else English."""
    best, best_weight = ENGLISH, 0.0
    for offer in header.split(",")[:_MOST_OFFERS]:
        tag, _, parameter = offer.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


_accepted_again = lru_cache(maxsize=_MOST_KEPT)(_accepted)
"""The same for what browsers send again and again."""


def _weight(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if key.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
