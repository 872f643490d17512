"""Count what came of a stream and what did not, as its sender is told (RFC 3550, sections 6.4.1, A.3, A.8).

Duplicates and late ones count as come, so a report may have more than all. Pure; times in samples.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_MOST_LOST: Final = 0x7FFFFF
"""24 bits with a sign."""


class ReportBlock(NamedTuple):
    """What one receiver report says of one source."""

    fraction_lost: int
    """Of what was expected since the last report, in 256ths."""
    packets_lost: int
    highest_sequence: int
    """32 bits: wraps counted above the 16."""
    jitter: int
    """Mean deviation of arrivals, in samples."""


class Reception:
    """One source's packets, fed in the order of arrival with their numbers unwrapped."""

    def __init__(self, first_sequence: int = 0) -> None:
        self.received = 0
        self._first = first_sequence
        self._highest = first_sequence
        self._transit: int | None = None
        self._jitter_q4 = 0
        self._told_expected = 0
        self._told_received = 0

    @property
    def expected(self) -> int:
        """Packets that were sent, as the sequence numbers say."""
        return self._highest - self._first + 1 if self.received else 0

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return max(0, self.expected - self.received)

    def count(self, sequence: int, transit: int) -> None:
        """Take in one packet; ``transit`` is its arrival less its timestamp."""
        self.received += 1
        self._first = min(self._first, sequence)
        if sequence < self._highest:
            return
        self._highest = sequence
        if self._transit is not None:
            self._jitter_q4 += abs(transit - self._transit) - ((self._jitter_q4 + 8) >> 4)
        self._transit = transit

    def report(self) -> ReportBlock:
        """Return what to tell the sender; the next one counts from here."""
        expected = self.expected - self._told_expected
        lost = expected - (self.received - self._told_received)
        self._told_expected, self._told_received = self.expected, self.received
        return ReportBlock(
            fraction_lost=min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0,
            packets_lost=max(-_MOST_LOST, min(_MOST_LOST, self.expected - self.received)),
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=min(0xFFFFFFFF, self._jitter_q4 >> 4),
        )
