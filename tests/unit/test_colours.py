"""Colours have one home, the tokens; and whatever colour a site gives the lamp lights what is pressed."""

from __future__ import annotations

import re
from pathlib import Path

SHEETS = Path(__file__).parents[2] / "web" / "src"
TOKENS = SHEETS / "look" / "tokens.css"
COLOUR = re.compile(r":[^;{]*(#[0-9a-f]{3,8}\b|\b(rgb|hsl)a?\()", re.IGNORECASE)


def test_no_style_sheet_but_the_tokens_names_a_colour() -> None:
    sheets = sorted(SHEETS.rglob("*.css"))
    assert TOKENS in sheets
    assert [sheet for sheet in sheets if COLOUR.search(sheet.read_text())] == [TOKENS]


def test_in_the_dark_what_is_pressed_takes_the_lamps_colour_and_its_ink() -> None:
    """Backstage sets only these two for a site's own colour (``web/src/backstage/colour.ts``)."""
    _, _, dark = TOKENS.read_text().partition("prefers-color-scheme: dark")
    for token, lamp in (
        ("button", "lamp"),
        ("on-button", "on-lamp"),
        ("disc", "lamp"),
        ("on-disc", "on-lamp"),
    ):
        assert f"--{token}: var(--{lamp});" in dark
