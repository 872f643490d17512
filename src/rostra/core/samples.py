"""The sample clock: media time is an integer count of 48 kHz samples since a tape's genesis.

15,360 samples (0.32 s) are a whole number of AAC frames (15 x 1024) and of Opus frames
(16 x 960), so chunks of every rendition are cut on that quantum and stay aligned. MP3's frames of 1152
fit a segment only (160): its chunks hold the 13 or 14 frames that begin in the quantum.
Segments lie on a fixed grid: segment ``n`` is samples ``[n * SEGMENT, (n + 1) * SEGMENT)``.
"""

from __future__ import annotations

SAMPLE_RATE = 48_000
TICK = 960
"""Samples in one 20 ms frame of the stage."""
QUANTUM = 15_360
"""Samples in one chunk, 0.32 s."""
CHUNKS_PER_PART = 2
CHUNKS_PER_SEGMENT = 12
PART = QUANTUM * CHUNKS_PER_PART
"""Samples in one HLS part, 0.64 s."""
SEGMENT = QUANTUM * CHUNKS_PER_SEGMENT
"""Samples in one segment, 3.84 s."""
STRETCH = 16
"""Segments that one request may ask for, 61 s."""
STRETCH_BEHIND = 2
"""Whole segments before the one in the making with which a request that goes on may begin."""


def seconds(samples: int) -> float:
    """Seconds, for display only."""
    return samples / SAMPLE_RATE


def nanoseconds(samples: int) -> int:
    """Whole nanoseconds, rounded down."""
    return samples * 1_000_000_000 // SAMPLE_RATE


def from_nanoseconds(ns: int) -> int:
    """Whole samples that fit into ``ns``."""
    return ns * SAMPLE_RATE // 1_000_000_000


def frames_before(quantum: int, frame_samples: int) -> int:
    """How many frames of a rendition begin before that quantum: its first frame's number."""
    return -(-quantum * QUANTUM // frame_samples)


def frames_in(quantum: int, frame_samples: int) -> int:
    """How many frames of a rendition begin in that quantum."""
    return frames_before(quantum + 1, frame_samples) - frames_before(quantum, frame_samples)


def first_frame_at(quantum: int, frame_samples: int) -> int:
    """The sample at which the first frame of that quantum begins."""
    return frames_before(quantum, frame_samples) * frame_samples


def segment_of(sample: int) -> int:
    """The number of the segment that holds ``sample``."""
    return sample // SEGMENT


def last_of_stretch(first: int, deal: int) -> int:
    """The last segment to ask for together with ``first``, by whoever has this ``deal``.

    They ask again every 16 segments, and those with 0, 4, 8 and 12 do at different borders.
    """
    return first + STRETCH - 1 - (first + deal) % STRETCH
