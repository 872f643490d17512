"""Minutes in which something dies every few seconds, and an evening afterwards that is whole."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from harness.deployment import SEATS, Deployment
from harness.evening import Evening
from harness.listening import assert_whole, listening, now_sample, until_audible
from harness.sound import LOW_HZ
from harness.voices import speaking
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(600)]

MINUTES = 3
AGAIN_S = 30


@pytest.mark.parametrize("seed", [1, 2])
async def test_minutes_of_random_deaths_leave_a_whole_recording(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    stages = 0
    async with Deployment(tmp_path, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                until = time.monotonic() + MINUTES * 60
                while time.monotonic() < until:
                    victim = dice.choice([*SEATS, "supervisor"])
                    print(f"{victim} dies at sample {await now_sample(evening)}")
                    if victim == "supervisor":
                        site.kill_supervisor()
                        await site.start()
                    else:
                        await site.replaced(victim, await site.kill(victim))
                    stages += victim in ("stage-0", "supervisor")
                    await evening.until_state("live", within_s=AGAIN_S)
                    await until_audible(listener, after=await now_sample(evening), within_s=AGAIN_S)
            await evening.end()
        await assert_whole(evening, run)
        end = evening.end_document(run)
        assert end["gaps"] * QUANTUM <= stages * 12 * SAMPLE_RATE, "outages are as long as they were"
