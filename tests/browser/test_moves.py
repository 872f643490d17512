"""A move in real browsers: whoever listens, waits or holds the old link is taken along without a press."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.asking import accepts, asks, goes_on_stage, is_blocked, is_removed
from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import HIGH_HZ, LOW_HZ
from harness.stage import on_stage
from harness.studio_page import StudioPage
from harness.waiting import until
from harness.waiting_page import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOON = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
PRESSES = """
window.presses = 0
addEventListener('click', () => (window.presses += 1), true)
"""


async def move(evening: Evening, to: Evening) -> None:
    await evening.call("POST", f"/spaces/{evening.space}/move", {"to": to.space})


@pytest.mark.long
async def test_everybody_is_taken_along_and_keeps_what_they_came_for(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="First hall") as first,
        Evening(site, title="Second hall", starts_at=SOON) as second,
        Evening(site, title="Waiting hall", starts_at=SOON) as waiting,
        Person(playwright, "listener") as lea,
        Person(playwright, "waiting") as wim,
        Person(playwright, "armed") as amy,
        on_stage((await first.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
        on_stage((await second.link("host", "Ben")).url, name="Ben", hz=HIGH_HZ),
    ):
        await first.go_live()
        await first.until_served()
        listening = EventPage(lea, site, first.space)
        await listening.open()
        await listening.press_listen()
        await lea.until_hears(LOW_HZ, within_s=20)
        await lea.page.evaluate(PRESSES)
        counting, armed = EventPage(wim, site, waiting.space), EventPage(amy, site, waiting.space)
        await counting.open()
        await armed.open()
        await armed.press_listen()
        await expect(wim.page.get_by_role("timer")).to_be_visible()
        await amy.page.evaluate(PRESSES)

        await move(first, second)
        await move(waiting, second)
        await expect(lea.page.locator("#moved")).to_be_visible(timeout=20_000)
        await lea.until_hears(LOW_HZ, within_s=5)
        for page in (wim.page, amy.page):
            await page.wait_for_url(f"**/s/{second.space}", timeout=20_000)
            await expect(page.locator("#title")).to_have_text("Second hall")
        await armed.until_scene("armed", within_s=10)

        await second.go_live()
        for person in (lea, amy):
            await person.until_hears(HIGH_HZ, within_s=30)
            assert await person.page.evaluate("window.presses") == 0
        assert (await listening.probe())["scene"] == "playing"
        assert lea.page.url == f"{site.door}/s/{second.space}"
        assert await lea.page.title() == await amy.page.title()
        await expect(lea.page.get_by_text("“First hall” moved here.")).to_be_visible()

        late = await lea.another_page()
        await late.goto(f"{site.door}/s/{first.space}")
        assert late.url == f"{site.door}/s/{second.space}"
        for evening in (first, second):
            await evening.end()
            await evening.replay()
        await late.goto(f"{site.door}/")
        for title in ("First hall", "Second hall"):
            await expect(late.get_by_role("link", name=title)).to_be_visible()

        async def stays() -> bool:
            await late.goto(f"{site.door}/s/{first.space}")
            return late.url == f"{site.door}/s/{first.space}"

        await until(stays, what="the old address leads nowhere any more", within_s=5)
        await expect(late.get_by_test_id("play")).to_be_visible()
        await late.get_by_role("link", name="Go there").click()
        await late.wait_for_url(f"**/s/{second.space}")
        await late.get_by_role("link", name="Hear how it began").click()
        await expect(late.get_by_test_id("play")).to_be_visible()
        await expect(late.locator("#title")).to_have_text("First hall")
        assert (lea.complaints, wim.complaints, amy.complaints) == ([], [], [])


@pytest.mark.long
async def test_who_was_on_stage_and_is_a_listener_again_is_taken_along_too(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site, title="First hall") as first,
        Evening(site, title="Second hall") as second,
        Person(playwright, "host", microphone=low_voice) as ann,
        Person(playwright, "guest", microphone=low_voice) as lea,
        on_stage((await second.link("host", "Ben")).url, name="Ben", hz=HIGH_HZ),
    ):
        await second.go_live()
        host, page = StudioPage(ann), EventPage(lea, site, first.space)
        await page.open()
        await page.press_listen()
        await lea.until_page("window.rostra.state === 'armed'", what="she waits for the start", within_s=10)
        await host.enter((await first.link("host", "Ann")).url)
        await host.go_live()
        await lea.until_hears(LOW_HZ, within_s=30)
        await asks(lea, name="Lea Brand")
        await accepts(ann, "Lea Brand")
        await goes_on_stage(lea)
        await is_removed(ann, lea)
        await lea.until_hears(LOW_HZ, within_s=30)
        await is_blocked(ann, lea)
        await lea.page.evaluate(PRESSES)

        await move(first, second)
        await lea.until_hears(HIGH_HZ, within_s=30)
        told = ann.page.get_by_test_id("goes-on")
        await expect(told).to_contain_text("Second hall")
        await expect(told).to_contain_text("open the link that its host sends you")
        assert await told.get_by_role("link").evaluate_all("links => links.map((link) => link.href)") == [
            f"{site.door}/s/{second.space}"
        ], "a link to one stage opens no other"
        assert lea.page.url == f"{site.door}/s/{second.space}"
        assert await lea.page.evaluate("window.presses") == 0
        assert lea.complaints == []


@pytest.mark.long
async def test_who_has_asked_to_speak_stays_as_long_as_that_stands(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="First hall") as first,
        Evening(site, title="Second hall") as second,
        Person(playwright, "guest") as lea,
        on_stage((await first.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
        on_stage((await second.link("host", "Ben")).url, name="Ben", hz=HIGH_HZ),
    ):
        for evening in (first, second):
            await evening.go_live()
        page = EventPage(lea, site, first.space)
        await page.open()
        await asks(lea, name="Lea Brand")
        await move(first, second)
        told = lea.page.locator("#moved")
        await expect(told).to_contain_text("while your request to speak stands", timeout=20_000)
        assert lea.page.url == f"{site.door}/s/{first.space}?stay", "loaded anew, it is still this page"
        await lea.page.get_by_test_id("withdraw").click()
        await lea.page.wait_for_url(f"**/s/{second.space}", timeout=20_000)
        assert lea.complaints == []


@pytest.mark.long
async def test_a_listener_of_a_full_site_hears_the_other_space_before_whoever_only_waited(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path, capacity=1) as site,
        Evening(site, title="First hall") as first,
        Evening(site, title="Second hall") as second,
        Person(playwright, "listener") as lea,
        Person(playwright, "waiting") as wim,
        on_stage((await first.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
        on_stage((await second.link("host", "Ben")).url, name="Ben", hz=HIGH_HZ),
    ):
        for evening in (first, second):
            await evening.call("POST", f"/spaces/{evening.space}/live")
            await evening.until_state("live")
        address = f"{site.door}/s/{first.space}"
        listens, waits = Visitor(lea.page, address), Visitor(wim.page, address)
        await listens.open()
        await listens.press()
        await lea.until_hears(LOW_HZ, within_s=30)
        await waits.open()
        await waits.press()
        await waits.says("You are number 1 in line.")

        await move(first, second)
        await lea.until_hears(HIGH_HZ, within_s=30)
        assert await listens.presses() == 1
        await wim.page.wait_for_url(f"**/s/{second.space}", timeout=30_000)
        await waits.says("You are number 1 in line.")
        await lea.page.reload()
        await listens.until("window.rostra")
        await listens.press()
        await lea.until_hears(HIGH_HZ, within_s=30)
        await listens.leave()
        await waits.hears()
        assert await waits.presses() == 1
        assert (lea.complaints, wim.complaints) == ([], [])


@pytest.mark.long
async def test_a_move_to_a_private_space_lets_nobody_in(site: Deployment, playwright: Playwright) -> None:
    async with (
        AsyncExitStack() as stack,
        Evening(site, title="Open hall") as opened,
        Person(playwright, "listener") as lea,
        Person(playwright, "waiting") as wim,
        Person(playwright, "guest") as gus,
        on_stage((await opened.link("host", "Ann")).url, name="Ann", hz=LOW_HZ),
    ):
        body = {"title": "Closed hall", "visibility": "private", "passphrase": "open sesame"}
        closed = (await opened.call("POST", "/spaces", body))["id"]
        link = await opened.call("POST", f"/spaces/{closed}/links", {"role": "host", "name": "Ben"})
        await stack.enter_async_context(on_stage(link["url"], name="Ben", hz=HIGH_HZ))
        await opened.call("POST", f"/spaces/{closed}/live")
        await opened.go_live()
        await gus.page.goto(f"{site.door}/s/{closed}")
        await gus.page.locator("#phrase").fill("open sesame")
        await gus.page.keyboard.press("Enter")
        guest = EventPage(gus, site, opened.space)
        await expect(gus.page.get_by_test_id("listen")).to_be_visible()
        listening, watching = EventPage(lea, site, opened.space), EventPage(wim, site, opened.space)
        for page in (listening, guest):
            await page.open()
            await page.press_listen()
            await page.person.until_hears(LOW_HZ, within_s=20)
        await watching.open()

        await opened.call("POST", f"/spaces/{opened.space}/move", {"to": closed})
        await wim.page.wait_for_url(f"**/s/{closed}", timeout=20_000)
        await expect(wim.page.locator("[data-code=pass_needed]")).to_be_visible()
        await gus.until_hears(HIGH_HZ, within_s=30)
        await expect(lea.page.locator("#moved")).to_be_visible(timeout=20_000)
        await lea.until_hears(LOW_HZ, within_s=10)
        assert "Closed hall" not in await lea.page.content()
