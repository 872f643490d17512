"""From backstage to what is not in the open: a held recording, and a private space one is invited to."""

from __future__ import annotations

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import PASSWORD, Deployment
from harness.evening import Evening
from harness.signing_in import sign_in
from harness.sound import LOW_HZ
from harness.stage import on_stage

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]


async def test_the_host_hears_a_held_recording_by_a_click_in_console_and_studio(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "host") as olga:
        page = olga.page
        await evening.call("PATCH", f"/spaces/{evening.space}", {"recording_policy": "hold"})
        async with on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=LOW_HZ):
            await evening.go_live()
            await olga.page.wait_for_timeout(2_000)  # the recording shall have a length
        await evening.end()
        await evening.until_state("held")

        await sign_in(page, site.control)
        await page.get_by_test_id("space").get_by_role("link", name=evening.title).click()
        await expect(page.get_by_test_id("play")).to_be_visible()
        assert page.url == f"{site.door}/s/{evening.space}"
        await page.context.clear_cookies(name=f"pass_{evening.space}")
        await page.goto(f"{site.control}/studio/{evening.space}")
        await page.get_by_test_id("event-page-link").click()
        await expect(page.get_by_test_id("play")).to_be_visible()
        assert olga.complaints == []


async def test_whoever_is_invited_comes_from_the_console_to_the_private_page(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site, title="Among us") as evening, Person(playwright, "invited") as ivy:
        page = ivy.page
        account = {"handle": "ivy", "name": "Ivy", "password": PASSWORD, "role": "member"}
        await evening.call("POST", "/accounts", account)
        await evening.call("PATCH", f"/spaces/{evening.space}", {"visibility": "private"})
        await sign_in(page, site.control, "ivy")
        await expect(page.get_by_test_id("empty")).to_be_visible()
        await expect(page.get_by_text("You are invited to listen")).to_have_count(0)
        await evening.call("PUT", f"/spaces/{evening.space}/invited/ivy")
        await expect(page.get_by_text("You are invited to listen")).to_be_visible(timeout=10_000)
        await page.get_by_test_id("invited-to").get_by_role("link", name="Among us").click()
        await expect(page.locator("#title")).to_have_text("Among us")
        assert page.url == f"{site.door}/s/{evening.space}"
        assert ivy.complaints == []
