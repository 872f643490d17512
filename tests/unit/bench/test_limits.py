"""What `make bench` holds a run to, at each limit and beyond it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from bench.end_bench import EndNumbers
from bench.limits import LIMITS, judge
from bench.listen_bench import ListenNumbers
from bench.page_bench import PageNumbers
from bench.player_bench import Course, PlayerNumbers

TARGET_MS = 1_500
Run = tuple[ListenNumbers, PlayerNumbers, EndNumbers, PageNumbers]


def course(median_ms: int, *, stalls: int = 0, target_ms: int | None = None) -> Course:
    return Course(median_ms, median_ms + 500, stalls, 60.0, target_ms)


def at_the_limit(headless: Any = None) -> Run:
    return (
        ListenNumbers(
            LIMITS.first_audio_ms, LIMITS.latency_ms, LIMITS.latency_p95_ms, 0, 0, "mse", "opus32", headless
        ),
        PlayerNumbers(
            course(LIMITS.hls_js_ms),
            course(TARGET_MS + LIMITS.dash_js_beyond_ms, target_ms=TARGET_MS),
            course(5_000),
        ),
        EndNumbers({"1 minute": 100, "3 hours": LIMITS.end_to_playable_ms}),
        PageNumbers(20_000, LIMITS.first_paint_ms, 0.0, 0.0, 0.0, 0.0),
    )


def test_a_limit_itself_is_kept() -> None:
    assert set(msgspec.structs.astuple(judge(*at_the_limit()))) == {True}


def later_player(players: PlayerNumbers, name: str, **change: int) -> PlayerNumbers:
    return msgspec.structs.replace(
        players, **{name: msgspec.structs.replace(getattr(players, name), **change)}
    )


@pytest.mark.parametrize(
    ("broken", "change"),
    [
        ("first_audio", lambda run: (replace(run[0], first_audio_ms=1_001), *run[1:])),
        ("first_audio", lambda run: (replace(run[0], first_audio_ms=None), *run[1:])),
        ("latency", lambda run: (replace(run[0], latency_ms=801), *run[1:])),
        ("latency", lambda run: (replace(run[0], latency_p95_ms=1_001), *run[1:])),
        ("latency", lambda run: (replace(run[0], stalls=1), *run[1:])),
        ("rough", lambda run: (run[0], later_player(run[1], "rough", stalls=1), *run[2:])),
        ("hls_js", lambda run: (run[0], later_player(run[1], "hls_js", median_ms=2_501), *run[2:])),
        ("hls_js", lambda run: (run[0], later_player(run[1], "hls_js", stalls=1), *run[2:])),
        ("dash_js", lambda run: (run[0], later_player(run[1], "dash_js", median_ms=2_001), *run[2:])),
        ("end_to_playable", lambda run: (*run[:2], EndNumbers({"3 hours": 1_001}), run[3])),
        ("first_paint", lambda run: (*run[:3], replace(run[3], first_paint_ms=501))),
        ("layout_shift", lambda run: (*run[:3], replace(run[3], layout_shift_ending=0.001))),
    ],
)
def test_what_is_beyond_a_limit_breaks_that_one_alone(broken: str, change: Callable[[Run], Run]) -> None:
    met = msgspec.structs.asdict(judge(*change(at_the_limit())))
    assert [name for name, kept in met.items() if not kept] == [broken]


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    listening, players, ends, page = at_the_limit()
    met = judge(listening, PlayerNumbers(players.hls_js, None, None), ends, page)
    assert (met.dash_js, met.rough) == (None, None)
