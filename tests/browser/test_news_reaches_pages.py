"""Open pages show within two seconds what has changed: notices everywhere, starts on the home page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import partial

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import PHONE, Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WITHIN_S = 2.0
"""From the API's answer until it stands on the page."""
PATIENCE_MS = 15_000
SHOWN = "words => document.body.innerText.includes(words) && Date.now()"
LINK = "https://example.org/slides"
BETWEEN = "document.querySelector('#house').offsetTop - document.querySelector('#policy').offsetTop"
"""How much room there is between two things that stand on the page before a notice comes."""
MARK = "document.body.dataset.opened = 'once'"
MARKED = "document.body.dataset.opened === 'once'"


@pytest.mark.long
async def test_a_notice_stands_on_every_open_page_within_two_seconds(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site, title="Last week") as past,
        Evening(site, title="Tonight") as tonight,
        Person(playwright, "listener") as lea,
    ):
        await past.go_live()
        await past.end()
        await past.replay()
        await tonight.go_live()
        listening = EventPage(lea, site, tonight.space)
        await listening.open()
        await listening.press_listen()
        await listening.until_scene("playing", within_s=20)
        pages = {
            "home": await opened(lea, site.door),
            "event": await opened(lea, f"{site.door}/s/{tonight.space}"),
            "replay": await opened(lea, f"{site.door}/s/{past.space}"),
            "listening": lea.page,
        }
        for text in ("We run ten minutes longer.", "Thanks for coming."):
            for evening, names in ((tonight, ("home", "event", "listening")), (past, ("home", "replay"))):
                words = f"{text} {evening.title}"
                await evening.call("POST", f"/spaces/{evening.space}/notices", {"text": words, "link": LINK})
                told_s = time.time()
                delays, _ = await asyncio.gather(
                    delays_s({name: pages[name] for name in names}, words, told_s),
                    until(partial(is_newest, evening, words), what="the status has it", within_s=WITHIN_S),
                )
                print({name: round(delay, 2) for name, delay in delays.items()})
                assert max(delays.values()) < WITHIN_S, delays
        for name in ("event", "replay", "listening"):
            assert await pages[name].locator(f"#notices a[href='{LINK}']").count() == 2
        assert await pages["home"].locator(f".told-short a[href='{LINK}']").count() == 2, "of each the newest"
        assert all([await page.evaluate(MARKED) for page in pages.values() if page is not lea.page])
        assert lea.complaints == []


async def is_newest(evening: Evening, words: str) -> bool:
    notices = (await evening.status())["notices"]
    return bool(notices) and (notices[0]["text"], notices[0]["link"]) == (words, LINK)


@pytest.mark.long
async def test_on_a_phone_a_notice_is_in_sight_and_nothing_moves_for_it(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "listener") as lea:
        await evening.go_live()
        page, notice = EventPage(lea, site, evening.space), lea.page.get_by_test_id("notice")
        await lea.page.set_viewport_size(PHONE)
        await page.open()
        await page.press_listen()
        await page.until_scene("playing", within_s=20)
        await expect(lea.page.get_by_test_id("reactions")).to_be_visible()
        before_px = await lea.page.evaluate(BETWEEN)
        for text in ("We run ten minutes longer.", "Thanks for coming."):
            await evening.call("POST", f"/spaces/{evening.space}/notices", {"text": text, "link": LINK})
            await expect(notice.first).to_contain_text(text)
            await expect(notice.first).to_be_in_viewport(ratio=1)
            await notice.first.get_by_role("link").last.focus()
        await expect(notice).to_have_count(2)
        await expect(notice.first.get_by_role("link").last).to_be_focused()
        await notice.last.get_by_role("link").last.focus()
        await evening.call("POST", f"/spaces/{evening.space}/notices", {"text": "Questions", "link": LINK})
        await expect(notice).to_have_count(3)
        await expect(notice.last.get_by_role("link").last).to_be_focused()
        assert await lea.page.evaluate(BETWEEN) == before_px
        await notice.last.scroll_into_view_if_needed()
        await expect(notice.last).to_be_in_viewport(ratio=1)
        assert lea.complaints == []


@pytest.mark.long
async def test_the_home_page_shows_a_start_and_an_end_without_being_loaded_again(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site, title="Tonight") as evening, Person(playwright, "visitor") as vera:
        page = await opened(vera, site.door)
        link = page.get_by_role("link", name="Tonight")
        await link.focus()
        await evening.go_live()
        await page.wait_for_selector(".playbill a", timeout=1000 * WITHIN_S)
        assert "Tonight" in (await page.locator("#announce").text_content() or "")
        assert await link.evaluate("link => link === document.activeElement")
        await evening.end()
        await evening.replay()
        await page.wait_for_selector("#recordings", timeout=1000 * WITHIN_S)
        assert await page.evaluate(MARKED)
        assert vera.complaints == []


async def opened(person: Person, address: str) -> Page:
    """A further page of this person's, marked so that a second load would show."""
    page = await person.another_page()
    await page.goto(address)
    await page.evaluate(MARK)
    return page


async def delays_s(pages: Mapping[str, Page], words: str, told_s: float) -> dict[str, float]:
    """How long after ``told_s`` each page showed ``words``."""

    async def shown_s(page: Page) -> float:
        found = await page.wait_for_function(SHOWN, arg=words, polling=50, timeout=PATIENCE_MS)
        return float(await found.json_value()) / 1000

    shown = await asyncio.gather(*map(shown_s, pages.values()))
    return {name: at_s - told_s for name, at_s in zip(pages, shown, strict=True)}
