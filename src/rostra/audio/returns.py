"""Encode what speakers are sent back: Opus, a packet per 20 ms tick, once for all who hear the same.

Opus' low-delay mode: without the 4 ms of delay that its others need to switch between their ways of coding
(RFC 6716 section 2), and cheaper. Whoever begins to speak changes from the packets of the common mix to ones
of their own: an encoder that has just heard the same few ticks goes on where the common one is, so their
decoder meets no break; the way back is the same, since a voice lingers on its own mix after it has gone.
Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rostra.audio.codec import FrameEncoder
from rostra.audio.encoding import Encoding
from rostra.audio.frame import Sound
from rostra.audio.mixer import Mix
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
    options=(("application", "lowdelay"), ("frame_duration", "20"), ("compression_level", "1")),
)


_WARM_TICKS = 2
"""Ticks of the common mix that a new encoder hears before its first packet."""


class ReturnEncoder:
    """The encoder of one mix."""

    def __init__(self) -> None:
        self._codec = FrameEncoder(_RETURN)

    def encode(self, samples: Sound) -> bytes:
        """Encode one tick (960 samples) to one packet."""
        (packet,) = self._codec.encode(samples)
        return packet


class Returns:
    """The encoders of one stage."""

    def __init__(self) -> None:
        self._common = ReturnEncoder()
        self._own: dict[int, ReturnEncoder] = {}
        self._past: deque[Sound] = deque(maxlen=_WARM_TICKS)

    def encode(self, mix: Mix, seats: Iterable[int]) -> dict[int, bytes]:
        """Return the packet of this tick for each of ``seats``; many may share one. Call for every tick."""
        packets: dict[int, bytes] = {}
        silent = []
        for seat in seats:
            if seat in mix.own:
                packets[seat] = self._encoder_of(seat).encode(mix.own[seat])
            else:
                silent.append(seat)
        for seat in self._own.keys() - packets.keys():
            del self._own[seat]
        if packets or silent:
            packets |= dict.fromkeys(silent, self._common.encode(mix.common))
        self._past.append(mix.common.copy())
        return packets

    def _encoder_of(self, seat: int) -> ReturnEncoder:
        encoder = self._own.get(seat)
        if encoder is None:
            encoder = self._own[seat] = ReturnEncoder()
            for tick in self._past:
                encoder.encode(tick)
        return encoder
