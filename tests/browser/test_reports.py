"""A report in real browsers: made without an account, heard and handled by a moderator, followed by link."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import Person
from harness.deployment import PASSWORD, Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.signing_in import sign_in
from harness.sound import LOW_HZ
from harness.stage import on_stage
from harness.tab import asleep

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOUNDS = """audio => {
  const { played } = audio
  return played.length > 0 && played.end(played.length - 1) - played.start(0) > 0.5
}"""
THREAT, NOTICE, ALL = "She threatens us.", "An advertisement.", "All of it."
MODERATOR = "Mo Moderator"


async def fill(page: Page, subject: str, words: str) -> None:
    await page.locator("#report").click()
    await expect(page.get_by_test_id("report-sheet")).to_be_visible()
    await page.get_by_test_id("report-subject").select_option(label=subject)
    await page.get_by_test_id("report-send").click()
    await expect(page.get_by_test_id("report-sheet").get_by_role("alert")).to_have_text(
        "Please choose a reason."
    )
    await expect(page.get_by_test_id("report-grounds")).to_be_focused()
    await page.get_by_test_id("report-grounds").select_option("threat")
    await page.get_by_test_id("report-text").fill(words)


async def send(page: Page) -> str:
    """Send what is filled in; return the link to follow it by, and close the sheet."""
    await page.get_by_test_id("report-send").click()
    link = await page.get_by_test_id("report-link").input_value(timeout=15_000)
    await page.keyboard.press("Escape")
    return link


async def send_to_nobody(page: Page, site: Deployment) -> None:
    """Send while backstage stands still: nobody is thanked, and no word is lost."""
    with asleep([site.pids()["control-0"]]):
        await page.get_by_test_id("report-send").click()
        problem = page.get_by_test_id("report-sheet").get_by_role("alert")
        await expect(problem).to_contain_text("could not be stored", timeout=20_000)
        assert await page.get_by_test_id("report-text").input_value() == THREAT


async def send_in_a_hurry(page: Page, site: Deployment) -> str:
    """Close the sheet before the answer comes; return the link that is there when it is opened again."""
    with asleep([site.pids()["control-0"]]):
        await page.get_by_test_id("report-send").click()
        await expect(page.get_by_test_id("report-send")).to_have_text("One moment …")
        await page.keyboard.press("Escape")
    await page.locator("#report").click()
    link = await page.get_by_test_id("report-link").input_value(timeout=15_000)
    await page.keyboard.press("Escape")
    await page.locator("#report").click()
    await expect(page.get_by_test_id("report-subject")).to_be_visible()
    await page.keyboard.press("Escape")
    return link


async def see_reports(page: Page, site: Deployment) -> None:
    await sign_in(page, site.control, "mo", screen="/reports")
    await expect(page.get_by_test_id("report")).to_have_count(2)


async def decide(page: Page, words: str, verdict: str, note: str) -> None:
    row = page.get_by_test_id("report").filter(has_text=words)
    await row.get_by_test_id(verdict).click()
    await page.get_by_test_id("note").fill(note)
    await page.get_by_test_id("verdict-confirm").click()
    await expect(page.get_by_test_id("verdict-dialog")).to_have_count(0)
    await expect(row.get_by_test_id("verdict")).to_be_visible()


async def hear(page: Page, words: str) -> None:
    row = page.get_by_test_id("report").filter(has_text=words)
    await row.get_by_test_id("hear").click()
    minute = row.get_by_test_id("minute")
    await expect(minute).to_be_visible()
    await page.wait_for_function(SOUNDS, arg=await minute.element_handle(), timeout=20_000)


async def follow(page: Page, link: str, state: str) -> str:
    """Open the link that a reporter was given; return what is said there."""
    await page.goto("about:blank")
    await page.goto(link)
    await expect(page.get_by_test_id("outcome")).to_have_attribute("data-state", state)
    assert MODERATOR not in await page.content()
    return await page.locator("main").inner_text()


@pytest.mark.long
async def test_a_report_is_made_without_an_account_handled_and_its_outcome_seen(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="Loud hall") as evening,
        Person(playwright, "listener") as lea,
        Person(playwright, "moderator") as mo,
        on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
    ):
        account = {"handle": "mo", "name": MODERATOR, "password": PASSWORD, "role": "moderator"}
        await evening.call("POST", "/accounts", account)
        await evening.go_live()
        host = f"Speaker {(await evening.link('host', 'Ben')).token}"
        page = EventPage(lea, site, evening.space)
        await page.open()
        await page.press_listen()
        await lea.until_hears(LOW_HZ, within_s=20)
        line = {"text": "Buy this now."}
        posted = await evening.request("POST", f"/spaces/{evening.space}/notices", line, token=host)
        assert posted.is_success, posted.text
        await expect(lea.page.get_by_test_id("notice")).to_be_visible(timeout=15_000)
        await evening.until_recorded(8 * 48_000, within_s=20)

        await fill(lea.page, "What Ann says", THREAT)
        await send_to_nobody(lea.page, site)
        of_threat = await send(lea.page)
        await fill(lea.page, "The notice “Buy this now.”", NOTICE)
        of_notice = await send_in_a_hurry(lea.page, site)
        assert (await page.probe())["state"] == "playing"

        await see_reports(mo.page, site)
        await hear(mo.page, THREAT)
        told = await lea.another_page()
        assert "Not looked at yet" in await follow(told, of_threat, "open")
        await decide(mo.page, THREAT, "removed", "We took her off the stage.")
        await decide(mo.page, NOTICE, "removed", "The notice is gone.")
        assert "We took her off the stage." in await follow(told, of_threat, "removed")
        assert "The notice is gone." in await follow(told, of_notice, "removed")
        assert (await evening.status())["notices"] == []

        await evening.end()
        await page.until_scene("published", within_s=60)
        await replayed(evening, lea, mo, told)
        assert (lea.complaints, mo.complaints) == ([], [])


async def replayed(evening: Evening, lea: Person, mo: Person, told: Page) -> None:
    """The recording is reported at the player's place, heard there, and hidden with a reason."""
    await lea.page.evaluate("document.querySelector('audio').currentTime = 3")
    await fill(lea.page, "What Ann says", ALL)
    link = await send(lea.page)
    assert "0:03" in await follow(told, link, "open")
    await mo.page.reload()
    await hear(mo.page, ALL)
    await evening.call("PUT", f"/spaces/{evening.space}/hidden", {"reason": "It called for violence."})
    await lea.page.reload()
    await expect(lea.page.get_by_text("hidden by an operator")).to_be_visible()
    await expect(lea.page.get_by_text("It called for violence.")).to_be_visible()
