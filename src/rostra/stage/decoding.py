"""Decode an uploaded audio file, in a process of its own: ``python -m rostra.stage.decoding``.

The file comes by standard input, mono 48 kHz 16-bit samples leave by standard output, at most
:data:`LONGEST_S` of them. Whatever the file does to the decoder, it does it here, within bounds of
memory and processor time, and not on a stage.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Iterator

import av
import numpy as np
from av.error import FFmpegError

from rostra.core.samples import SAMPLE_RATE

LONGEST_S = 120
MOST_MEMORY_BYTES = 1 << 30
MOST_CPU_S = 20
MOST_CHANNELS = 8
CONTAINERS = "ogg,mp3,wav,flac,aac,mov,mp4,matroska,webm"
"""None of which names other files."""
UNREADABLE = 3
"""Exit status: this is no audio file that can be played."""


def main() -> int:
    """Decode; return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    left = LONGEST_S * SAMPLE_RATE
    try:
        for sound in decoded(sys.stdin.buffer.read()):
            sys.stdout.buffer.write(sound[:left].tobytes())
            left -= min(left, len(sound))
            if not left:
                break
    except (FFmpegError, ValueError, IndexError, MemoryError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    return 0


def decoded(file: bytes) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int16]]]:
    """Yield the first audio track's sound, piece by piece. FFmpegError or ValueError when it cannot be."""
    with av.open(io.BytesIO(file), mode="r", options={"format_whitelist": CONTAINERS}) as container:
        stream = container.streams.audio[0]
        if stream.codec_context.channels > MOST_CHANNELS:
            raise ValueError("too many channels")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1).astype(np.int16, copy=False)


if __name__ == "__main__":
    sys.exit(main())
