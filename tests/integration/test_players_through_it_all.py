"""Other people's players listen side by side through a live evening: its stage is killed, then it ends.

None of them is told anything: each must leave by itself at the end, having heard the tone before and after.
Those that play in browsers are in ``tests/browser/test_other_players.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import numpy as np
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ, Sound, decode, holds, run
from harness.voices import speaking
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.rehearsal.sound import Tone

LIVE_S, KILLED_AFTER_S = 60, 8
ALMOST_S = 8
"""Before the end whoever cannot hear of it stops: FFmpeg reads a manifest of numbered segments only once."""


async def by_mpv(address: str, folder: Path, within_s: float) -> Sound:
    heard = folder / f"{address.rpartition('/')[2]}.wav"
    await run(
        *("mpv", "--no-config", "--no-video", "--ao=pcm", f"--ao-pcm-file={heard}"),
        *("--network-timeout=20", address),
        within_s=within_s,
    )
    return await decode(heard)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_players_hear_an_evening_through_a_dead_stage_to_its_end(tmp_path: Path) -> None:
    async with Deployment(tmp_path, mp3="true") as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await evening.until_recorded(2 * SEGMENT, within_s=40)
            door, limit = f"{site.door}/s/{evening.space}", LIVE_S + 90.0
            players: dict[str, Awaitable[Sound]] = {
                "ffmpeg, HLS": decode(f"{door}/live.m3u8", within_s=limit),
                "mpv, HLS": by_mpv(f"{door}/live.m3u8", tmp_path, limit),
                "ffmpeg, DASH": decode(f"{door}/live.mpd", seconds=LIVE_S - ALMOST_S, within_s=limit),
                "ffmpeg, AAC": decode(f"{door}/radio.aac", within_s=limit),
                "mpv, Opus": by_mpv(f"{door}/radio.opus", tmp_path, limit),
                "ffmpeg, MP3": decode(f"{door}/radio.mp3", within_s=limit),
            }
            listening = {name: asyncio.ensure_future(each) for name, each in players.items()}
            await asyncio.sleep(KILLED_AFTER_S)
            await site.kill("stage-0")
            await asyncio.sleep(LIVE_S - KILLED_AFTER_S)
            await evening.end()
        heard = dict(zip(listening, await asyncio.gather(*listening.values()), strict=True))
    for name, sound in heard.items():
        seconds = len(sound) / SAMPLE_RATE
        print(f"{name}: {seconds:.1f} s")
        assert LIVE_S * 0.6 < seconds < LIVE_S * 1.6, f"{name} heard {seconds:.1f} s"
        for which, part in (("first", sound[: 4 * SAMPLE_RATE]), ("last", _loud_end(sound))):
            assert holds(part, LOW_HZ), f"{name}: the tone is not in the {which} seconds"


def _loud_end(sound: Sound) -> Sound:
    """The last four seconds before the silence at the end, if any."""
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    end = int(loud[-1]) if len(loud) else len(sound)
    return sound[max(0, end - 4 * SAMPLE_RATE) : end]
