"""Decode an uploaded audio file, in a process of its own that runs behind the stage (:mod:`.behind`).

The file comes by standard input, mono 48 kHz 16-bit samples leave by standard output, at most
:data:`LONGEST_S` of them, as loud as a bed is (``audio/bed.py``). Whatever the file does to the decoder, it
does it here, within bounds of memory and processor time, and not on a stage.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Iterator

import av
import numpy as np
from av.error import FFmpegError

from rostra.audio.bed import as_bed
from rostra.audio.frame import Sound, silence
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
    try:
        sound = as_bed(first_of(decoded(sys.stdin.buffer.read()), LONGEST_S * SAMPLE_RATE))
    except (FFmpegError, ValueError, IndexError, MemoryError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    sys.stdout.buffer.write(np.rint(32767 * sound.clip(-1, 1)).astype(np.int16).tobytes())
    return 0


def first_of(pieces: Iterator[Sound], samples: int) -> Sound:
    """Join pieces until there are so many samples, or no more pieces."""
    taken, left = [silence(0)], samples
    for piece in pieces:
        taken.append(piece[:left])
        left -= len(taken[-1])
        if not left:
            break
    return np.concatenate(taken)


def decoded(file: bytes) -> Iterator[Sound]:
    """Yield the first audio track's sound, piece by piece. FFmpegError or ValueError when it cannot be."""
    with av.open(io.BytesIO(file), mode="r", options={"format_whitelist": CONTAINERS}) as container:
        stream = container.streams.audio[0]
        if stream.codec_context.channels > MOST_CHANNELS:
            raise ValueError("too many channels")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1).astype(np.float32, copy=False)


if __name__ == "__main__":
    sys.exit(main())
