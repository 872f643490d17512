"""Who speaks is decided without flicker."""

from __future__ import annotations

from rostra.audio.speaking import HOLD_MS, SpeakingDetector

LOUD, SOFT, QUIET = -20, -46, -90
TICK_MS = 20


def hear(detector: SpeakingDetector, *levels: int) -> list[bool]:
    return [detector.update(level) for level in levels]


def test_a_voice_is_seen_at_its_second_loud_tick_and_a_click_is_not() -> None:
    assert hear(SpeakingDetector(), LOUD, LOUD) == [False, True]
    assert hear(SpeakingDetector(), LOUD, QUIET, LOUD, QUIET) == [False] * 4


def test_a_pause_shorter_than_the_hold_does_not_end_speaking() -> None:
    detector = SpeakingDetector()
    hear(detector, LOUD, LOUD)
    pause = [QUIET] * (HOLD_MS // TICK_MS - 1)
    assert all(hear(detector, *pause, LOUD, *pause))


def test_speaking_ends_after_300_ms_of_quiet() -> None:
    detector = SpeakingDetector()
    hear(detector, LOUD, LOUD)
    heard = hear(detector, *[QUIET] * (HOLD_MS // TICK_MS))
    assert heard == [True] * (HOLD_MS // TICK_MS - 1) + [False]


def test_a_soft_voice_keeps_speaking_but_does_not_begin_to() -> None:
    detector = SpeakingDetector()
    assert not any(hear(detector, *[SOFT] * 50))
    hear(detector, LOUD, LOUD)
    assert all(hear(detector, *[SOFT] * 50))
