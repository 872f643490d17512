"""One FFmpeg encoder behind one method: frames of float samples in, packets out.

Knows nothing of quanta or of the tape. Pure: no clock, no I/O.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext

from rostra.audio.encoding import Encoding
from rostra.audio.frame import Sound
from rostra.audio.rate import RateKeeper
from rostra.core.samples import SAMPLE_RATE


class FrameEncoder:
    """Encodes whole frames of ``encoding.frame_samples`` samples."""

    def __init__(self, encoding: Encoding) -> None:
        codec = cast(AudioCodecContext, av.CodecContext.create(encoding.encoder, "w"))
        codec.sample_rate = SAMPLE_RATE
        codec.layout = "mono"
        codec.format = encoding.sample_format
        codec.bit_rate = encoding.bit_rate
        codec.time_base = Fraction(1, SAMPLE_RATE)
        codec.options = dict(encoding.options)
        codec.open()
        self._codec = codec
        self._format = encoding.sample_format
        self._pts = 0
        frame_s = encoding.frame_samples / SAMPLE_RATE
        self._keeper = None if encoding.keeps_rate else RateKeeper(encoding.bit_rate, frame_s)

    @property
    def config(self) -> bytes:
        """The decoder's set-up: AudioSpecificConfig for AAC, OpusHead for Opus."""
        return bytes(self._codec.extradata or b"")

    def encode(self, samples: Sound) -> list[bytes]:
        """Encode one frame; return the packets that came out, none or one."""
        piece = av.AudioFrame.from_ndarray(samples[None, :], format=self._format, layout="mono")
        piece.sample_rate = SAMPLE_RATE
        piece.pts = self._pts
        self._pts += len(samples)
        packets = [bytes(packet) for packet in self._codec.encode(piece)]
        if self._keeper is not None:
            for packet in packets:
                self._codec.bit_rate = self._keeper.after(len(packet))
        return packets
