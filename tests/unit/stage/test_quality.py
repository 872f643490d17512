"""The one word for a speaker's connection."""

from __future__ import annotations

import pytest

from rostra.audio.measures import Measures
from rostra.bus.messages import Quality
from rostra.stage.quality import LOOKS, QualityWatch, judge

BEFORE = Measures(packets_received=1000, packets_lost=40, concealed_ms=500)


def later(*, lost: int = 0, concealed_ms: int = 0, delay_ms: int = 30, received: int = 100) -> Measures:
    return Measures(
        packets_received=1000 + received,
        packets_lost=40 + lost,
        concealed_ms=500 + concealed_ms,
        delay_ms=delay_ms,
    )


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (later(), Quality.GOOD),
        (later(lost=2), Quality.GOOD),
        (later(lost=5), Quality.FAIR),
        (later(lost=20), Quality.POOR),
        (later(concealed_ms=60), Quality.FAIR),
        (later(concealed_ms=200), Quality.POOR),
        (later(delay_ms=140), Quality.FAIR),
        (later(delay_ms=400), Quality.POOR),
        (later(received=5), None),
    ],
)
def test_a_word_says_what_the_figures_mean(now: Measures, word: Quality | None) -> None:
    assert judge(BEFORE, now) is word


def test_the_word_changes_every_two_seconds_and_outlives_a_pause() -> None:
    watch = QualityWatch()
    fine = Measures(packets_received=100, delay_ms=30)
    for _ in range(LOOKS - 1):
        assert watch.look(fine).quality is None
    assert watch.look(fine).quality is Quality.GOOD
    for _ in range(LOOKS):
        told = watch.look(fine)
    assert told.quality is Quality.GOOD
    for _ in range(LOOKS):
        told = watch.look(Measures(packets_received=150, packets_lost=50, delay_ms=30))
    assert (told.quality, told.packets_lost) == (Quality.POOR, 50)
