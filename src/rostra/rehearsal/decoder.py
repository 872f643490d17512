"""Decode chunks to sound. One decoder per rendition and tape, kept over chunks as a player keeps it."""

from __future__ import annotations

import io

import av
import numpy as np
from av import CodecContext
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.chunks import BrokenMedia, Chunk
from rostra.rehearsal.sound import Pcm


class Decoder:
    """Turns the frames of chunks, in order, into mono samples."""

    def __init__(self, init: bytes, first: Chunk) -> None:
        """Read the codec's set-up from the init segment. BrokenMedia when there is none to read."""
        try:
            with av.open(io.BytesIO(init + first.data), mode="r", format="mp4") as container:
                known = container.streams.audio[0].codec_context
                codec = CodecContext.create(known.name, "r")
                codec.extradata = known.extradata
        except (FFmpegError, IndexError, ValueError) as error:
            raise BrokenMedia from error
        if not isinstance(codec, AudioCodecContext):
            raise BrokenMedia
        self._codec = codec
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self.errors = 0

    def decode(self, chunk: Chunk) -> Pcm:
        """Return the sound of a chunk; a frame that does not decode is counted and left out."""
        parts: list[Pcm] = []
        for frame in chunk.frames:
            try:
                decoded = self._codec.decode(av.Packet(frame))
            except FFmpegError:
                self.errors += 1
                continue
            pieces = [piece for sound in decoded for piece in self._resampler.resample(sound)]
            parts.extend(piece.to_ndarray().reshape(-1).astype(np.int16, copy=False) for piece in pieces)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
