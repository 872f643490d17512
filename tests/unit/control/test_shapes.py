"""What the API takes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rostra.control.api.happening_shapes import CaptionIn, PinnedIn
from rostra.control.api.people_shapes import Bio
from rostra.control.api.shapes import Description, Name, Title
from rostra.control.api.space_shapes import NoticeIn


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "a\nb",
        "a\x00",
        "x" * 61,
        "Ada \u202eevil",
        "\u2066Ada",
        "\u200b\u200b",
        "Ada\u200b",
        "\u3164",
        "\u2800\u2800",
        "\u200d",
        "\u0301",
    ],
)
def test_a_name_that_would_spoil_a_page_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(name)


@pytest.mark.parametrize("name", ["Ada", "Zoë Łódź", "عالية", "李雷 🎙", "علی\u200cرضا", "👩\u200d💻 Ann"])
def test_names_of_all_alphabets_are_welcome(name: str) -> None:
    assert TypeAdapter(Name).validate_python(name) == name


UNSEEN = ["\u200b", "\u200b \ufeff", "\u2060", "\u3164", "\u2800", "\u00ad", "\ufe0f"]
SHOWN = [
    (Title, lambda text: text),
    (Description, lambda text: text),
    (Bio, lambda text: text),
    (NoticeIn, lambda text: {"text": text}),
    (PinnedIn, lambda text: {"link": "https://example.org", "label": text}),
    (CaptionIn, lambda text: {"text": text}),
]


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize(("shape", "body"), SHOWN)
def test_what_people_read_has_something_to_see(shape: Any, body: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(shape).validate_python(body(text))


@pytest.mark.parametrize("text", ["Soon", "علی\u200cرضا", "👩\u200d💻", "\u200bSoon", "…", "❤\ufe0f"])
@pytest.mark.parametrize(("shape", "body"), SHOWN)
def test_and_may_have_beside_it_what_joins_letters(shape: Any, body: Callable[[str], Any], text: str) -> None:
    TypeAdapter(shape).validate_python(body(text))
