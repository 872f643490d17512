"""Decode what a source sends to mono sound at 48 kHz, in a thread of its own. Blocks; knows no event loop.

Only three containers, named by their first bytes or by the first frame in them, and only their audio codecs
ever reach FFmpeg.
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
from rostra.stage.source.sync import find_sync

log = structlog.get_logger()

CODECS: Final = {"ogg": {"opus", "vorbis"}, "mp3": {"mp3", "mp3float"}, "aac": {"aac"}}
_LEAST_BYTES = 4
_MOST_SCANNED = 8_192
"""Bytes in which a frame must begin, and the next one."""
_PIECE_BYTES = 1_024
_PROBE: Final = {"probesize": "16384", "analyzeduration": "500000"}


class _Rewound:
    """A pipe with its first bytes put back, as the file that FFmpeg reads."""

    def __init__(self, first: bytes, pipe: Pipe) -> None:
        self._first = first
        self._pipe = pipe

    def read(self, size: int) -> bytes:
        first, self._first = self._first[:size], self._first[size:]
        return first or self._pipe.read(size)


def decode(pipe: Pipe, buffer: SourceBuffer, *, said: str = "") -> str:
    """Decode until the end, or until nobody takes the sound any more; return why it ended early, if it did.

    ``said`` is the container that was announced, if any. Ends ``buffer`` in any case.
    """
    try:
        _decode(pipe, buffer, said)
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


def beginning_of(first: bytes, said: str) -> tuple[str, int] | None:
    """Return the container of what begins with these bytes and where in them to begin, once that is known.

    Programs that pass a stream on begin wherever they came in, often in the middle of a frame. A tag may
    stand before MP3 and ADTS alike: there, what was ``said`` counts.
    """
    if first.startswith(b"OggS"):
        return "ogg", 0
    if first.startswith(b"ID3"):
        return "aac" if said == "aac" else "mp3", 0
    return find_sync(first)


def _begin(pipe: Pipe, said: str) -> tuple[str, bytes] | None:
    """Read until the container is known; return it and what was read of it; None where nothing came."""
    first = b""
    while (begins := beginning_of(first, said)) is None:
        if len(first) >= _MOST_SCANNED:
            raise WrongSound
        more = pipe.read(_PIECE_BYTES)
        if not more:
            return (container_of(first), first) if len(first) >= _LEAST_BYTES else None
        first += more
    kind, at = begins
    return kind, first[at:]


def _decode(pipe: Pipe, buffer: SourceBuffer, said: str) -> None:
    begun = _begin(pipe, said)
    if begun is None:
        return
    kind, first = begun
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
