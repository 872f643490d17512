"""A tape that nothing can mend: page, studio and console say that there is no recording, and promise none."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]

LOST, PROMISED = "Its recording was lost to a fault", "appears here by itself"


async def test_where_the_tape_is_lost_nobody_is_promised_a_recording(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "listener") as lea,
        Person(playwright, "host") as ann,
    ):
        event = EventPage(lea, site, evening.space)
        await event.open()
        await ann.page.goto((await evening.link("host", "Ann")).url)
        await evening.go_live()
        await event.until_scene("invite", within_s=15)
        shutil.rmtree(site.data / "tapes" / evening.space)
        await site.kill("stage-0")

        await event.until_scene("lost", within_s=30)
        await event.says(LOST)
        await expect(lea.page.locator("#announce")).to_contain_text(LOST)
        await expect(lea.page.get_by_text(PROMISED)).to_have_count(0)
        await lea.page.reload()
        await event.says(LOST)
        await expect(ann.page.get_by_test_id("lost")).to_contain_text("was lost to a fault")

        await sign_in(ann.page, site.control)
        row = ann.page.get_by_test_id("space")
        await expect(row).to_contain_text("The recording was lost to a fault")
        assert lea.complaints == ann.complaints == []
