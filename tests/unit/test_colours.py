"""Colours have one home, the tokens; and whatever colour a site gives the lamp lights what is pressed."""

from __future__ import annotations

import re
from pathlib import Path

SHEETS = Path(__file__).parents[2] / "web" / "src"
TOKENS = SHEETS / "look" / "tokens.css"
BACKSTAGE = SHEETS / "backstage"
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
BESIDE_WORDS = (".amiss", ".rungs li[aria-current]")
"""What these bars mark says so in words too."""
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


def test_backstage_tells_nothing_by_the_lamps_colour_alone() -> None:
    """It is a surface with ink on it: a line of it is lost on paper, and of a site's own colour anywhere."""
    alone = [
        selector.strip()
        for sheet in sorted(BACKSTAGE.rglob("*.css"))
        for selector, style in RULE.findall(sheet.read_text())
        if "var(--lamp)" in style and "var(--on-lamp)" not in style
    ]
    assert tuple(alone) == BESIDE_WORDS


def test_no_line_of_a_chart_has_the_lamps_colour() -> None:
    scripts = [path for path in BACKSTAGE.rglob("*") if path.suffix in (".ts", ".svelte")]
    assert [path.name for path in scripts if "--lamp" in path.read_text()] == ["colour.ts"]
