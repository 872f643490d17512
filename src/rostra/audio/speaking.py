"""Decide from levels who is speaking. One detector per person; pure, counts ticks of 20 ms.

A voice begins to speak when two ticks in a row reach :data:`BEGIN_DBOV` (one may be a click) and
stops when it has stayed under :data:`END_DBOV` for :data:`HOLD_MS`, so pauses within a sentence
do not make the ring on a page flicker.
"""

from __future__ import annotations

BEGIN_DBOV = -42
END_DBOV = -50
HOLD_MS = 300
_TICK_MS = 20
_BEGIN_TICKS = 2


class SpeakingDetector:
    """One person's state: feed it every tick."""

    def __init__(self) -> None:
        self.speaking = False
        self._loud_ticks = 0
        self._quiet_ticks = 0

    def update(self, level_dbov: int) -> bool:
        """Take in one tick's level; return whether the person is speaking."""
        self._loud_ticks = self._loud_ticks + 1 if level_dbov >= BEGIN_DBOV else 0
        self._quiet_ticks = self._quiet_ticks + 1 if level_dbov < END_DBOV else 0
        if self.speaking:
            self.speaking = self._quiet_ticks * _TICK_MS < HOLD_MS
        else:
            self.speaking = self._loud_ticks >= _BEGIN_TICKS
        return self.speaking
