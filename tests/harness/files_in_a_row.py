"""Sound files as they come one after the other, and what may stand between them."""

from __future__ import annotations

import io

import av
import numpy as np

from rostra.core.samples import SAMPLE_RATE

_TITLE = b"TIT2" + (401).to_bytes(4, "big") + b"\0\0\0" + b"A" * 400
TAG = b"ID3\x03\0\0" + bytes(len(_TITLE) >> shift & 0x7F for shift in (21, 14, 7, 0)) + _TITLE
"""ID3v2.3, with a title."""


def tone_file(container: str, codec: str, *, seconds: float = 1.0) -> bytes:
    """Return a file of a tone of 440 Hz."""
    file = io.BytesIO()
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=SAMPLE_RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()
