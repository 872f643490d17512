"""What the API takes in."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from rostra.control.api.shapes import Name


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
