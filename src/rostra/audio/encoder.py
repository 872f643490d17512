"""Encode the programme to all renditions, cut on the quantum.

Frame *k* that comes out decodes to exactly the samples ``[k * frame, (k + 1) * frame)`` that went
in. Every encoder is warmed with one quantum of silence whose frames are thrown away, at genesis as
after a crash, so that the first frame kept never holds an encoder's start-up. A frame belongs to the
quantum in which it begins. Pure.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from rostra.audio import frame as sound
from rostra.audio.codec import encoder_of
from rostra.audio.encoding import ENCODINGS, Encoding
from rostra.audio.frame import Sound
from rostra.core.samples import QUANTUM, TICK, first_frame_at, frames_in

Quantum: TypeAlias = Mapping[str, Sequence[bytes]]
"""One quantum's frames, by rendition."""
_BATCH: Final = 4 * TICK
"""Samples encoded in one go; they divide the quantum."""


class _Lane:
    """One rendition: any number of samples in, aligned frames out."""

    def __init__(self, encoding: Encoding, first_quantum: int) -> None:
        self.name = encoding.name
        self.codec = encoder_of(encoding)
        self._frame_samples = encoding.frame_samples
        self._pending = sound.silence(0)
        self._frames: deque[bytes] = deque()
        self._next_quantum = first_quantum
        warm_frames = -(-QUANTUM // encoding.frame_samples)
        self._discard = encoding.delay_frames + warm_frames
        early = first_frame_at(first_quantum, encoding.frame_samples) - first_quantum * QUANTUM
        self.push(sound.silence(encoding.lead_samples + warm_frames * encoding.frame_samples - early))

    def push(self, samples: Sound) -> None:
        size = self._frame_samples
        pending = np.concatenate((self._pending, samples))
        whole = len(pending) - len(pending) % size
        for start in range(0, whole, size):
            self._keep(self.codec.encode(pending[start : start + size]))
        self._pending = pending[whole:]

    @property
    def has_quantum(self) -> bool:
        return len(self._frames) >= frames_in(self._next_quantum, self._frame_samples)

    def take_quantum(self) -> tuple[bytes, ...]:
        count = frames_in(self._next_quantum, self._frame_samples)
        self._next_quantum += 1
        return tuple(self._frames.popleft() for _ in range(count))

    def _keep(self, packets: Sequence[bytes]) -> None:
        dropped = min(self._discard, len(packets))
        self._discard -= dropped
        self._frames.extend(packets[dropped:])


class QuantumEncoder:
    """Takes the programme tick by tick, gives whole quanta of every rendition as they are complete.

    A quantum comes out when the slowest encoder has seen far enough beyond its end: 2048 samples
    for AAC, so three ticks later; with MP3, whose frames end beyond the quantum, five. All work is done
    in the call, of four ticks at a time: what encoders hold in the processor's caches is gone a tick later,
    and fetching it costs as much as encoding. Batches end where quanta come out, so that none comes later for
    it. ``first_quantum`` is the number of the quantum whose samples come first.
    """

    def __init__(self, encodings: Sequence[Encoding] = ENCODINGS, *, first_quantum: int = 0) -> None:
        self._lanes = [_Lane(encoding, first_quantum) for encoding in encodings]
        self._waiting: list[Sound] = []
        self._lag = max(-(-encoding.lag_samples // TICK) * TICK for encoding in encodings)
        self._samples_in = 0
        self._quanta_out = 0

    @property
    def fresh(self) -> bool:
        """Whether nothing was pushed yet."""
        return self._samples_in == 0

    def configs(self) -> dict[str, bytes]:
        """Return each rendition's decoder set-up."""
        return {lane.name: lane.codec.config for lane in self._lanes}

    def push(self, samples: Sound) -> list[Quantum]:
        """Take in ``samples`` (any number), which are copied; return the quanta now complete, mostly none."""
        batches = (self._samples_in - self._lag) // _BATCH
        self._waiting.append(samples.copy())
        self._samples_in += len(samples)
        if (self._samples_in - self._lag) // _BATCH == batches:
            return []
        batch = np.concatenate(self._waiting)
        self._waiting.clear()
        for lane in self._lanes:
            lane.push(batch)
        return self._take_complete()

    def drain(self, *, partial: bool) -> list[Quantum]:
        """Return the quanta still inside; push nothing afterwards.

        With ``partial``, silence completes the quantum begun; without, its samples are lost.
        """
        begun = -(-self._samples_in // QUANTUM) if partial else self._samples_in // QUANTUM
        drained: list[Quantum] = []
        while self._quanta_out < begun:
            drained += self.push(sound.silence(TICK))
        return drained

    def _take_complete(self) -> list[Quantum]:
        quanta: list[Quantum] = []
        while all(lane.has_quantum for lane in self._lanes):
            quanta.append({lane.name: lane.take_quantum() for lane in self._lanes})
        self._quanta_out += len(quanta)
        return quanta


@functools.cache
def silent_quantum(encodings: tuple[Encoding, ...] = ENCODINGS) -> Quantum:
    """Return one quantum of silence, encoded, to fill gaps with, as long as any. Computed once."""
    encoder = QuantumEncoder(encodings)
    encoder.push(sound.silence(QUANTUM))
    return encoder.drain(partial=False)[-1]
