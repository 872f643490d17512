"""Encode mono sound to Opus (RFC 6716): 20 ms in, one packet out, by libopus itself.

FFmpeg would take it too, and make an object or three around each packet. Pure; one thread.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.libopus import ffi, lib
from rostra.core.samples import SAMPLE_RATE, TICK

VOICE, AUDIO, LOW_DELAY = 2048, 2049, 2051
"""What it is for: ``OPUS_APPLICATION_VOIP``, ``…_AUDIO`` and ``…_RESTRICTED_LOWDELAY`` of opus_defines.h."""
_BIT_RATE, _COMPLEXITY, _CONSTRAINED = 4002, 4010, 4020
"""Requests of ``opus_encoder_ctl`` (opus_defines.h)."""
_MOST_BYTES: Final = 1_275
"""Of one packet (RFC 6716 section 3.2.1)."""
LOOK_AHEAD: Final = 312
"""Samples that a decoder is late, in all but the low-delay mode."""
HEAD: Final = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, LOOK_AHEAD, SAMPLE_RATE, 0, 0)
"""A decoder's set-up for one channel (RFC 7845 section 5.1)."""


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """How to encode, beside the bit rate."""

    application: int
    complexity: int
    """0 … 10: what more work libopus does to be nearer to the sound."""
    constrained: bool = True
    """Whether the bit rate is never far from what was asked."""


class OpusEncoder:
    """One stream of mono sound at 48 kHz; ``bit_rate`` in bits per second."""

    def __init__(self, settings: OpusSettings, bit_rate: int) -> None:
        error = ffi.new("int *")
        encoder = lib.opus_encoder_create(SAMPLE_RATE, 1, settings.application, error)
        self._encoder = ffi.gc(encoder, lib.opus_encoder_destroy)
        if error[0] != 0:
            raise MemoryError("libopus made no encoder")
        asked = {
            _BIT_RATE: bit_rate,
            _COMPLEXITY: settings.complexity,
            _CONSTRAINED: int(settings.constrained),
        }
        for request, value in asked.items():
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
