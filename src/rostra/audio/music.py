"""The music that ships: a quiet loop of slow chords, computed when it is first needed. Pure.

Nobody composed or recorded it: four chords, each note three partials under a raised cosine, wrapped
around the loop's end, so that it repeats without a seam.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from rostra.audio.bed import as_bed
from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE

CHORD_S = 6
CHORDS = ((130.81, 196.0, 246.94, 329.63), (110.0, 164.81, 261.63, 329.63), (87.31, 174.61, 220.0, 329.63), (
    98.0, 146.83, 246.94, 293.66,
))  # fmt: skip
"""Hertz: C major seventh, A minor, F major seventh, G; each from the lowest note up."""
PARTIALS = ((1, 1.0), (2, 0.22), (3, 0.07))
"""Multiples of a note, and how loud each is."""


@cache
def shipped() -> Sound:
    """Return the loop, ``(24 s,)``, as loud as a bed is; the array is shared and must not be changed."""
    chord, length = CHORD_S * SAMPLE_RATE, len(CHORDS) * CHORD_S * SAMPLE_RATE
    loop = np.zeros(length, np.float32)
    # A note lasts two chords, rising over the first and falling over the second: chords melt into each other.
    at = np.arange(2 * chord)
    swell = np.sin(np.pi * at / (2 * chord)) ** 2
    for number, notes in enumerate(CHORDS):
        places = (at + number * chord) % length
        for place, hertz in enumerate(notes):
            phase = 2 * np.pi * hertz * (at / SAMPLE_RATE) + place
            tone = sum(share * np.sin(multiple * phase) for multiple, share in PARTIALS)
            loop[places] += (swell * tone / (1 + place)).astype(np.float32)
    loop = as_bed(loop)
    loop.flags.writeable = False
    return loop
