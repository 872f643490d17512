"""A sound that is found again in a mix: a short sweep above most of speech, once a second. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rostra.core.samples import SAMPLE_RATE

Sound = npt.NDArray[np.float64]

EVERY_S = 1.0
LENGTH = SAMPLE_RATE // 10
MOST_S = 0.6
"""A sweep that comes later than this is counted as not heard."""
CLEAR = 6.0
"""A sweep is heard where it stands out so far from the rest of its search."""
_LOW_HZ, _HIGH_HZ = 4_500, 7_500


def sweep() -> Sound:
    """The sweep, peak 0.5, without a click at either end."""
    at = np.arange(LENGTH) / SAMPLE_RATE
    seconds = LENGTH / SAMPLE_RATE
    phase = 2 * np.pi * (_LOW_HZ * at + (_HIGH_HZ - _LOW_HZ) * at**2 / (2 * seconds))
    edges = np.minimum(1, np.minimum(np.arange(LENGTH), np.arange(LENGTH)[::-1]) / 240)
    return np.asarray(0.5 * np.sin(phase) * edges)


def delays_ms(
    heard: npt.NDArray[np.float32], arrived_ns: Sequence[int], tick: int, spoken_ns: Sequence[int]
) -> list[float]:
    """How long after each sweep was spoken it was heard, those left out that were not.

    ``heard`` is what came out of the decoder, in pieces of ``tick`` samples that came at ``arrived_ns``.
    """
    if len(heard) < LENGTH:
        return []
    likeness = np.abs(_correlate(heard.astype(np.float64)))
    starts = np.array(arrived_ns)[np.arange(len(likeness)) // tick]
    at_ns = starts + np.arange(len(likeness)) % tick * 1_000_000_000 // SAMPLE_RATE
    found = []
    for spoken in spoken_ns:
        window = np.flatnonzero((at_ns > spoken) & (at_ns < spoken + MOST_S * 1e9))
        if len(window) > LENGTH:
            best = window[np.argmax(likeness[window])]
            if likeness[best] > CLEAR * np.median(likeness[window]):
                found.append((int(at_ns[best]) - spoken) / 1e6)
    return found


def _correlate(sound: Sound) -> Sound:
    """Likeness to the sweep at each place where it could begin."""
    size = 1 << (len(sound) + LENGTH).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(sweep(), size))
    return np.asarray(np.fft.irfft(spectrum, size)[: len(sound) - LENGTH + 1])
