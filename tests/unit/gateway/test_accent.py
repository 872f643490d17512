"""Whatever colour an operator chooses, what stands on it can be read, and what it tells can be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.gateway.accent import Accent, contrast

TOKENS = Path(__file__).parents[3] / "web" / "src" / "look" / "tokens.css"
POSTER = "#191710"
"""In the dark."""


def test_the_built_in_ink_stays_where_it_is_read_well() -> None:
    accent = Accent.of("#FFC91F")
    assert accent is not None
    assert accent.ink == "#17140a"


def test_what_is_no_colour_changes_nothing() -> None:
    assert Accent.of("red; } body { display: none") is None


@given(st.integers(0, 0xFFFFFF))
def test_who_speaks_is_seen_in_the_dark_whatever_the_colour(number: int) -> None:
    accent = Accent.of(f"#{number:06x}")
    assert accent is not None
    assert contrast(accent.mark, POSTER) >= 3
    _, _, dark = accent.sheet.decode().partition("@media (prefers-color-scheme: dark)")
    disc, initials = dark.partition("--disc: ")[2][:7], dark.partition("--on-disc: ")[2][:7]
    assert disc == accent.mark
    assert contrast(disc, initials) >= 4.5


def test_the_dark_is_that_of_the_pages() -> None:
    _, _, dark = TOKENS.read_text().partition("prefers-color-scheme: dark")
    assert f"--poster: {POSTER};" in dark


@pytest.mark.parametrize("color", ["#000000", "#1b2a6b", "#0000ff", "#7f0000", "#ffffff"])
def test_on_the_dark_a_colour_is_as_light_as_it_must_be(color: str) -> None:
    accent = Accent.of(color)
    assert accent is not None
    assert contrast(accent.lit_on("#100f0a"), "#100f0a") >= 4.5


def test_on_the_dark_a_light_colour_stays_as_it_is() -> None:
    accent = Accent.of("#e05a7a")
    assert accent is not None
    assert accent.lit_on("#100f0a") == "#e05a7a"
