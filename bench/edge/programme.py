"""What is on air: real frames of a full sound, written to a real tape in real time by the real writer.

Frames are encoded before, over and over the same seconds of them are appended: the encoder is not measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from rostra.audio.encoder import Quantum, QuantumEncoder
from rostra.audio.encoding import ENCODINGS
from rostra.core.clock import SystemClock
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, TICK, nanoseconds
from rostra.media import events
from rostra.media.cmaf import OPUS, Track
from rostra.tape import Genesis, TapeWriter

SPACE, RUN = SpaceId("benchspace"), RunId("benchrun2")
RENDITION = "aac64"
PATTERN_S = 8
_SEED = 7


def quanta() -> tuple[Quantum, ...]:
    """Encode some seconds of noise, once every encoder has settled at its rate: it costs them all of it."""
    length = 2 * PATTERN_S * SAMPLE_RATE // QUANTUM * QUANTUM
    noise = np.convolve(np.random.default_rng(_SEED).standard_normal(length), np.hanning(24), "same")
    sound = (0.7 * noise / np.abs(noise).max()).astype(np.float32)
    encoder, out = QuantumEncoder(), []
    for start in range(0, length, TICK):
        out += encoder.push(sound[start : start + TICK])
    return tuple(out[len(out) // 2 :])


def tracks() -> tuple[Track, ...]:
    """The renditions as the stage states them."""
    configs = QuantumEncoder().configs()
    return tuple(
        Track(
            each.name,
            each.codec,
            each.bandwidth,
            each.frame_samples,
            b"" if each.codec == OPUS else configs[each.name],
        )
        for each in ENCODINGS
    )


@contextlib.asynccontextmanager
async def on_air(tapes: Path, *, listeners: int) -> AsyncIterator[Genesis]:
    """Write a tape at the pace of a live one until the block is left; yields its genesis.

    ``listeners`` is what a segment's snapshot carries.
    """
    genesis = Genesis(SPACE, RUN, "Bench", time.time_ns(), tracks(), {})
    writer = TapeWriter.create(tapes / SPACE / RUN, genesis, clock=SystemClock())
    writing = asyncio.create_task(_write(writer, quanta(), listeners))
    try:
        yield genesis
    finally:
        writing.cancel()
        await asyncio.wait({writing})
        writer.close()


async def _write(writer: TapeWriter, pattern: tuple[Quantum, ...], listeners: int) -> None:
    """Append each quantum as soon as its last sample would have been spoken."""
    while True:
        due_ns = writer.genesis.anchor_utc_ns + nanoseconds(writer.next_sample + QUANTUM)
        await asyncio.sleep(max(0.0, (due_ns - time.time_ns()) / 1e9))
        number = writer.next_sample // QUANTUM
        opens = number % CHUNKS_PER_SEGMENT == 0
        box = events.snapshot(at=writer.next_sample, listeners=listeners) if opens else b""
        writer.append(pattern[number % len(pattern)], events=box)
