"""Put two Opus packets of one stream into one (RFC 6716 section 3.2), by libopus itself. Pure; one thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rostra.audio.libopus import ffi, lib

_MOST_BYTES: Final = 2 * 1_275 + 4


class OpusJoiner:
    """Has no state between calls."""

    def __init__(self) -> None:
        self._joiner = ffi.gc(lib.opus_repacketizer_create(), lib.opus_repacketizer_destroy)
        self._packet = bytearray(_MOST_BYTES)
        self._into = ffi.from_buffer(self._packet)

    def join(self, packets: Sequence[bytes]) -> bytes:
        """Return one or two packets of 20 ms as one; they are coded alike, as encoders of one kind do."""
        if len(packets) == 1:
            return packets[0]
        lib.opus_repacketizer_init(self._joiner)
        for packet in packets:
            if lib.opus_repacketizer_cat(self._joiner, packet, len(packet)) != 0:
                raise RuntimeError("libopus joins no packets that are coded otherwise")
        size = lib.opus_repacketizer_out(self._joiner, self._into, _MOST_BYTES)
        if size < 0:
            raise RuntimeError(f"libopus joins nothing: {size}")
        return bytes(self._packet[:size])
