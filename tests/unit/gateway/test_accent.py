"""Whatever colour an operator chooses, what stands on it can be read."""

from __future__ import annotations

import pytest

from rostra.gateway.accent import Accent, contrast


def test_the_built_in_ink_stays_where_it_is_read_well() -> None:
    accent = Accent.of("#FFC91F")
    assert accent is not None
    assert accent.ink == "#17140a"


def test_what_is_no_colour_changes_nothing() -> None:
    assert Accent.of("red; } body { display: none") is None


@pytest.mark.parametrize("color", ["#000000", "#1b2a6b", "#0000ff", "#7f0000", "#ffffff"])
def test_on_the_dark_a_colour_is_as_light_as_it_must_be(color: str) -> None:
    accent = Accent.of(color)
    assert accent is not None
    assert contrast(accent.lit_on("#100f0a"), "#100f0a") >= 4.5


def test_on_the_dark_a_light_colour_stays_as_it_is() -> None:
    accent = Accent.of("#e05a7a")
    assert accent is not None
    assert accent.lit_on("#100f0a") == "#e05a7a"
