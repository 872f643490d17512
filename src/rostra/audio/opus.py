"""Decode one speaker's Opus (RFC 6716): what came, what a later packet remembers, and what is to be made
up.

One decoder for one stream, mono at 48 kHz whatever was sent. Bytes are untrusted: what libopus refuses is
made up as if it had been lost. Owns no order and no time. Pure; one thread.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.libopus import ffi, lib
from rostra.core.samples import SAMPLE_RATE

LONGEST: Final = 5760
"""Samples in the longest packet: 120 ms."""
GRAIN: Final = 120
"""Opus counts in 2.5 ms: whatever is made up is a multiple of it."""
_SCALE = np.float32(1 / 32768)
_RESET_STATE: Final = 4028

_ALONE: Final = tuple(
    0 if toc & 3 else int(lib.opus_packet_get_nb_samples(bytes([toc]), 1, SAMPLE_RATE)) for toc in range(256)
)
"""By a packet's first byte: samples in one that holds a single frame (RFC 6716 section 3.1); 0 for others."""


def samples_in(payload: bytes) -> int:
    """Return how long a packet sounds, in samples; 0 when it is no Opus packet."""
    if not payload:
        return 0
    alone = _ALONE[payload[0]]
    if alone:
        return alone
    samples = int(lib.opus_packet_get_nb_samples(payload, len(payload), SAMPLE_RATE))
    return samples if 0 < samples <= LONGEST else 0


def remembers(payload: bytes) -> bool:
    """Say whether a packet holds a copy of what came before it (in-band FEC, RFC 6716 section 2.1.7)."""
    return len(payload) > 2 and lib.opus_packet_has_lbrr(payload, len(payload)) == 1


class OpusDecoder:
    """Every method returns samples in an array that holds until the next call."""

    def __init__(self) -> None:
        error = ffi.new("int *")
        self._decoder = ffi.gc(lib.opus_decoder_create(SAMPLE_RATE, 1, error), lib.opus_decoder_destroy)
        if error[0] != 0:
            raise MemoryError("libopus made no decoder")
        self._pcm = np.zeros(LONGEST, np.int16)
        self._sound: Sound = np.zeros(LONGEST, np.float32)
        self._into = ffi.cast("int16_t *", ffi.from_buffer(self._pcm))

    def decode(self, payload: bytes, samples: int) -> Sound:
        """Return what a packet says, ``samples`` long as :func:`samples_in` told."""
        return self._run(payload, samples, 0)

    def recover(self, later: bytes, samples: int) -> Sound:
        """Return the last ``samples`` before ``later`` from the copy in it, which is then decoded as ever."""
        return self._run(later, _whole(samples), 1)[:samples]

    def conceal(self, samples: int) -> Sound:
        """Make ``samples`` up from what was heard before; they fade within about a tenth of a second."""
        return self._run(b"", _whole(samples), 0)[:samples]

    def reset(self) -> None:
        """Forget all that was heard: another stream begins."""
        lib.opus_decoder_ctl(self._decoder, _RESET_STATE)

    def _run(self, payload: bytes, samples: int, from_copy: int) -> Sound:
        data = payload or ffi.NULL
        made = lib.opus_decode(self._decoder, data, len(payload), self._into, samples, from_copy)
        if made < samples:
            wrong = max(0, made)
            if payload:
                return self._run(b"", _whole(samples), 0)[:samples]
            self._pcm[wrong:samples] = 0
        sound = self._sound[:samples]
        np.multiply(self._pcm[:samples], _SCALE, out=sound)
        return sound


def _whole(samples: int) -> int:
    return min(LONGEST, -(-samples // GRAIN) * GRAIN)
