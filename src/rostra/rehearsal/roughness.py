"""What a rough network does to packets: a value. Delays and losses are each packet's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roughness:
    """What happens to each packet, in each direction, by itself."""

    delay_ms: float
    jitter_ms: float
    """Up to so much less or more than the delay, all equally likely."""
    loss: float
    """Share of packets."""


ROUGH = Roughness(delay_ms=100, jitter_ms=100, loss=0.02)
