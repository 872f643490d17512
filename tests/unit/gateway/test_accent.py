"""Whatever colour an operator chooses, what stands on it can be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.gateway.accent import Accent, contrast


@given(st.integers(0, 0xFFFFFF))
def test_ink_on_any_colour_has_the_contrast_that_wcag_asks_for(color: int) -> None:
    accent = Accent.of(f"#{color:06x}")
    assert accent is not None
    assert contrast(accent.color, accent.ink) >= 4.5


def test_the_built_in_ink_stays_where_it_is_read_well() -> None:
    accent = Accent.of("#FFC91F")
    assert accent is not None
    assert accent.ink == "#17140a"


def test_what_is_no_colour_changes_nothing() -> None:
    assert Accent.of("red; } body { display: none") is None
