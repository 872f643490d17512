"""Which way text runs: lines as they are seen from left to right, whatever is written in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.gateway.bidi import in_sight, is_right_to_left, levels, turned

LEFT_TO_RIGHT, RIGHT_TO_LEFT = False, True


def seen(text: str, right_to_left: bool) -> str:
    """The characters as written, in the order from left to right."""
    return "".join(text[at] for at in in_sight(levels(text, right_to_left=right_to_left)))


@pytest.mark.parametrize(
    ("text", "right_to_left", "shown"),
    [
        ("one (two) 3", LEFT_TO_RIGHT, "one (two) 3"),
        ("אבג דהו", RIGHT_TO_LEFT, "והד גבא"),
        ("אבג (2031) – part two!", RIGHT_TO_LEFT, "!part two – )2031( גבא"),
        ("The word אבג דהו, live", LEFT_TO_RIGHT, "The word והד גבא, live"),
        ("part two!", RIGHT_TO_LEFT, "!part two"),
        ("אבג 12:30–14:00", RIGHT_TO_LEFT, "14:00–12:30 גבא"),
        ("حوار ١٢٣ 4.5%", RIGHT_TO_LEFT, "%4.5 ١٢٣ راوح"),
        ("a אב (c) ד", LEFT_TO_RIGHT, "a בא (c) ד"),
        ("a (אב) c", LEFT_TO_RIGHT, "a (בא) c"),
        ("אב (c ד) ה", RIGHT_TO_LEFT, "ה )ד c( בא"),
        ("אב +5 $7 -", LEFT_TO_RIGHT, "$7 5+ בא -"),
        ("C++\u200f של", RIGHT_TO_LEFT, "לש \u200f++C"),
        ("", RIGHT_TO_LEFT, ""),
    ],
)
def test_a_line_is_seen_in_the_order_of_its_readers(text: str, right_to_left: bool, shown: str) -> None:
    assert seen(text, right_to_left) == shown


@pytest.mark.parametrize(
    ("text", "leftwards"), [("(2031) – אב c", True), ("a אב", False), ("12", False), ("\u200fC", True)]
)
def test_the_first_letter_says_how_a_paragraph_runs(text: str, leftwards: bool) -> None:
    assert is_right_to_left(text) is leftwards


def test_what_runs_to_the_left_is_turned_around_with_its_brackets() -> None:
    assert turned("(אב) «ג» 5>") == "<5 «ג» (בא)"


telling = st.sampled_from("abאבحو١٢12()[]«»+-.,:%\u0301\u200f ")


@given(st.text(st.characters(codec="utf-8") | telling), st.booleans())
def test_every_character_of_any_line_is_seen_once(text: str, right_to_left: bool) -> None:
    nested = levels(text, right_to_left=right_to_left)
    assert set(nested) <= ({1, 2} if right_to_left else {0, 1, 2})
    assert sorted(in_sight(nested)) == list(range(len(text)))
