"""What is wrong with a request's fields, in words: from pydantic's errors to the catalogue's sentences.

Names the first field that is wrong and what is wrong with it; never repeats what was sent. The kinds
are pydantic's (docs.pydantic.dev, "Validation Errors"), and those of the shapes' own checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from rostra.core import words
from rostra.core.errors import BadRequest

_OF_BODY: Final = {
    "json_invalid": "wrong.body.json",
    "missing": "wrong.body.missing",
    "model_attributes_type": "wrong.body.object",
    "dict_type": "wrong.body.object",
}
_OF_FIELD: Final = {
    "missing": "wrong.field.missing",
    "extra_forbidden": "wrong.field.unknown",
    "string_too_long": "wrong.field.too_long",
    "string_too_short": "wrong.field.too_short",
    "string_type": "wrong.field.text",
    "string_unicode": "wrong.field.text",
    "int_type": "wrong.field.whole_number",
    "int_parsing": "wrong.field.whole_number",
    "int_from_float": "wrong.field.whole_number",
    "int_parsing_size": "wrong.field.whole_number",
    "bool_type": "wrong.field.yes_or_no",
    "bool_parsing": "wrong.field.yes_or_no",
    "enum": "wrong.field.one_of",
    "literal_error": "wrong.field.one_of",
    "greater_than_equal": "wrong.field.at_least",
    "less_than_equal": "wrong.field.at_most",
    "dict_type": "wrong.field.object",
    "one_line": "wrong.field.one_line",
    "seen": "wrong.field.seen",
    "no_control_characters": "wrong.field.no_control_characters",
}
_PATTERNS: Final = {
    "handle": "wrong.field.handle",
    "host": "wrong.field.handle",
    "email": "wrong.field.email",
    "color": "wrong.field.color",
}
"""What a field with a pattern is to look like."""


class Misunderstood(BadRequest):
    """The request could not be understood."""


def misunderstood(error: RequestValidationError, language: str) -> Misunderstood:
    """The refusal, its sentence in ``language`` and its detail the name of the field."""
    first = error.errors()[0]
    names = [str(part) for part in first["loc"][1:] if not isinstance(part, int)]
    if not names or first["type"] == "json_invalid":
        return Misunderstood(words.say(language, _OF_BODY.get(first["type"], "error.bad_request")))
    told = words.say(language, _key(first, names[-1]), **_values(first, names, language))
    return Misunderstood(told, field=".".join(names))


def _key(error: Mapping[str, Any], field: str) -> str:
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(field, "wrong.field.odd")
    if kind == "string_too_short" and error["ctx"]["min_length"] == 1:
        return "wrong.field.empty"
    return _OF_FIELD.get(kind, "wrong.field.odd")


def _values(error: Mapping[str, Any], names: Sequence[str], language: str) -> dict[str, str | int]:
    """What stands in a sentence's places: the field as people call it, and its limit."""
    limits: Mapping[str, Any] = error.get("ctx", {})
    values: dict[str, str | int] = {"field": ".".join([*names[:-1], _called(names[-1], language)])}
    for name, place in (("max_length", "count"), ("min_length", "count"), ("ge", "limit"), ("le", "limit")):
        if isinstance(limits.get(name), int):
            values[place] = limits[name]
    if "expected" in limits:
        values["choices"] = str(limits["expected"]).replace(" or ", ", ").replace("'", "")
    return values


def _called(field: str, language: str) -> str:
    key = f"field.{field}"
    return words.say(language, key) if key in words.CATALOGUES[words.ENGLISH] else field
