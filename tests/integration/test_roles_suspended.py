"""A speaker is suspended while on another's stage: off at once, while it goes on; later back again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.listening import listening, now_sample, until_audible
from harness.visitors import Visitor, Visitors
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.replies import Refused
from rostra.rehearsal.sound import Tone
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline

pytestmark = pytest.mark.timeout(120)

OFF_WITHIN_S = 2.0
GOES_ON_S = 3


@asynccontextmanager
async def on_stage(
    visitor: Visitor, evening: Evening, name: str, hz: float
) -> AsyncIterator[asyncio.Task[None]]:
    """Somebody speaks by a link, in a browser where they are signed in; the task is their evening."""
    link = await evening.link("speaker", name)
    async with httpx.AsyncClient(timeout=10.0, trust_env=False, cookies=visitor.http.cookies) as http:
        clock = SystemClock()
        timeline = Timeline(clock)
        timeline.begin()
        studio = StudioLink(evening.site.control, evening.space, link.token)
        speaker = Speaker(http, studio, name=name, source=Tone(hz), timeline=timeline, clock=clock)
        task = asyncio.create_task(speaker.run())
        try:
            async with asyncio.timeout(15):
                await speaker.connected.wait()
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def names_on_stage(evening: Evening) -> set[str]:
    return {speaker["name"] for speaker in (await evening.status())["speakers"]}


async def until_on_stage(evening: Evening, *names: str, within_s: float) -> None:
    async def so() -> bool:
        found = await names_on_stage(evening)
        assert found == set(names), f"on stage: {found}"
        return True

    await until(so, what=f"{' and '.join(names)} stand on the page", within_s=within_s)


async def test_a_suspended_speaker_is_off_within_two_seconds_and_comes_back_reinstated(
    tmp_path: Path,
) -> None:
    async with Deployment(tmp_path) as site, Visitors(site) as visitors, Evening(site) as evening:
        operator, member = visitors["operator"], visitors["member"]
        async with on_stage(visitors["host"], evening, "Ann", 440.0):
            async with on_stage(member, evening, "Bob", 1000.0) as bob:
                await evening.go_live()
                await until_on_stage(evening, "Ann", "Bob", within_s=10)
                async with listening(evening) as listener:
                    began_s = time.monotonic()
                    assert (await operator.api("POST", "/accounts/bob/suspend")).is_success
                    await until_on_stage(evening, "Ann", within_s=OFF_WITHIN_S)
                    print(f"off after {time.monotonic() - began_s:.2f} s")
                    with pytest.raises(Refused) as refused:
                        await asyncio.wait_for(bob, 15)
                    assert refused.value.http_status == httpx.codes.FORBIDDEN
                    later = await now_sample(evening) + GOES_ON_S * SAMPLE_RATE
                    await until_audible(listener, after=later, within_s=GOES_ON_S + 10)
                assert (await evening.status())["state"] == "live"

            assert (await member.api("GET", "/session")).status_code == 403
            assert (await operator.api("POST", "/accounts/bob/reinstate")).is_success
            await member.sign_in("bob")
            async with on_stage(member, evening, "Bob", 1000.0):
                await until_on_stage(evening, "Ann", "Bob", within_s=10)
