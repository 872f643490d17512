"""People on a stage without a browser: real WebRTC by the rehearsal's speaker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache

import httpx
import numpy as np

from harness.evening import Evening
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.sound import Pcm, Source
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Babble:
    """Endless noise in the band of speech that never repeats within a minute: made to be correlated."""

    seed: int = 7

    def read(self, position: int, count: int) -> Pcm:
        noise = _noise(self.seed)
        return noise[np.arange(position, position + count) % len(noise)]


@cache
def _noise(seed: int) -> Pcm:
    white = np.random.default_rng(seed).standard_normal(60 * 48_000)
    spectrum = np.fft.rfft(white)
    hz = np.fft.rfftfreq(len(white), 1 / 48_000)
    spectrum[(hz < 200) | (hz > 6_000)] = 0
    noise = np.fft.irfft(spectrum)
    quiet: Pcm = (noise / np.abs(noise).max() * 0.7 * 32767).round().astype(np.int16)
    return quiet


@asynccontextmanager
async def speaking(
    evening: Evening,
    source: Source,
    *,
    role: str = "host",
    name: str = "Ann",
    timeline: Timeline | None = None,
) -> AsyncIterator[Speaker]:
    """A person on stage who speaks until the block ends, and comes back by themselves meanwhile.

    From the top of their source, or from where others who share the time line are.
    """
    link = await evening.link(role, name)
    clock = SystemClock()
    if timeline is None:
        timeline = Timeline(clock)
        timeline.begin()
    async with httpx.AsyncClient(timeout=10.0, trust_env=False, verify=False) as http:
        speaker = Speaker(
            http, StudioLink.parse(link.url), name=name, source=source, timeline=timeline, clock=clock
        )
        task = asyncio.create_task(speaker.run())
        try:
            await until(lambda: _on_stage(speaker, task), what=f"{name} is on stage", within_s=40)
            yield speaker
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _on_stage(speaker: Speaker, task: asyncio.Task[None]) -> bool:
    if task.done():
        task.result()
    return speaker.connected.is_set()
