"""What a speaker is sent back is one Opus packet per tick, small and true."""

from __future__ import annotations

import av
import numpy as np

from rostra.audio.returns import ReturnEncoder
from rostra.core.samples import SAMPLE_RATE, TICK


def test_one_tick_is_one_packet_that_decodes_to_the_tone() -> None:
    encoder = ReturnEncoder()
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = SAMPLE_RATE, "mono"
    time = np.arange(50 * TICK) / SAMPLE_RATE
    spoken = (0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    heard = []
    for start in range(0, len(spoken), TICK):
        packet = encoder.encode(spoken[start : start + TICK])
        assert 0 < len(packet) < 400
        heard += [piece.to_ndarray().ravel() for piece in decoder.decode(av.Packet(packet))]
    spectrum = np.abs(np.fft.rfft(np.concatenate(heard)[-SAMPLE_RATE // 2 :]))
    assert int(np.argmax(spectrum)) * 2 == 1000
