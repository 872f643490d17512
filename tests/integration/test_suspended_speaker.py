"""A speaker is suspended while on another's stage: off at once, while it goes on; later back again."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.listening import listening, now_sample, until_audible
from harness.stage import on_stage
from harness.visitors import Visitors
from harness.waiting import until
from rostra.core.samples import SAMPLE_RATE

pytestmark = pytest.mark.timeout(120)

OFF_WITHIN_S = 2.0
GOES_ON_S = 3


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
        seat = (await evening.link("speaker", "Bob")).url
        async with on_stage((await evening.link("speaker", "Ann")).url, name="Ann", hz=440.0):
            async with on_stage(seat, name="Bob", hz=1000.0, cookies=member.http.cookies) as bob:
                await evening.go_live()
                await until_on_stage(evening, "Ann", "Bob", within_s=10)
                async with listening(evening) as listener:
                    began_s = time.monotonic()
                    assert (await operator.api("POST", "/accounts/bob/suspend")).is_success
                    await until_on_stage(evening, "Ann", within_s=OFF_WITHIN_S)
                    print(f"off after {time.monotonic() - began_s:.2f} s")
                    await asyncio.wait_for(bob, 15)  # who is refused gives up, and tries no more
                    later = await now_sample(evening) + GOES_ON_S * SAMPLE_RATE
                    await until_audible(listener, after=later, within_s=GOES_ON_S + 10)
                assert (await evening.status())["state"] == "live"

            assert (await member.api("GET", "/session")).status_code == 403
            assert (await operator.api("POST", "/accounts/bob/reinstate")).is_success
            await member.sign_in("bob")
            async with on_stage(seat, name="Bob", hz=1000.0, cookies=member.http.cookies):
                await until_on_stage(evening, "Ann", "Bob", within_s=10)
