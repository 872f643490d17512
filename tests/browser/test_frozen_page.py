"""A phone that is locked from ten minutes before the start until three after it: its page keeps its place."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting_page import Visitor, asleep
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1_500)]

AHEAD_S = 600
BEYOND_S = 180
OPENING_S = 60
"""For all to open the page, before the first of them falls asleep."""
ON_STAGE_S = 20


async def test_a_page_frozen_from_ten_minutes_before_the_start_until_three_after_keeps_its_place(
    tmp_path: Path, playwright: Playwright
) -> None:
    start = datetime.now(UTC) + timedelta(seconds=AHEAD_S + OPENING_S)
    async with (
        Deployment(tmp_path, capacity=2) as site,
        Evening(site, starts_at=start.isoformat()) as evening,
        Person(playwright, "people") as people,
        contextlib.AsyncExitStack() as on_stage,
    ):

        async def visitor() -> Visitor:
            page = await Visitor(await people.another_page(), f"{site.door}/s/{evening.space}").open()
            await page.press()
            return page

        async def until_start(*, ahead_s: float) -> None:
            await asyncio.sleep((start - datetime.now(UTC)).total_seconds() - ahead_s)

        ann, bob, cat = [await visitor() for _ in range(3)]
        for each in (ann, bob, cat):
            await each.says("Everyone here before")
        place = await bob.place()
        await until_start(ahead_s=AHEAD_S)
        async with asleep(bob):
            await until_start(ahead_s=ON_STAGE_S)
            await on_stage.enter_async_context(speaking(evening, Tone(LOW_HZ)))
            await until_start(ahead_s=0)
            await evening.call("POST", f"/spaces/{evening.space}/live")
            # A place that is called and not claimed goes to the next for now, whoever's it is.
            await asyncio.gather(*(each.hears(within_s=120) for each in (ann, cat)))
            dan = await visitor()
            await dan.says("in line")
            await until_start(ahead_s=-BEYOND_S)
        await ann.leave()
        await bob.hears()
        assert (await bob.place(), await bob.presses()) == (place, 1)
        assert not await dan.plays(), "who came after the start is still behind"
    assert people.complaints == []
