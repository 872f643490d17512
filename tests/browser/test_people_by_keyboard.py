"""The whole evening without a mouse: sign in, schedule, go live, listen, end, replay, by keys alone.

Every page on the way is within everybody's reach and fits its window.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Playwright, expect

from harness.browser import Person
from harness.deployment import OPERATOR, PASSWORD, Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.studio_page import StudioPage
from harness.within_reach import problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

MOST_TABS = 60
VISIBLE_FOCUS = """(element) => {
  const style = getComputedStyle(element)
  return style.outlineStyle !== 'none' || style.boxShadow !== 'none'
}"""


async def reach(person: Person, target: Locator, *, seen: bool = True) -> None:
    """Press Tab until the focus is there; it must be seen to be there."""
    await expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if await target.evaluate("(element) => element === document.activeElement"):
            break
        await person.page.keyboard.press("Tab")
    await expect(target).to_be_focused()
    if seen:
        assert await target.evaluate(VISIBLE_FOCUS), "nothing shows where the focus is"


async def press(person: Person, target: Locator, key: str = "Enter") -> None:
    await reach(person, target)
    await person.page.keyboard.press(key)


async def write(person: Person, target: Locator, text: str) -> None:
    await reach(person, target)
    await person.page.keyboard.type(text)


async def assert_within_reach(page: Page) -> None:
    assert await problems(page) == []


async def test_the_whole_evening_by_keyboard_alone(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Person(playwright, "host", microphone=low_voice) as olga,
        Person(playwright, "listener") as lea,
    ):
        page = olga.page
        await page.goto(f"{site.control}/signin")
        await expect(page.get_by_test_id("handle")).to_be_visible()
        await assert_within_reach(page)
        await write(olga, page.get_by_test_id("handle"), OPERATOR)
        await write(olga, page.get_by_test_id("password"), PASSWORD)
        await page.keyboard.press("Enter")
        await press(olga, page.get_by_test_id("schedule-one"))
        await write(olga, page.get_by_test_id("title"), "By keyboard")
        await reach(olga, page.get_by_role("radio").first)
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_test_id("now")).to_be_checked()
        await assert_within_reach(page)
        await press(olga, page.get_by_test_id("schedule"))
        space = await page.get_by_test_id("space").get_attribute("data-space")
        assert space
        await assert_within_reach(page)

        await press(olga, page.get_by_test_id("open-studio"))
        await press(olga, page.get_by_test_id("consent"), "Space")
        await press(olga, page.get_by_test_id("accept"))
        await assert_within_reach(page)
        await press(olga, page.get_by_test_id("join"))
        studio = StudioPage(olga)
        await studio.until_connected()
        await press(olga, page.get_by_test_id("golive"))
        await expect(page.get_by_test_id("clock")).to_be_visible()
        await assert_within_reach(page)

        event = EventPage(lea, site, space)
        await event.open()
        await event.until_scene("invite", within_s=20)
        await assert_within_reach(lea.page)
        await press(lea, event.listen_button)
        await lea.until_hears(LOW_HZ, within_s=15, after_s=1.0)
        await assert_within_reach(lea.page)

        await press(olga, page.get_by_test_id("end"))
        await press(olga, page.get_by_test_id("end-confirm"))
        await studio.until_over()
        await event.until_scene("published", within_s=20)
        await assert_within_reach(lea.page)
        await press(lea, lea.page.get_by_test_id("play"))
        playing = "document.querySelector('audio').currentTime > 0.2"
        await lea.until_page(playing, what="the replay plays", within_s=10)
        await reach(lea, lea.page.get_by_test_id("seek"))
        await lea.page.keyboard.press("End")
        assert (olga.complaints, lea.complaints) == ([], [])


@pytest.mark.long
async def test_where_nothing_is_left_to_press_the_focus_is_on_what_is_said(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "listener") as lea:
        event = EventPage(lea, site, evening.space)
        await event.open()
        await reach(lea, event.listen_button)
        await evening.call("POST", f"/spaces/{evening.space}/cancel")
        await event.until_scene("cancelled", within_s=20)
        await expect(lea.page.locator("#action .said")).to_be_focused()
        await event.says("This conversation was cancelled.")
        assert lea.complaints == []
