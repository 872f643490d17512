"""What `make bench` holds other players to, at the limit and beyond it."""

from __future__ import annotations

import pytest
from bench.player_bench import DASH_JS_BEYOND_MS, HLS_JS_MS, Course, Met, PlayerNumbers, judge

TARGET_MS = 1_500


def course(median_ms: int, *, stalls: int = 0, target_ms: int | None = None) -> Course:
    return Course(median_ms, median_ms + 500, stalls, 60.0, target_ms)


@pytest.mark.parametrize(("beyond_ms", "stalls", "kept"), [(0, 0, True), (1, 0, False), (0, 1, False)])
def test_a_player_is_held_to_its_limit_and_to_no_stall(beyond_ms: int, stalls: int, kept: bool) -> None:
    hls = course(HLS_JS_MS + beyond_ms, stalls=stalls)
    dash = course(TARGET_MS + DASH_JS_BEYOND_MS + beyond_ms, stalls=stalls, target_ms=TARGET_MS)
    assert judge(PlayerNumbers(hls, dash, None)) == Met(kept, kept)


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    assert judge(PlayerNumbers(course(3_000), None, None)) == Met(True, None)
