"""A sound file, or the address of one or of a stream, as a track: 20 ms at a time, once, at its own pace.

Decoded in threads, a second ahead at most. What is no sound in it is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from rostra.core.errors import BadRequest
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.media.frames import Frames

_AHEAD: Final = SAMPLE_RATE // TICK
_TIMEOUT_S: Final = 15


class Unplayable(BadRequest):
    """This cannot be played: it is not a sound file that FFmpeg knows."""

    code = "unplayable"


class Played(MediaStreamTrack):
    """Ends with the sound. ``problem``, then: why that was before its end; empty when it was not."""

    kind = "audio"

    def __init__(self, source: str) -> None:
        """Open it. Blocks. Unplayable."""
        super().__init__()
        self.problem = ""
        self._source = source
        try:
            container = av.open(source, mode="r", timeout=_TIMEOUT_S)
        except (OSError, ValueError, av.FFmpegError) as error:
            raise Unplayable(f"{source} cannot be played: {_why(error)}.") from error
        audio = next(iter(container.streams.audio), None)
        if audio is None:
            raise Unplayable(f"{source} holds no sound.")
        self._pieces = _pieces(Frames(container.demux(audio)))
        self._ahead: asyncio.Queue[AudioFrame | None] = asyncio.Queue(_AHEAD)
        self._filling: asyncio.Task[None] | None = None
        self._began_s: float | None = None

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms when it is time for them: 48 kHz, stereo. MediaStreamError at the end."""
        if self.readyState != "live":
            raise MediaStreamError
        self._filling = self._filling or asyncio.create_task(self._fill())
        piece = await self._ahead.get()
        if piece is None or piece.pts is None:
            self.stop()
            raise MediaStreamError
        now_s = asyncio.get_running_loop().time()
        if self._began_s is None:
            self._began_s = now_s
        await asyncio.sleep(max(0.0, self._began_s + piece.pts / SAMPLE_RATE - now_s))
        return piece

    def stop(self) -> None:
        super().stop()
        if self._filling is not None:
            self._filling.cancel()

    async def _fill(self) -> None:
        try:
            while (piece := await asyncio.to_thread(next, self._pieces, None)) is not None:
                await self._ahead.put(piece)
        except (OSError, ValueError, av.FFmpegError) as error:
            self.problem = f"{self._source} broke off: {_why(error)}."
        await self._ahead.put(None)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _pieces(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    """What aiortc sends, its time counted in samples."""
    samples, resampler, form = 0, None, None
    for frame in frames:
        of_frame = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or of_frame != form:  # a stream may change
            resampler = AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE, frame_size=TICK)
            form = of_frame
        frame.pts = None
        for piece in resampler.resample(frame):
            piece.pts, piece.time_base = samples, Fraction(1, SAMPLE_RATE)
            samples += piece.samples
            yield piece
