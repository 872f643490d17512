"""When everybody has left a live stage: music, and after a set time the end. Counts ticks, reads no clock.

A drop of a moment is none: music begins a few seconds after the last one left, and stops in the tick
in which somebody is there again.
"""

from __future__ import annotations

from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.looping import FADE_OUT_TICKS, Looping
from rostra.audio.music import shipped

TICKS_PER_S: Final = 50
AWAY_TICKS: Final = 3 * TICKS_PER_S
"""So long is nobody there before music begins."""


class Hold:
    """One stage's. ``end_s`` seconds after the last one left the programme is to end; 0: never."""

    def __init__(self, *, end_s: int) -> None:
        self._end_ticks = end_s * TICKS_PER_S
        self._empty_ticks = 0
        self._loop: Looping | None = None
        self._music: Sound | None = None

    @property
    def plays(self) -> bool:
        """Whether it is music that is heard, by intent."""
        return self._empty_ticks >= AWAY_TICKS

    @property
    def sounds(self) -> bool:
        """Whether :meth:`fill` has anything to say, a fade included."""
        return self._loop is not None and self._loop.sounds

    @property
    def is_over(self) -> bool:
        """Whether nobody came back in time."""
        return 0 < self._end_ticks <= self._empty_ticks

    @property
    def _is_about_to_end(self) -> bool:
        """Whether the music has to fade now to be gone when the programme ends."""
        return self._empty_ticks == self._end_ticks - FADE_OUT_TICKS

    def use(self, music: Sound | None) -> None:
        """Play this from the next time on; None: what ships."""
        self._music = music

    def count(self, *, somebody: bool) -> None:
        """A tick of a live programme has come, with ``somebody`` on stage or not."""
        played = self.plays
        self._empty_ticks = 0 if somebody else self._empty_ticks + 1
        if self.plays and not played:
            self._loop = Looping(shipped() if self._music is None else self._music)
            self._loop.start()
        elif self._loop is not None and ((played and not self.plays) or self._is_about_to_end):
            self._loop.stop()

    def fill(self, row: Sound) -> None:
        """Write the next tick into ``row``. Call only while it :attr:`sounds`."""
        if self._loop is not None:
            self._loop.fill(row)
