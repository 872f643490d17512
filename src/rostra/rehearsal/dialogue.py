"""The demo's conversation: who says which line when.

Owns the committed Opus files and their list; turns them into one endless source per voice, all on
one common time line. Never plays anything.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import av
import msgspec
import numpy as np

from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.rehearsal.sound import Loop, Pcm


class Line(msgspec.Struct, frozen=True):
    """One line of speech and the pause after it."""

    speaker: str
    file: str
    duration_ms: int
    pause_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation ready to be spoken: one looping source per voice, equally long."""

    lines: tuple[Line, ...]
    voices: dict[str, Loop]
    samples: int
    """Length of one round."""


def voices_folder() -> Traversable:
    """The folder of lines and their Opus files, inside the installed package."""
    return resources.files("rostra.rehearsal").joinpath("voices")


def read_lines() -> tuple[Line, ...]:
    """The lines in the order in which they are spoken."""
    return msgspec.json.decode(voices_folder().joinpath("lines.json").read_bytes(), type=tuple[Line, ...])


def load() -> Dialogue:
    """Decode every line (about 0.2 s of work) and lay them out one after another."""
    lines = read_lines()
    spoken = [decode_opus(voices_folder().joinpath(line.file).read_bytes()) for line in lines]
    starts: list[int] = []
    end = 0
    for line, pcm in zip(lines, spoken, strict=True):
        starts.append(end)
        end += len(pcm) + line.pause_ms * SAMPLE_RATE // 1000
    end += -end % TICK
    rounds = {line.speaker: np.zeros(end, dtype=np.int16) for line in lines}
    for line, start, pcm in zip(lines, starts, spoken, strict=True):
        rounds[line.speaker][start : start + len(pcm)] = pcm
    return Dialogue(lines, {name: Loop(pcm) for name, pcm in rounds.items()}, end)


def decode_opus(data: bytes) -> Pcm:
    """Decode a whole Ogg Opus file to mono samples at 48 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(data), mode="r") as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16, copy=False)
