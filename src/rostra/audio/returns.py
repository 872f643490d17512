"""Encode what one speaker is sent back: Opus, one packet per 20 ms tick, at once.

Opus' low-delay mode: without the 4 ms of delay that its others need to switch between their ways of coding
(RFC 6716 section 2), and cheaper, which counts: every speaker costs fifty packets a second. Pure.
"""

from __future__ import annotations

from rostra.audio.codec import FrameEncoder
from rostra.audio.encoding import Encoding
from rostra.audio.frame import Sound
from rostra.core.samples import TICK

_RETURN = Encoding(
    name="return",
    codec="opus",
    encoder="libopus",
    sample_format="flt",
    bit_rate=32_000,
    bandwidth=40_000,
    average_bandwidth=36_000,
    frame_samples=TICK,
    lead_samples=0,
    options=(("application", "lowdelay"), ("frame_duration", "20"), ("compression_level", "4")),
)


class ReturnEncoder:
    """One speaker's encoder."""

    def __init__(self) -> None:
        self._codec = FrameEncoder(_RETURN)

    def encode(self, samples: Sound) -> bytes:
        """Encode one tick (960 samples) to one packet."""
        (packet,) = self._codec.encode(samples)
        return packet
