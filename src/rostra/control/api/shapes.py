"""What travels in and out of the API. Shapes and their limits only; times go out as ISO 8601."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError, PydanticKnownError

from rostra.control.names import has_seen, is_seen
from rostra.control.notices import LONGEST as LONGEST_NOTICE
from rostra.control.passwords import LONGEST, SHORTEST

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what stands around them on a page (Unicode TR 9)."""


_UNSEEN = PydanticCustomError("seen", "must be made of characters that can be seen")


def one_line(text: str) -> str:
    """Return ``text``, which may be empty.

    PydanticCustomError when it is more than one line, holds control characters, or nothing that is seen.
    """
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _TURNING for char in text):
        raise PydanticCustomError("one_line", "must be one line without control characters")
    if text and not has_seen(text):
        raise _UNSEEN
    return text


def shown(name: str) -> str:
    """Return ``name``, one line or empty; PydanticCustomError when it holds what nobody sees."""
    if name and not is_seen(one_line(name)):
        raise _UNSEEN
    return name


def plain(text: str) -> str:
    """Return ``text`` with plain line ends; it may be empty.

    PydanticCustomError when it holds control characters but tabs, or nothing that is seen.
    """
    text = text.replace("\r\n", "\n")
    if any((unicodedata.category(char) == "Cc" and char not in "\n\t") or char in _TURNING for char in text):
        raise PydanticCustomError("no_control_characters", "must not contain control characters")
    if text and not has_seen(text):
        raise _UNSEEN
    return text


def _long_enough(passphrase: str) -> str:
    if 0 < len(passphrase) < SHORTEST_PASSPHRASE:
        raise PydanticKnownError("string_too_short", {"min_length": SHORTEST_PASSPHRASE})
    return passphrase


SHORTEST_PASSPHRASE = 6
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$")]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(shown)
]
NameOrNone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(shown)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(plain)]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Short = Annotated[str, StringConstraints(max_length=100)]
Passphrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100),
    AfterValidator(one_line),
    AfterValidator(_long_enough),
]
NoticeText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTICE), AfterValidator(one_line)
]


class Incoming(BaseModel):
    """A request's body: unknown fields are refused, so that a slip of the pen is not ignored."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(BaseModel):
    code: str
    message: str
    detail: dict[str, str | int] = {}


class ErrorOut(BaseModel):
    """Every refusal."""

    error: ErrorBody
