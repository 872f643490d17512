"""A short tape of real AAC, cut as the stage cuts it."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
import pytest

from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE
from rostra.media import cmaf, events
from rostra.media.events import Person
from rostra.media.track import AAC, Track
from rostra.rehearsal.sound import Tone

FRAMES_PER_CHUNK = QUANTUM // 1024
NORA = Person("nnnnnnnn", "Nora [chair] [/s] :heart:", "host")


@dataclass(frozen=True)
class TapeBytes:
    """Init segment and chunks as a listener gets them; a 440 Hz tone at −15 dBFS."""

    init: bytes
    chunks: tuple[bytes, ...]

    def segment(self, number: int) -> bytes:
        return b"".join(self.chunks[number * CHUNKS_PER_SEGMENT : (number + 1) * CHUNKS_PER_SEGMENT])


@pytest.fixture(scope="session")
def tape() -> TapeBytes:
    return make_tape(chunk_count=3 * CHUNKS_PER_SEGMENT)


def make_tape(chunk_count: int) -> TapeBytes:
    encoder = av.CodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = (
        SAMPLE_RATE,
        "mono",
        "fltp",
        64_000,
    )
    frames: list[bytes] = []
    for number in range(chunk_count * FRAMES_PER_CHUNK):
        pcm = Tone(440.0).read(number * 1024, 1024).astype(np.float32) / 32768
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, number * 1024
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    frames += [bytes(packet) for packet in encoder.encode(None)]
    track = Track("aac64", AAC, 70_000, 1024, bytes(encoder.extradata or b""))
    return TapeBytes(cmaf.init_segment(track), tuple(_chunks(track, frames[1:], chunk_count)))


def _chunks(track: Track, frames: list[bytes], count: int) -> list[bytes]:
    made = []
    for number in range(count):
        at = number * QUANTUM
        snapshot = events.snapshot(at=at, speakers=(NORA,), speaking=(NORA.id,), listeners=1)
        made.append(
            cmaf.chunk(
                track,
                sequence=number + 1,
                start_sample=at,
                frames=frames[number * FRAMES_PER_CHUNK : (number + 1) * FRAMES_PER_CHUNK],
                events=snapshot if number % CHUNKS_PER_SEGMENT == 0 else b"",
            )
        )
    return made
