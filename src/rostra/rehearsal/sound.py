"""What a rehearsal speaker says, and how loud something heard is.

A source answers for any sample position, so that sound is a function of time and two speakers
who share a position never drift apart. No I/O, no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rostra.core.samples import SAMPLE_RATE

Pcm = npt.NDArray[np.int16]
"""Mono samples at 48 kHz."""

SILENCE_DBFS = -127.0


class Source(Protocol):
    """Sound as a function of the sample position since the rehearsal began."""

    def read(self, position: int, count: int) -> Pcm:
        """Return exactly ``count`` samples from ``position``; silence where there is nothing."""


@dataclass(frozen=True, slots=True)
class Silence:
    """An open microphone in an empty room."""

    def read(self, position: int, count: int) -> Pcm:
        return np.zeros(count, dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Tone:
    """An endless sine. Its phase is a function of the position: nothing clicks between reads."""

    frequency_hz: float
    peak: float = 0.25
    """Of full scale, 0 … 1."""

    def read(self, position: int, count: int) -> Pcm:
        at = np.arange(position, position + count, dtype=np.float64)
        wave = np.sin(at * (2 * math.pi * self.frequency_hz / SAMPLE_RATE))
        return (wave * (self.peak * 32767)).round().astype(np.int16)


@dataclass(frozen=True, slots=True)
class Loop:
    """A recording that repeats for ever; silence before position 0."""

    samples: Pcm

    def read(self, position: int, count: int) -> Pcm:
        at = np.arange(position, position + count)
        return np.where(at < 0, np.int16(0), self.samples[at % len(self.samples)])


def rms_dbfs(pcm: npt.NDArray[np.float64]) -> float:
    """Return the level of samples (full scale 1.0) in dBFS; −127 for silence and for nothing."""
    if not len(pcm):
        return SILENCE_DBFS
    return decibels(float(np.sqrt(np.mean(pcm**2))))


def decibels(amplitude: float) -> float:
    """Amplitude (full scale 1.0) in dBFS, never below −127."""
    return max(SILENCE_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else SILENCE_DBFS
