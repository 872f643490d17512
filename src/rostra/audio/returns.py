"""Encode what speakers are sent back: Opus, a packet per 20 ms tick, once for all who hear the same, and for
nobody else.

Opus' low-delay mode: without the 4 ms of delay that its others need to switch between their ways of coding
(RFC 6716 section 2), and cheaper. Whoever begins to speak changes from the packets of the common mix to ones
of their own: an encoder that has just heard the same few ticks goes on where the common one is, so their
decoder meets no break; the way back is the same, since a voice lingers on its own mix after it has gone.
Where all have mixes of their own nobody takes the common one, and whoever takes it again finds an encoder
that was begun in the same way. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.libopus import BIT_RATE, COMPLEXITY, CONSTRAINED_RATE, ffi, lib
from rostra.audio.mixer import Mix
from rostra.core.samples import SAMPLE_RATE, TICK

_LOW_DELAY: Final = 2051
"""``OPUS_APPLICATION_RESTRICTED_LOWDELAY`` of libopus' opus_defines.h."""
_SETTINGS: Final = {BIT_RATE: 48_000, COMPLEXITY: 0, CONSTRAINED_RATE: 0}
"""Voices come out better than with 32 kbit/s at complexity 1, for less work: ``make bench-codecs``.

The other overshoots: it takes nearly as many bits.
"""
_MOST_BYTES: Final = 1_275
"""Of one packet (RFC 6716 section 3.2.1)."""
_WARM_TICKS = 2
"""Ticks of the common mix that a new encoder hears before its first packet."""
_COMMON: Final = -1
"""In the place of a seat: for all who are silent."""


class ReturnEncoder:
    """The encoder of one mix; ``settings`` are instead of its own."""

    def __init__(self, settings: Mapping[int, int] = MappingProxyType({})) -> None:
        error = ffi.new("int *")
        encoder = lib.opus_encoder_create(SAMPLE_RATE, 1, _LOW_DELAY, error)
        self._encoder = ffi.gc(encoder, lib.opus_encoder_destroy)
        if error[0] != 0:
            raise MemoryError("libopus made no encoder")
        for request, value in {**_SETTINGS, **settings}.items():
            lib.opus_encoder_ctl(self._encoder, request, ffi.cast("int32_t", value))
        self._packet = bytearray(_MOST_BYTES)
        self._into = ffi.from_buffer(self._packet)

    def encode(self, samples: Sound) -> bytes:
        """Encode one tick (960 samples, one after the other in memory) to one packet."""
        pcm = ffi.from_buffer("float[]", samples)
        size = lib.opus_encode_float(self._encoder, pcm, TICK, self._into, _MOST_BYTES)
        if size < 0:
            raise RuntimeError(f"libopus encodes nothing: {size}")
        return bytes(self._packet[:size])


class Returns:
    """The encoders of one stage."""

    def __init__(self) -> None:
        self._encoders: dict[int, ReturnEncoder] = {}
        """By seat, of those that made a packet of the last tick."""
        self._past: deque[Sound] = deque(maxlen=_WARM_TICKS)

    def encode(self, mix: Mix, seats: Iterable[int]) -> dict[int, bytes]:
        """Return the packet of this tick for each of ``seats``; many may share one. Call for every tick."""
        hears = {seat: seat if seat in mix.own else _COMMON for seat in seats}
        packets = {
            each: self._encoder_of(each).encode(mix.own.get(each, mix.common)) for each in set(hears.values())
        }
        for gone in self._encoders.keys() - packets.keys():
            del self._encoders[gone]
        self._past.append(mix.common.copy())
        return {seat: packets[each] for seat, each in hears.items()}

    def _encoder_of(self, mix: int) -> ReturnEncoder:
        encoder = self._encoders.get(mix)
        if encoder is None:
            encoder = self._encoders[mix] = ReturnEncoder()
            for tick in self._past:
                encoder.encode(tick)
        return encoder
