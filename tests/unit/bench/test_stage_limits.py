"""A run of the stage's benchmark says of each limit whether it was kept."""

from __future__ import annotations

import pytest
from bench import stage_bench
from bench.stage.limits import LIMITS, Met, judge
from bench.stage.process import Window


def test_a_run_at_its_limits_has_kept_them() -> None:
    met = judge(cpu_percent=25.0, speaker_to_speaker_ms=150.0, quiet_ms=3.0, crowded_ms=5.0)
    assert met == Met(
        cpu_percent=True, speaker_to_speaker_ms=True, tick_late_p99_ms=True, crowded_later_ms=True
    )


def test_each_limit_is_judged_by_itself() -> None:
    met = judge(cpu_percent=25.1, speaker_to_speaker_ms=151.0, quiet_ms=0.2, crowded_ms=2.3)
    assert met == Met(
        cpu_percent=False, speaker_to_speaker_ms=False, tick_late_p99_ms=True, crowded_later_ms=False
    )
    late = LIMITS.tick_late_p99_ms + 0.1
    for quiet_ms, crowded_ms in ((late, None), (late, 0.1), (late - 1, late)):
        met = judge(cpu_percent=1, speaker_to_speaker_ms=1, quiet_ms=quiet_ms, crowded_ms=crowded_ms)
        assert not met.tick_late_p99_ms


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    met = judge(cpu_percent=1, speaker_to_speaker_ms=None, quiet_ms=1, crowded_ms=None)
    assert (met.speaker_to_speaker_ms, met.crowded_later_ms) == (None, None)


def test_a_run_that_breaks_a_limit_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for window, status in ((Window(24.0, 1.0, 6.0), 0), (Window(26.0, 1.0, 6.0), 1)):
        run = stage_bench.Run(dict.fromkeys(stage_bench.COUNTS, window), [100.0])
        line = stage_bench._line(run, 1, 1.0)

        async def measured(listeners: int, seconds: float, line: stage_bench.Line = line) -> stage_bench.Line:
            return line

        monkeypatch.setattr(stage_bench, "_measure", measured)
        with pytest.raises(SystemExit) as ended:
            stage_bench.main(listeners=1, seconds=1.0)
        assert (ended.value.code or 0) == status
        assert line.tick_done_p99_ms == {"quiet": 6.0, "crowded": 0.0}
        assert '"met"' in capsys.readouterr().out
