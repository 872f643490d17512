"""Edge workers are replaced while people listen, as for an update: nobody is broken off."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.listening import listening, now_sample, until_audible
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting import until
from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def edges(site: Deployment) -> set[int]:
    folder = site.data / "run" / "pids"
    return {int(file.stem) for file in folder.iterdir() if file.read_text().startswith("edge-")}


@pytest.mark.long
async def test_a_listener_hears_on_while_every_edge_worker_is_replaced(tmp_path: Path) -> None:
    async with Deployment(tmp_path, edge_workers=2) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            async with listening(evening) as first, listening(evening) as second:
                before = edges(site)
                assert len(before) == 2
                assert site.process is not None
                os.kill(site.process.pid, signal.SIGHUP)

                async def replaced() -> bool:
                    now = edges(site)
                    return len(now) == 2 and not now & before

                await until(replaced, what="every edge worker is another", within_s=60)
                replaced_at = await now_sample(evening)
                for listener in (first, second):
                    await until_audible(listener, after=replaced_at + SAMPLE_RATE, within_s=15)
                    assert (listener.hearing.gaps, listener.joins) == (0, 1)
                    # A request may cross a kept connection's close: it is asked again, nothing is missed.
                    assert listener.reconnects <= 1

                async def two_count() -> bool:
                    return bool((await evening.status())["listeners"] == 2)

                await until(two_count, what="both are counted, once", within_s=15)
            await evening.end()
