"""When everybody has left a live stage: music, and after a set time the end. Counts ticks, reads no clock.

A drop of a moment is none: music begins a few seconds after the last one left, and stops in the tick
in which somebody is there again. It is made ready elsewhere (``stage/hold_files.py``): all stages share one
thread, and none may wait for it.
"""

from __future__ import annotations

from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.looping import FADE_OUT_TICKS, Looping

TICKS_PER_S: Final = 50
AWAY_TICKS: Final = 3 * TICKS_PER_S
"""So long is nobody there before music begins."""
UNVISITED_END_S: Final = 6 * 3600
"""A programme that nobody has come to yet waits so long for the first."""


class Hold:
    """One stage's. ``end_s`` seconds after the last one left the programme is to end; 0: never.

    As long as nobody has come it waits for :data:`UNVISITED_END_S`, or for ``end_s`` where that is more.
    """

    def __init__(self, *, end_s: int) -> None:
        self._end_s = end_s
        self._empty_ticks = 0
        self.visited = False
        """Whether anybody has been there since it is live, or may have been before this process."""
        self._music: Looping | None = None
        """What begins the next time."""
        self._loop: Looping | None = None
        """What began last."""
        self._began = False

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
        """Whether nobody came, or came back, in time."""
        return self.left_ticks == 0

    @property
    def left_ticks(self) -> int | None:
        """Ticks until the programme is to end, if nobody comes; None: it goes on."""
        if not self._end_s:
            return None
        end_s = self._end_s if self.visited else max(self._end_s, UNVISITED_END_S)
        return max(0, end_s * TICKS_PER_S - self._empty_ticks)

    @property
    def _is_about_to_end(self) -> bool:
        """Whether the music has to fade by now to be gone when the programme ends."""
        left = self.left_ticks
        return left is not None and left <= FADE_OUT_TICKS

    def use(self, music: Looping) -> None:
        """Play this from the next time on. An empty stage that has none yet is silent until it has."""
        self._music = music

    def count(self, *, somebody: bool) -> None:
        """A tick of a live programme has come, with ``somebody`` on stage or not."""
        self._empty_ticks = 0 if somebody else self._empty_ticks + 1
        self.visited = self.visited or somebody
        wanted = self.plays and not self._is_about_to_end
        if wanted and not self._began and self._music is not None:
            self._loop, self._began = self._music, True
            self._loop.start()
        elif self._began and not wanted and self._loop is not None:
            self._began = False
            self._loop.stop()

    def fill(self, row: Sound) -> None:
        """Write the next tick into ``row``. Call only while it :attr:`sounds`."""
        if self._loop is not None:
            self._loop.fill(row)
