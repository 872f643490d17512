"""Answers that are kept, and for how long."""

from __future__ import annotations

from collections.abc import Callable

from harness.clock import ManualClock
from rostra.gateway.answers import Answer, Fresh


def _counting() -> Callable[[], Answer]:
    rendered = iter(range(1_000_000))
    return lambda: Answer(str(next(rendered)).encode())


def test_an_answer_is_rendered_again_after_a_second_and_only_when_asked_for() -> None:
    clock, render = ManualClock(), _counting()
    fresh: Fresh[str] = Fresh(clock=clock, most=2)
    assert [fresh.get("a", render).plain for _ in range(3)] == [b"0"] * 3
    clock.advance(ms=5_000)
    assert [fresh.get("a", render).plain for _ in range(3)] == [b"1"] * 3


def test_the_answer_asked_for_longest_ago_makes_room() -> None:
    fresh: Fresh[int] = Fresh(clock=ManualClock(), most=2)
    render = _counting()
    for key in (1, 2, 1, 3):
        fresh.get(key, render)
    assert len(fresh) == 2
    assert fresh.get(1, render).plain == b"0"
    assert fresh.get(2, render).plain == b"3"
