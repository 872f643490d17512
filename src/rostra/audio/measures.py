"""How a speaker's sound arrives, in figures. A value, nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts since the person came; jitter, delay and drift as they are now."""

    packets_received: int = 0
    packets_lost: int = 0
    """Those that never came."""
    packets_late: int = 0
    """Those that came after their time, duplicates among them."""
    recovered_ms: int = 0
    """Sound lost that a later packet held a copy of."""
    concealed_ms: int = 0
    """Sound lost that was made up."""
    jitter_ms: int = 0
    """By how much the slowest packets, but for 3 %, are slower than the fastest."""
    delay_ms: int = 0
    """How long sound waits for the slower packets."""
    drift_ppm: int = 0
    """Positive: the speaker's clock is faster than the stage's."""

    @property
    def packets_missed(self) -> int:
        """Packets that could not be played when it was their turn."""
        return self.packets_lost + self.packets_late
