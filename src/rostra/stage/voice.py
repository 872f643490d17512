"""What a place on stage needs of whoever sits there, however their sound comes.

Two are real: a WebRTC connection (``stage/peer.py``) and an Icecast source (``stage/source/feed.py``).
"""

from __future__ import annotations

from typing import Protocol

from rostra.audio.frame import Sound
from rostra.audio.measures import Measures


class Sounding(Protocol):
    """Sound that waits for the mixer, in whole ticks of 960 samples."""

    @property
    def runs_dry(self) -> bool:
        """Whether a speaker who had begun has no whole tick left, and more is about to come."""

    def pop_into(self, row: Sound, *, catching_up: bool = False, ticks_ago: int = 0) -> None:
        """Fill ``row`` with the oldest tick, which was due so many ago; with silence when there is none."""

    def trim(self) -> None:
        """Give up what was said in the past."""


class Voice(Protocol):
    """Somebody's connection. :meth:`run` must be awaited by somebody until it returns."""

    @property
    def ring(self) -> Sounding:
        """What they say."""

    @property
    def connected(self) -> bool:
        """Whether sound can flow now."""

    @property
    def takes_return(self) -> bool:
        """Whether they want to hear the others and can."""

    @property
    def came(self) -> bool:
        """Whether it was ever connected."""

    @property
    def lost(self) -> bool:
        """Whether the connection broke, rather than that somebody hung up; once :meth:`run` is over."""

    @property
    def silent_ns(self) -> int:
        """How long nobody had been heard when it broke; once :meth:`run` is over."""

    def measures(self) -> Measures:
        """How what they say arrives."""

    def send(self, packet: bytes, tick: int | None = None) -> None:
        """Send one Opus packet of the return, from the stage's ``tick`` or the next on. Never waits."""

    async def run(self) -> None:
        """Receive until they are gone, then close. Also closes when cancelled."""

    def hang_up(self) -> None:
        """Have :meth:`run` return soon."""
