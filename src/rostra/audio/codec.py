"""One encoder, FFmpeg's or libopus, behind one method: frames of float samples in, packets out.

Knows nothing of quanta or of the tape. Pure: no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, Protocol, cast

import av
from av.audio.codeccontext import AudioCodecContext

from rostra.audio.encoding import Encoding
from rostra.audio.frame import Sound
from rostra.audio.opus_encoder import HEAD, OpusEncoder, OpusSettings
from rostra.audio.rate import RateKeeper
from rostra.core.samples import SAMPLE_RATE

_PLANAR_FLOAT: Final = "fltp"


class FrameEncoder(Protocol):
    """Encodes whole frames of so many samples as its encoding says."""

    config: bytes
    """The decoder's set-up: AudioSpecificConfig for AAC, OpusHead for Opus."""

    def encode(self, samples: Sound) -> Sequence[bytes]:
        """Encode one frame; return the packets that came out, none or one."""


def encoder_of(encoding: Encoding) -> FrameEncoder:
    """Make one."""
    if isinstance(encoding.encoder, OpusSettings):
        return _Opus(OpusEncoder(encoding.encoder, encoding.bit_rate))
    return _Ffmpeg(encoding, encoding.encoder)


class _Opus:
    config = HEAD

    def __init__(self, encoder: OpusEncoder) -> None:
        self._encoder = encoder

    def encode(self, samples: Sound) -> Sequence[bytes]:
        return (self._encoder.encode(samples),)


class _Ffmpeg:
    def __init__(self, encoding: Encoding, name: str) -> None:
        codec = cast(AudioCodecContext, av.CodecContext.create(name, "w"))
        codec.sample_rate = SAMPLE_RATE
        codec.layout = "mono"
        codec.format = _PLANAR_FLOAT
        codec.bit_rate = encoding.bit_rate
        codec.time_base = Fraction(1, SAMPLE_RATE)
        codec.options = dict(encoding.options)
        codec.open()
        self.config = bytes(codec.extradata or b"")
        self._codec = codec
        self._pts = 0
        frame_s = encoding.frame_samples / SAMPLE_RATE
        self._keeper = None if encoding.keeps_rate else RateKeeper(encoding.bit_rate, frame_s)

    def encode(self, samples: Sound) -> Sequence[bytes]:
        piece = av.AudioFrame.from_ndarray(samples[None, :], format=_PLANAR_FLOAT, layout="mono")
        piece.sample_rate = SAMPLE_RATE
        piece.pts = self._pts
        self._pts += len(samples)
        packets = [bytes(packet) for packet in self._codec.encode(piece)]
        if self._keeper is not None:
            for packet in packets:
                self._codec.bit_rate = self._keeper.after(len(packet))
        return packets
