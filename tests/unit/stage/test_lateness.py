"""An account of lateness says what shares of the ticks stayed under."""

from __future__ import annotations

from rostra.stage.lateness import TOLD_TICKS, Lateness

MS = 1_000_000


def test_an_account_is_due_every_ten_seconds() -> None:
    lateness = Lateness()
    assert [lateness.note(0) for _ in range(TOLD_TICKS)].index(True) == TOLD_TICKS - 1
    lateness.account()
    assert not lateness.note(0)


def test_a_few_late_ticks_show_at_the_end_and_not_in_the_middle() -> None:
    lateness = Lateness()
    for _ in range(980):
        lateness.note(MS // 2)
    for _ in range(20):
        lateness.note(7 * MS)
    assert lateness.account() == {"median_ms": 0.6, "p99_ms": 7.1, "most_ms": 7.1}


def test_one_that_is_far_too_late_or_early_is_counted_at_the_end_of_the_scale() -> None:
    lateness = Lateness()
    lateness.note(-5)
    lateness.note(9_000 * MS)
    account = lateness.account()
    assert (account["median_ms"], account["most_ms"]) == (0.1, 100.0)
