"""Why it takes longer than was said: what binds now, and nothing that bound before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission import ladder, lowering
from rostra.admission.ladder import RUNGS, Name
from rostra.admission.lowering import NEWS_TICKS, Lowered
from rostra.admission.reasons import Binding, why


def binding(name: Name = Name.GROUND, *, held: bool = False, empty: int = 0, **more: Any) -> Binding:
    return Binding(rung=ladder.hold(name).rung, held=held, empty=empty, **more)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (binding(), ""),
        (binding(late=True), "late_audio"),
        (binding(lowered=True), "limit_lowered"),
        (binding(restarted=True), "restarted"),
        (binding(slowed=True), ""),
        (binding(empty=9, slowed=True), "late_audio"),
        (binding(empty=9, late=True), ""),
        (binding(empty=9, lowered=True), ""),
        (binding(empty=9, lowered=True, restarted=True), "restarted"),
        (binding(late=True, lowered=True, restarted=True), "late_audio"),
        (binding(lowered=True, restarted=True), "limit_lowered"),
        (binding(Name.QUIET, held=True), ""),
        (binding(Name.DOOR, held=True, late=True), "by_hand"),
        (binding(Name.DOOR, restarted=True), "late_audio"),
        (binding(Name.WORST, held=True, late=True, lowered=True), "worst_case"),
    ],
)
def test_the_reason_is_what_keeps_people_out_now(found: Binding, word: str) -> None:
    assert why(found) == word


@given(
    rung=st.sampled_from(RUNGS),
    held=st.booleans(),
    empty=st.integers(0, 3),
    signs=st.tuples(st.booleans(), st.booleans()),
)
def test_places_are_the_reason_only_where_none_is_free_and_the_rate_only_where_one_is(
    rung: ladder.Rung, held: bool, empty: int, signs: tuple[bool, bool]
) -> None:
    late, lowered = signs
    alike = [
        why(Binding(rung=rung, held=held, empty=empty, slowed=slowed, late=late, lowered=lowered))
        for slowed in (False, True)
    ]
    if not empty:
        assert alike[0] == alike[1]
    elif not rung.closed and rung.name is not Name.WORST:
        assert alike == ["", "late_audio"]


def test_a_lowered_limit_is_news_for_five_minutes_or_until_it_is_as_high_again() -> None:
    known = lowering.after(None, 500, 400, 10)
    assert known == Lowered(500, 10)
    assert lowering.is_news(known, 400, 10 + NEWS_TICKS - 1)
    assert not lowering.is_news(known, 400, 10 + NEWS_TICKS)
    assert not lowering.is_news(known, 500, 11)
    assert lowering.after(known, 400, 450, 20) == known
    assert lowering.after(known, 450, 300, 20) == Lowered(500, 20), "it fell on, from where it was before"
    assert lowering.after(known, 400, 300, 10 + NEWS_TICKS) == Lowered(400, 10 + NEWS_TICKS)
    assert lowering.after(None, 400, 400, 1) is None
