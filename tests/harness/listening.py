"""A listener's program under test, and what must hold of an evening that they listened to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from harness.evening import Evening
from harness.sound import LOW_HZ, decode, holds
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.rehearsal.listeners import Listener
from rostra.tape.verify import verify_chain

AUDIBLE_DBFS = -30.0


@asynccontextmanager
async def listening(evening: Evening) -> AsyncIterator[Listener]:
    """A listener who heals by themselves, as the page's player does."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False, verify=False) as http:
        listener = Listener(http, f"{evening.site.door}/s/{evening.space}", clock=SystemClock())
        task = asyncio.create_task(listener.listen())
        try:
            await until_audible(listener, after=0, within_s=30)
            yield listener
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until_audible(listener: Listener, *, after: int, within_s: float) -> None:
    """Wait until the listener has had a second of sound that was spoken after a sample."""
    await _until_sound(listener, after=after, within_s=within_s)
    await _until_sound(listener, after=(listener.hearing.next_sample or 0) + SAMPLE_RATE, within_s=20)


async def _until_sound(listener: Listener, *, after: int, within_s: float) -> None:
    async def audible() -> bool:
        assert (listener.hearing.next_sample or 0) > after, f"heard until {listener.hearing.next_sample}"
        assert listener.level_dbfs > AUDIBLE_DBFS, f"{listener.level_dbfs} dBFS"
        return True

    await until(audible, what=f"the listener hears what was spoken after sample {after}", within_s=within_s)


async def now_sample(evening: Evening) -> int:
    """The programme's present position by the wall clock."""
    anchor = (await evening.status())["anchor_utc_ns"]
    return (SystemClock().utc_ns() - anchor) * SAMPLE_RATE // 1_000_000_000


async def assert_whole(evening: Evening, run: str, *, ends_in_sound: bool = True) -> None:
    """The recording verifies, plays to its end, is as long as its end document says, and holds the tone."""
    verdict = await asyncio.to_thread(verify_chain, evening.tape(run))
    assert verdict.sound, verdict
    assert verdict.ended
    end = evening.end_document(run)
    replay = await evening.replay()
    decoded = await decode(replay["mp4"])
    assert len(decoded) == pytest.approx(end["duration_samples"], abs=QUANTUM)
    assert holds(decoded[SAMPLE_RATE // 4 : SAMPLE_RATE], LOW_HZ), "it holds how it began"
    if ends_in_sound:
        assert holds(decoded[-SAMPLE_RATE // 2 :], LOW_HZ), "it holds how it ended"
