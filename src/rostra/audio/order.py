"""Where a packet belongs in its stream: sequence numbers and timestamps without their wrap-around.

A stream may begin anew (another SSRC, a clock set anew): then its numbers mean something else, and that is
told. One packet out of place proves nothing (RFC 3550, appendix A.1): the second one that agrees with it
does. Another source takes over once the present one is silent. Pure; times in samples.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from rostra.audio.rtp import Rtp
from rostra.core.samples import SAMPLE_RATE

MOST_MISSING: Final = 3000
"""Packets: a larger step in sequence numbers is no loss (RFC 3550, MAX_DROPOUT)."""
MOST_SHIFT: Final = 3 * SAMPLE_RATE
"""A timestamp further from where its arrival puts it belongs to another clock. A stage that stood still
reads what was sent two seconds ago.
"""
SILENT: Final = 6 * SAMPLE_RATE // 100
"""After 60 ms without a packet of a source another may speak in its place."""


class Fate(Enum):
    """What to do with a packet."""

    GOES_ON = "goes_on"
    BEGINS_ANEW = "begins_anew"
    IGNORE = "ignore"


class Place(NamedTuple):
    """A packet's numbers as they would be if they never wrapped."""

    fate: Fate
    sequence: int = 0
    timestamp: int = 0


_IGNORED: Final = Place(Fate.IGNORE)


class Order:
    """Feed it every packet of one speaker, in the order of arrival."""

    def __init__(self) -> None:
        self.ignored = 0
        """Packets that belonged nowhere."""
        self.source: int | None = None
        """The one that is heard."""
        self._sequence = 0
        self._timestamp = 0
        self._transit = 0
        self._heard = 0
        self._stray: tuple[Rtp, int] | None = None

    def place(self, packet: Rtp, now: int) -> Place:
        """Say where ``packet``, come at ``now``, belongs."""
        if self.source is None:
            return self._adopt(packet, now)
        if packet.source != self.source and now - self._heard < SILENT:
            return self._ignore()
        sequence = _near(packet.sequence, self._sequence, 16)
        timestamp = _near(packet.timestamp, self._timestamp, 32)
        if packet.source == self.source and self._is_near(sequence, now - timestamp):
            self._stray = None
            return self._go_on(sequence, timestamp, now)
        return self._meet_stray(packet, now)

    def _is_near(self, sequence: int, transit: int) -> bool:
        return abs(sequence - self._sequence) <= MOST_MISSING and abs(transit - self._transit) <= MOST_SHIFT

    def _go_on(self, sequence: int, timestamp: int, now: int) -> Place:
        if sequence > self._sequence:
            self._sequence, self._timestamp, self._transit = sequence, timestamp, now - timestamp
        self._heard = now
        return Place(Fate.GOES_ON, sequence, timestamp)

    def _meet_stray(self, packet: Rtp, now: int) -> Place:
        before, self._stray = self._stray, (packet, now)
        if before is None or not _follows(packet, now, *before):
            return self._ignore()
        return self._adopt(packet, now)

    def _adopt(self, packet: Rtp, now: int) -> Place:
        self.source, self._stray = packet.source, None
        self._sequence, self._timestamp = packet.sequence, packet.timestamp
        self._transit, self._heard = now - packet.timestamp, now
        return Place(Fate.BEGINS_ANEW, packet.sequence, packet.timestamp)

    def _ignore(self) -> Place:
        self.ignored += 1
        return _IGNORED


def _follows(packet: Rtp, now: int, before: Rtp, then: int) -> bool:
    """Whether two packets in a row agree with each other."""
    ahead = (packet.sequence - before.sequence) % (1 << 16)
    shift = (now - then) - (_near(packet.timestamp, before.timestamp, 32) - before.timestamp)
    return packet.source == before.source and 0 < ahead <= 8 and abs(shift) <= SAMPLE_RATE


def _near(wrapped: int, reference: int, bits: int) -> int:
    """Return the number nearest to ``reference`` of which ``wrapped`` are the last ``bits``."""
    half = 1 << (bits - 1)
    return reference + (wrapped - reference + half) % (1 << bits) - half
