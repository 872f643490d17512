"""Somebody listens, and the door would not let them in any more: they hear on, or read why they do not."""

from __future__ import annotations

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import PASSWORD, Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.stage import on_stage

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]

WORDS = "open sesame"
WHY = "It called for violence."
SOON_MS = 20_000
MARK = "document.body.dataset.opened = 'before'"
AGAIN = "() => document.body?.dataset.opened === undefined && window.rostra?.scene === 'playing'"


async def test_whoever_is_still_invited_hears_on_others_are_asked_for_the_words_and_all_read_why_it_is_hidden(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="Among us") as evening,
        Person(playwright, "invited") as ivy,
        Person(playwright, "knows the words") as pat,
        on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
    ):
        await evening.call(
            "PATCH", f"/spaces/{evening.space}", {"visibility": "private", "passphrase": WORDS}
        )
        account = {"handle": "ivy", "name": "Ivy", "password": PASSWORD, "role": "member"}
        await evening.call("POST", "/accounts", account)
        await evening.call("PUT", f"/spaces/{evening.space}/invited/ivy")
        await evening.call("POST", f"/spaces/{evening.space}/live")

        await ivy.page.goto(f"{site.control}/signin?next=/pass/{evening.space}")
        await ivy.page.get_by_test_id("handle").fill("ivy")
        await ivy.page.get_by_test_id("password").fill(PASSWORD)
        await ivy.page.keyboard.press("Enter")
        await pat.page.goto(f"{site.door}/s/{evening.space}")
        await pat.page.locator("#phrase").fill(WORDS)
        await pat.page.keyboard.press("Enter")
        for person in (ivy, pat):
            await person.page.get_by_test_id("listen").click(timeout=SOON_MS)
            await person.until_hears(LOW_HZ, within_s=20)
            await person.page.evaluate(MARK)

        await evening.call("DELETE", f"/spaces/{evening.space}/passes")
        await expect(pat.page.locator("#phrase")).to_be_visible(timeout=SOON_MS)
        await ivy.page.wait_for_function(AGAIN, timeout=SOON_MS)  # without a press
        await ivy.until_hears(LOW_HZ, within_s=10)
        await pat.page.locator("#phrase").fill(WORDS)
        await pat.page.keyboard.press("Enter")
        await pat.page.wait_for_function(AGAIN, timeout=SOON_MS)

        await evening.call("PUT", f"/spaces/{evening.space}/hidden", {"reason": WHY})
        for person in (ivy, pat):
            await expect(person.page.get_by_text(WHY)).to_be_visible(timeout=SOON_MS)


async def test_a_notice_that_is_taken_back_leaves_the_page_of_whoever_listens(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "listener") as lea,
        on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
    ):
        await evening.go_live()
        page = EventPage(lea, site, evening.space)
        await page.open()
        await page.press_listen()
        await page.until_scene("playing", within_s=20)
        told = []
        for text in ("Call this number.", "Thanks for coming."):
            posted = await evening.call("POST", f"/spaces/{evening.space}/notices", {"text": text})
            told.append(posted["id"])
            await expect(lea.page.get_by_test_id("notice")).to_have_count(len(told), timeout=SOON_MS)
        await evening.call("DELETE", f"/spaces/{evening.space}/notices/{told[0]}")
        await expect(lea.page.get_by_test_id("notice")).to_have_count(1, timeout=SOON_MS)
        await page.says("Thanks for coming.")
        await evening.call("DELETE", f"/spaces/{evening.space}/notices/{told[1]}")
        await expect(lea.page.get_by_test_id("notice")).to_have_count(0, timeout=SOON_MS)
        assert (await page.probe())["state"] == "playing"
        assert lea.complaints == []
