"""One speaker's microphone as the mixer sees it: datagrams in when they come, a tick out when it is asked
for.

Untrusted bytes: what is no RTP, of another format or too much is counted and dropped. Brings the clock to
the pure parts (``audio/playout.py``); knows nothing of the connection, or of who is muted.
"""

from __future__ import annotations

from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.measures import Measures
from rostra.audio.playout import Playout
from rostra.audio.reception import ReportBlock
from rostra.audio.rtp import parse
from rostra.core.clock import Clock
from rostra.core.samples import TICK, from_nanoseconds

MOST_SOURCES: Final = 64
"""Sources (SSRC) that one connection may bring: each costs memory below us until it ends. A browser brings
one.
"""


class TooManySources(ConnectionError):
    """A connection changes its source all the time: it is to be ended."""


class Microphone:
    """Fed by the connection, asked by the mixer; both from one event loop."""

    def __init__(self, clock: Clock) -> None:
        self.refused = 0
        """Datagrams that were no audio of ours."""
        self.formats: frozenset[int] = frozenset()
        """RTP payload types that were agreed on; empty: none yet."""
        self.sources: set[int] = set()
        """All that were ever heard."""
        self._clock = clock
        self._playout = Playout()

    def take(self, data: bytes, waited_ns: int = 0) -> bool:
        """Take in one RTP packet, decrypted, that came so long ago; say whether its source is a new one.

        Raises TooManySources; nothing else, whatever the bytes are.
        """
        packet = parse(data)
        if packet is None:
            self.refused += 1
            return False
        is_new = packet.source not in self.sources
        if is_new:
            if len(self.sources) >= MOST_SOURCES:
                raise TooManySources
            self.sources.add(packet.source)
        if packet.payload_type in self.formats:
            came_ns = self._clock.monotonic_ns() - waited_ns
            self._playout.push(packet, from_nanoseconds(came_ns))
        else:
            self.refused += 1
        return is_new

    def pop_into(self, row: Sound, *, catching_up: bool = False, ticks_ago: int = 0) -> None:
        """Fill ``row`` (960 samples) with the tick that is due, or was so many ago; silence if there is none.

        A mixer that is ``catching_up`` plays, one after the other, ticks that were due earlier.
        """
        self._playout.pop_into(row, self._now() - ticks_ago * TICK, catching_up=catching_up)

    @property
    def runs_dry(self) -> bool:
        """Whether somebody who speaks has no whole tick left and the next is still on its way."""
        return self._playout.runs_dry

    def trim(self) -> None:
        """Go on with the newest: what was said before is for nobody any more."""
        self._playout.trim()

    def report(self) -> ReportBlock | None:
        """Return what to tell the sender, from here to the next report; None while nothing came."""
        return self._playout.reception.report() if self._playout.reception.received else None

    @property
    def source(self) -> int | None:
        """The source that is heard now."""
        return self._playout.source

    def measures(self) -> Measures:
        """Return how the sound arrives."""
        return self._playout.measures()

    def _now(self) -> int:
        return from_nanoseconds(self._clock.monotonic_ns())
