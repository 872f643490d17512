"""Sound files as they come one after the other, and what may stand between them."""

from __future__ import annotations

import io
from base64 import b64encode

import av
import numpy as np

from rostra.core.samples import SAMPLE_RATE


def _tag(version: int, name: bytes, body: bytes) -> bytes:
    frame = name + _seven_bits(len(body)) + b"\0\0" + body
    return b"ID3" + bytes([version, 0, 0]) + _seven_bits(len(frame)) + frame


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


TAG = _tag(4, b"TIT2", b"\0" + b"A" * 400)
"""ID3v2.4, with a title."""


def picture(length: int) -> bytes:
    """ID3v2.4, with a picture of so many bytes."""
    return _tag(4, b"APIC", b"\0image/png\0\3\0" + b"P" * length)


def ogg_picture(length: int) -> str:
    """The same as Ogg's comments hold it: a METADATA_BLOCK_PICTURE (RFC 9639 section 8.8)."""
    head = (3, 9, b"image/png", 0, 1, 1, 24, 0, length)
    block = b"".join(each if isinstance(each, bytes) else each.to_bytes(4, "big") for each in head)
    return b64encode(block + b"\x89PNG\r\n\x1a\n" + b"P" * (length - 8)).decode()


def tone_file(container: str, codec: str, *, seconds: float = 1.0, **said: str) -> bytes:
    """Return a file of a tone of 440 Hz, of which that is ``said``."""
    file = io.BytesIO()
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    with av.open(file, "w", format=container) as output:
        output.metadata.update(said)
        stream = output.add_stream(codec, rate=SAMPLE_RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()
