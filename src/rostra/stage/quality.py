"""How well a speaker's sound arrives, from figures to the one word for them that people read. Pure."""

from __future__ import annotations

from typing import Final

from rostra.audio.measures import Measures
from rostra.bus.messages import Quality, Reception

LOOKS: Final = 10
"""Reports from one look to the next: two seconds."""
_FEWEST: Final = 25
"""Packets between two looks that are enough to judge by: half a second of speech."""
_PACKET_MS: Final = 20
_MOST_CONCEALED: Final = {Quality.GOOD: 0.01, Quality.FAIR: 0.05}
_MOST_MISSING: Final = {Quality.GOOD: 0.03, Quality.FAIR: 0.12}
_MOST_DELAY_MS: Final = {Quality.GOOD: 100, Quality.FAIR: 250}


def judge(before: Measures, now: Measures) -> Quality | None:
    """Return the word for the time between two looks; None when too little came to say."""
    came = now.packets_received - before.packets_received
    missing = max(0, now.packets_missed - before.packets_missed)
    sent = came + missing
    if sent < _FEWEST:
        return None
    concealed = (now.concealed_ms - before.concealed_ms) / (sent * _PACKET_MS)
    for quality in (Quality.GOOD, Quality.FAIR):
        if (
            concealed <= _MOST_CONCEALED[quality]
            and missing / sent <= _MOST_MISSING[quality]
            and now.delay_ms <= _MOST_DELAY_MS[quality]
        ):
            return quality
    return Quality.POOR


class QualityWatch:
    """One person's: ask it with each report."""

    def __init__(self) -> None:
        self._last = Measures()
        self._told = Reception()
        self._asked = 0

    def look(self, now: Measures) -> Reception:
        """Return how the sound arrives; the same answer until two seconds are over."""
        self._asked += 1
        if self._asked % LOOKS == 0:
            self._told = Reception(
                quality=judge(self._last, now) or self._told.quality,
                packets_lost=now.packets_lost,
                recovered_ms=now.recovered_ms,
                concealed_ms=now.concealed_ms,
                jitter_ms=now.jitter_ms,
                delay_ms=now.delay_ms,
                drift_ppm=now.drift_ppm,
            )
            self._last = now
        return self._told
