"""What one listener heard, counted from the chunks that arrived and when.

Pure: arrivals in, a report out. Media time is samples; due times come from the tape's anchor.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import msgspec
import numpy as np

from rostra.core.samples import SAMPLE_RATE, nanoseconds, seconds
from rostra.rehearsal.chunks import Chunk
from rostra.rehearsal.sound import SILENCE_DBFS, Pcm, decibels

LATE_MS = 1_000
"""A chunk is late when it arrives more than this after its last sample was spoken."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one listener. ``None`` where there was nothing to measure."""

    url: str
    space: str
    run: str
    rendition: str
    seconds: float
    """Audio received, each sample counted once."""
    first_audio_ms: int | None
    """From the start of joining to the first decoded chunk."""
    chunks: int
    bytes: int
    bit_rate: int
    """Container included."""
    gaps: int
    """Holes in media time; recorded silence is not one."""
    gap_ms: int
    longest_wait_ms: int
    """The longest from one new chunk to the next: an outage of the stage too, though the tape has no hole."""
    late: int
    latency_ms: int | None
    """Median of: arrival of a chunk minus the moment when its last sample was spoken."""
    latency_p95_ms: int | None
    decode_errors: int
    level_dbfs: float
    peak_dbfs: float
    reconnects: int
    """Breaks after which audio came again."""
    joins: int
    speakers: tuple[str, ...]
    """Everyone named on stage, in the order first heard of."""
    spoken: tuple[str, ...]
    """Those of them who spoke."""
    ended: bool
    """Whether the space ended while listening."""
    refused: str
    """Why one may hear no more of it; empty where one may."""


@dataclass(slots=True)
class Hearing:
    """Counts as chunks arrive. One per listener; a new run of the space continues it."""

    started_utc_ns: int
    first_audio_ms: int | None = None
    chunks: int = 0
    bytes: int = 0
    gaps: int = 0
    gap_samples: int = 0
    longest_wait_ms: int = 0
    samples: int = 0
    late: int = 0
    decode_errors: int = 0
    next_sample: int | None = None
    """Where the next chunk should start."""
    latency_ms: Counter[int] = field(default_factory=Counter)
    """How many chunks at the live edge arrived with which latency; one entry a millisecond."""
    _last_utc_ns: int | None = None
    _energy: float = 0.0
    _heard: int = 0
    _peak: float = 0.0

    def restart(self) -> None:
        """Another tape begins: its samples start at zero again."""
        self.next_sample = None

    def arrived(self, chunk: Chunk, *, anchor_utc_ns: int, now_utc_ns: int) -> bool:
        """Count a chunk; return whether it is new (a chunk that comes again after a break is not)."""
        if self.next_sample is not None and chunk.start_sample < self.next_sample:
            return False
        if self.next_sample is not None and chunk.start_sample > self.next_sample:
            self.gaps += 1
            self.gap_samples += chunk.start_sample - self.next_sample
        self.next_sample = chunk.end_sample
        if self._last_utc_ns is not None:
            self.longest_wait_ms = max(self.longest_wait_ms, (now_utc_ns - self._last_utc_ns) // 1_000_000)
        self._last_utc_ns = now_utc_ns
        self.chunks += 1
        self.bytes += len(chunk.data)
        self.samples += chunk.samples
        self._time(anchor_utc_ns + nanoseconds(chunk.end_sample), now_utc_ns)
        return True

    def _time(self, due_utc_ns: int, now_utc_ns: int) -> None:
        if due_utc_ns < self.started_utc_ns:
            return  # it was spoken before anybody listened here: neither late nor a latency
        latency = round((now_utc_ns - due_utc_ns) / 1_000_000)
        self.latency_ms[latency] += 1
        self.late += latency > LATE_MS

    def decoded(self, pcm: Pcm, *, now_utc_ns: int) -> None:
        """Count sound that came out of the decoder, full scale 1.0 float or int16."""
        if not len(pcm):
            return
        if self.first_audio_ms is None:
            self.first_audio_ms = round((now_utc_ns - self.started_utc_ns) / 1_000_000)
        signal = pcm.astype(np.float64) / 32768
        self._energy += float(np.sum(signal**2))
        self._heard += len(signal)
        self._peak = max(self._peak, float(np.max(np.abs(signal))))

    @property
    def bit_rate(self) -> int:
        return round(self.bytes * 8 * SAMPLE_RATE / self.samples) if self.samples else 0

    @property
    def gap_ms(self) -> int:
        return self.gap_samples * 1000 // SAMPLE_RATE

    @property
    def level_dbfs(self) -> float:
        """Level of everything heard."""
        return round(decibels(math.sqrt(self._energy / self._heard)), 1) if self._heard else SILENCE_DBFS

    @property
    def peak_dbfs(self) -> float:
        return round(decibels(self._peak), 1)

    def latency_at(self, quantile: float) -> int | None:
        """The latency that this share of chunks stayed within, in ms."""
        rank = quantile * self.latency_ms.total()
        for latency in sorted(self.latency_ms):
            rank -= self.latency_ms[latency]
            if rank <= 0:
                return latency
        return None

    def report(
        self,
        *,
        url: str,
        space: str,
        run: str,
        rendition: str,
        reconnects: int,
        joins: int,
        speakers: tuple[str, ...],
        spoken: tuple[str, ...],
        ended: bool,
        refused: str,
    ) -> Report:
        """Return everything counted, with what only the listener knows."""
        return Report(
            url=url,
            space=space,
            run=run,
            rendition=rendition,
            seconds=round(seconds(self.samples), 2),
            first_audio_ms=self.first_audio_ms,
            chunks=self.chunks,
            bytes=self.bytes,
            bit_rate=self.bit_rate,
            gaps=self.gaps,
            gap_ms=self.gap_ms,
            longest_wait_ms=self.longest_wait_ms,
            late=self.late,
            latency_ms=self.latency_at(0.5),
            latency_p95_ms=self.latency_at(0.95),
            decode_errors=self.decode_errors,
            level_dbfs=self.level_dbfs,
            peak_dbfs=self.peak_dbfs,
            reconnects=reconnects,
            joins=joins,
            speakers=speakers,
            spoken=spoken,
            ended=ended,
            refused=refused,
        )
