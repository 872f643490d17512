"""A whisperer, a shouter and somebody in between on a real stage: FFmpeg's meter over the recording."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.loudness import in_turn, meter, meter_file
from harness.sound import decode
from harness.voices import speaking
from rostra.audio.frame import Sound
from rostra.audio.loudness import TARGET_LUFS
from rostra.audio.made import MIX
from rostra.core.clock import SystemClock
from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.sound import Loop
from rostra.rehearsal.timeline import Timeline

LEVELS_LUFS = (-45.0, -8.0, -25.0)
TURN_S = 4
LOBBY_TURNS = len(LEVELS_LUFS)
"""Everyone says something before it begins, as people do."""
LIVE_TURNS = 2 * len(LEVELS_LUFS)
MOST_DBTP = -1.0
MOST_APART_LU = 6.0


@pytest.mark.long
async def test_an_evening_of_quiet_and_loud_people_is_recorded_at_one_loudness(tmp_path: Path) -> None:
    clock = SystemClock()
    timeline = Timeline(clock)
    voices = [
        Loop((np.clip(each, -1, 1) * 32767).astype(np.int16))
        for each in in_turn(*LEVELS_LUFS, turn_s=TURN_S, rounds=4)
    ]
    async with Deployment(tmp_path) as site, Evening(site) as evening, AsyncExitStack() as stage:
        for number, (voice, role) in enumerate(zip(voices, ("host", "speaker", "speaker"), strict=True)):
            await stage.enter_async_context(
                speaking(evening, voice, role=role, name=f"Speaker {number}", timeline=timeline)
            )
        timeline.begin()
        began_utc_ns = clock.utc_ns()
        await asyncio.sleep(LOBBY_TURNS * TURN_S)
        await evening.go_live()
        live = await evening.until_served()
        recorded = LIVE_TURNS * TURN_S * SAMPLE_RATE
        await evening.until_recorded(recorded, within_s=4 * LIVE_TURNS * TURN_S)
        await evening.end()
        await evening.replay()

        tape = evening.tape(live["run"])
        assert evening.genesis(live["run"])["mix"] == MIX
        for rendition in ("aac64", "opus32", "aac32", "opus16"):
            assert meter_file(tape / f"{rendition}.mp4").dbtp <= MOST_DBTP, rendition
        assert meter_file(tape / "aac64.mp4").lufs == pytest.approx(TARGET_LUFS, abs=1)

        heard = (await decode(tape / "aac64.mp4")).astype(np.float32)
        lead_s = (live["anchor_utc_ns"] - began_utc_ns) / 1e9
        levels = [meter(turns_of(heard, speaker, lead_s=lead_s)).lufs for speaker in range(len(LEVELS_LUFS))]
        assert max(levels) - min(levels) <= MOST_APART_LU, levels


def turns_of(heard: Sound, speaker: int, *, lead_s: float) -> Sound:
    """What one speaker said in a recording that began ``lead_s`` after the first turn did."""
    at = np.arange(len(heard)) / SAMPLE_RATE + lead_s - 0.15
    turn, within = np.divmod(at, TURN_S)
    said: Sound = heard[(turn % len(LEVELS_LUFS) == speaker) & (within > 0.6) & (within < TURN_S - 0.3)]
    return said
