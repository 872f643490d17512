"""Whatever colour an operator chooses, what stands on it can be read."""

from __future__ import annotations

from rostra.gateway.accent import Accent


def test_the_built_in_ink_stays_where_it_is_read_well() -> None:
    accent = Accent.of("#FFC91F")
    assert accent is not None
    assert accent.ink == "#17140a"


def test_what_is_no_colour_changes_nothing() -> None:
    assert Accent.of("red; } body { display: none") is None
