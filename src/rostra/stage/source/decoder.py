"""Decode what a source sends to mono sound at 48 kHz, in a thread of its own. Blocks; knows no event loop.

Only three containers, named by their first bytes, and only their audio codecs ever reach FFmpeg.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import av
import numpy as np
import structlog
from av import AudioFrame, AudioResampler

from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE
from rostra.media.frames import Frames
from rostra.stage.source.buffer import SourceBuffer
from rostra.stage.source.pipe import Pipe
from rostra.stage.source.request import WrongSound

log = structlog.get_logger()

CODECS: Final = {"ogg": {"opus", "vorbis"}, "mp3": {"mp3", "mp3float"}, "aac": {"aac"}}
_LEAST_BYTES = 4
_PROBE: Final = {"probesize": "16384", "analyzeduration": "500000"}


class _Rewound:
    """A pipe with its first bytes put back, as the file that FFmpeg reads."""

    def __init__(self, first: bytes, pipe: Pipe) -> None:
        self._first = first
        self._pipe = pipe

    def read(self, size: int) -> bytes:
        first, self._first = self._first[:size], self._first[size:]
        return first or self._pipe.read(size)


def decode(pipe: Pipe, buffer: SourceBuffer) -> str:
    """Decode until the end, or until nobody takes the sound any more; return why it ended early, if it did.

    Ends ``buffer`` in any case.
    """
    try:
        _decode(pipe, buffer)
    except (WrongSound, av.FFmpegError) as error:
        return str(error) or type(error).__name__
    except Exception:
        log.exception("source_decoder_failed")
        return "failed"
    finally:
        buffer.end()
    return ""


def container_of(first: bytes) -> str:
    """Name the container that begins with these bytes (at least four). WrongSound for any other."""
    if first.startswith(b"OggS"):
        return "ogg"
    if first.startswith(b"ID3") or (first[0] == 0xFF and first[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "mp3"  # ISO 11172-3 section 2.4.1.3: the layer is not 0
    if first[0] == 0xFF and first[1] & 0xF6 == 0xF0:
        return "aac"  # ISO 13818-7 section 6.2: the layer is 0
    raise WrongSound


def _decode(pipe: Pipe, buffer: SourceBuffer) -> None:
    first = b""
    while len(first) < _LEAST_BYTES:
        more = pipe.read(_LEAST_BYTES - len(first))
        if not more:
            return
        first += more
    kind = container_of(first)
    file: Any = _Rewound(first, pipe)
    with av.open(file, mode="r", format=kind, options=dict(_PROBE)) as container:
        audio = next(iter(container.streams.audio), None)
        if audio is None or audio.codec_context.name not in CODECS[kind]:
            raise WrongSound
        frames = Frames(container.demux(audio))
        try:
            for sound in _mono(frames):
                if not buffer.put(sound):
                    return
        finally:
            buffer.broken = frames.broken


def _mono(frames: Iterable[AudioFrame]) -> Iterator[Sound]:
    resampler, form = None, None
    for frame in frames:
        of_frame = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or of_frame != form:  # a chained Ogg stream may change
            resampler, form = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE), of_frame
        frame.pts = None
        for out in resampler.resample(frame):
            yield _heard(out.to_ndarray()[0])


def _heard(sound: Sound) -> Sound:
    """What a file may hold beyond full scale, or as no number, would stay in every mean made of the mix."""
    return np.nan_to_num(np.clip(sound, -1, 1)).astype(np.float32, copy=False)
