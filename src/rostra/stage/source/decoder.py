"""Decode what a source sends to mono sound at 48 kHz, in a thread of its own. Blocks; knows no event loop.

Only three containers, named by their first bytes or by the first frame in them, and only their audio codecs
ever reach FFmpeg, which keeps a packet or a tag until its end: only so much may come without sound.
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
MOST_UNHEARD_BYTES: Final = 8_388_608
"""What may come before the first sound, and between two: pictures of some megabytes stand in tags."""
_TOO_MUCH: Final = "too much without sound"
_TAG_HEAD_BYTES = 10
_PROBE: Final = {"probesize": "16384", "analyzeduration": "500000"}
_ONE_STREAM: Final = {"max_streams": "1"}
"""Of Ogg: another beside the sound would grow unheard, and each picture of a chain would stay as one."""


class _Fed:
    """A pipe as the file that FFmpeg reads, some bytes put back. Ends where too much came unheard."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._back = b""
        self._unheard_bytes = 0

    @property
    def overfed(self) -> bool:
        """Whether it ended for that."""
        return self._unheard_bytes > MOST_UNHEARD_BYTES

    def read(self, size: int) -> bytes:
        if self._back:
            back, self._back = self._back[:size], self._back[size:]
            return back
        room = MOST_UNHEARD_BYTES + 1 - self._unheard_bytes
        data = self._pipe.read(min(size, room)) if room else b""
        self._unheard_bytes += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        self._back = data

    def heard(self) -> None:
        """Sound came of what was read."""
        if not self.overfed:
            self._unheard_bytes = 0


def decode(pipe: Pipe, buffer: SourceBuffer) -> str:
    """Decode until the end, or until nobody takes the sound any more; return why it ended early, if it did.

    Ends ``buffer`` in any case.
    """
    file = _Fed(pipe)
    try:
        _decode(file, buffer)
    except (WrongSound, av.FFmpegError) as error:
        return _TOO_MUCH if file.overfed else str(error) or type(error).__name__
    except Exception:
        log.exception("source_decoder_failed")
        return "failed"
    finally:
        buffer.end()
    return _TOO_MUCH if file.overfed else ""


def container_of(first: bytes) -> str:
    """Name the container that begins with these bytes (at least four). WrongSound for any other."""
    if first.startswith(b"OggS"):
        return "ogg"
    if first[0] == 0xFF and first[1] & 0xE6 in (0xE2, 0xE4, 0xE6):
        return "mp3"  # ISO 11172-3 section 2.4.1.3: the layer is not 0
    if first[0] == 0xFF and first[1] & 0xF6 == 0xF0:
        return "aac"  # ISO 13818-7 section 6.2: the layer is 0
    raise WrongSound


def beginning_of(first: bytes) -> tuple[str, int] | None:
    """Return the container of what begins with these bytes and where in them to begin, once that is known.

    Programs that pass a stream on begin wherever they came in, often in the middle of a frame.
    """
    return ("ogg", 0) if first.startswith(b"OggS") else find_sync(first)


def _begin(file: _Fed) -> str | None:
    """Read until the container is known, and put back where it begins; None where nothing came."""
    first = _behind_tags(file)
    while (begins := beginning_of(first)) is None:
        if len(first) >= _MOST_SCANNED:
            raise WrongSound
        more = file.read(_PIECE_BYTES)
        if not more:
            begins = (container_of(first), 0) if len(first) >= _LEAST_BYTES else None
            break
        first += more
    if begins is None:
        return None
    kind, at = begins
    file.put_back(first[at:])
    return kind


def _behind_tags(file: _Fed) -> bytes:
    """Read past the tags that stand first (ID3v2.4.0 section 3.1), keeping none; return what comes behind."""
    first = _at_least(_TAG_HEAD_BYTES, b"", file)
    while first.startswith(b"ID3") and len(first) >= _TAG_HEAD_BYTES:
        left = _TAG_HEAD_BYTES * (2 if first[5] & 0x10 else 1)  # a footer is as long as the head
        left += first[6] << 21 | first[7] << 14 | first[8] << 7 | first[9]
        while left > len(first) > 0:
            left -= len(first)
            first = file.read(_PIECE_BYTES)
        first = _at_least(_TAG_HEAD_BYTES, first[left:], file)
    return first


def _at_least(count: int, first: bytes, file: _Fed) -> bytes:
    """``first`` and what follows it, until there are so many bytes or no more come."""
    while len(first) < count and (more := file.read(_PIECE_BYTES)):
        first += more
    return first


def _decode(file: Any, buffer: SourceBuffer) -> None:
    kind = _begin(file)
    if kind is None:
        return
    options = _PROBE | (_ONE_STREAM if kind == "ogg" else {})
    with av.open(file, mode="r", format=kind, options=options) as container:
        audio = next(iter(container.streams.audio), None)
        if audio is None or audio.codec_context.name not in CODECS[kind]:
            raise WrongSound
        frames = Frames(container.demux(audio))
        try:
            for sound in _mono(frames):
                file.heard()
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
