"""An account of lateness says what shares of the ticks stayed under."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from harness.clock import ManualClock
from rostra.audio.frame import Sound, silence
from rostra.core.ids import SpaceId
from rostra.core.samples import TICK
from rostra.stage.lateness import TOLD_TICKS, Lateness
from rostra.stage.session import Stage

MS = 1_000_000


def test_an_account_is_due_every_ten_seconds() -> None:
    lateness = Lateness()
    assert [lateness.note(0) for _ in range(TOLD_TICKS)].index(True) == TOLD_TICKS - 1
    lateness.account()
    assert not lateness.note(0)


def test_ticks_that_come_together_are_as_late_each() -> None:
    lateness = Lateness()
    told = [lateness.note(late_ms * MS, ticks=2) for late_ms in (0, 7) * (TOLD_TICKS // 4)]
    assert told.index(True) == TOLD_TICKS // 2 - 1
    assert lateness.account() == {"median_ms": 0.1, "p99_ms": 7.1, "most_ms": 7.1}


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


def test_a_stage_tells_how_late_ticks_begin_and_how_late_they_are_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    stage = Stage(
        SpaceId("abcdefghjk"),
        clock=clock,
        max_speakers=2,
        most_speakers=1,
        publish=lambda _: None,
        interrupted=lambda _: None,
    )

    def mix(_: int, **__: object) -> list[Sound]:
        clock.advance(ms=7)
        return [silence(TICK)]

    monkeypatch.setattr(stage.people, "mix", mix)
    clock.advance(ms=2)
    with capture_logs() as logs:
        for _ in range(TOLD_TICKS):
            clock.advance(ms=20)
            stage._tick(clock.monotonic_ns(), 2 * MS)
            clock.advance(ms=-7)
    (told,) = [line for line in logs if line["event"] == "stage_pace"]
    assert (told["median_ms"], told["p99_ms"], told["most_ms"]) == (2.1, 2.1, 2.1)
    assert (told["done_median_ms"], told["done_p99_ms"], told["done_most_ms"]) == (9.1, 9.1, 9.1)
