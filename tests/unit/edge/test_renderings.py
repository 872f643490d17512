"""What is rendered once for all, and when it is rendered anew."""

from __future__ import annotations

from harness.clock import ManualClock
from rostra.edge.renderings import FRESH_NS, MOST_KEPT, Renderings


def test_an_answer_is_made_once_for_all_until_things_stand_otherwise_or_its_date_is_old() -> None:
    clock = ManualClock()
    renderings: Renderings[bytes] = Renderings(clock=clock)
    dates: list[float] = []

    def render(date_s: float) -> bytes:
        dates.append(date_s)
        return b"%d" % len(dates)

    def ask(version: int) -> bytes:
        return renderings.of("playlist", version, render)

    assert [ask(1), ask(1), ask(2), ask(2)] == [b"1", b"1", b"2", b"2"]
    clock.advance(ns=FRESH_NS)
    assert ask(2) == b"2"
    clock.advance(ns=1)
    assert ask(2) == b"3"
    assert dates[2] - dates[1] > 0.9


def test_shapes_are_kept_apart_and_not_without_end() -> None:
    renderings: Renderings[bytes] = Renderings(clock=ManualClock())
    made: list[int] = []
    for shape in range(MOST_KEPT + 1):
        renderings.of(shape, 1, lambda _, shape=shape: made.append(shape) or b"%d" % shape)
    assert [renderings.of(shape, 1, lambda _: b"anew") for shape in (1, MOST_KEPT, 0)] == [
        b"1",
        b"%d" % MOST_KEPT,
        b"anew",
    ]
    assert made == list(range(MOST_KEPT + 1))
