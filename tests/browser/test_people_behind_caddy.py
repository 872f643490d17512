"""The whole evening behind HTTPS and HTTP/2, as the docs have it at home, and only browsers.

Whoever operates the site sets it up, a host comes by an invitation, a stranger listens, the replay plays.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.at_home import AtHome
from harness.browser import Person
from harness.deployment import PASSWORD
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PROTOCOLS = """() => performance.getEntries()
  .filter((entry) => ['navigation', 'resource'].includes(entry.entryType))
  .filter((entry) => entry.name.startsWith(location.origin))
  .map((entry) => entry.nextHopProtocol)"""
HEARD_S = 8
PLAYING = "document.querySelector('audio').currentTime > 0.2"


@pytest.mark.long
async def test_an_evening_behind_caddy_from_the_first_run_to_the_replay(
    tmp_path: Path, playwright: Playwright, low_voice: Path
) -> None:
    async with AtHome(tmp_path) as site:
        async with (
            Person(playwright, "operator", home=site.home) as olga,
            Person(playwright, "host", home=site.home, microphone=low_voice) as ann,
            Person(playwright, "stranger", home=site.home) as lea,
        ):
            link = await site.first_run_link()
            assert link.startswith(f"{site.origin}/setup")
            await set_up(olga, link)
            await find_the_way_backstage(olga, site.origin)
            await accept(ann, await invite(olga, site.origin))
            space = await schedule(ann)

            page, studio = EventPage(lea, site, space, door=site.origin), StudioPage(ann)
            await page.open()
            await ann.page.get_by_test_id("open-studio").click()
            await studio.accept(ann.page.url)
            await studio.join()
            await studio.go_live()
            await page.until_scene("invite", within_s=30)

            await page.press_listen()
            await lea.until_hears(LOW_HZ, within_s=15)
            await lea.until_hears(LOW_HZ, within_s=HEARD_S + 15, after_s=HEARD_S)
            assert (await page.probe())["player"] == "mse"

            await studio.end()
            await studio.until_over()
            await page.until_scene("published", within_s=20)
            await lea.page.get_by_test_id("play").click()
            await lea.until_page(PLAYING, what="the replay plays", within_s=10)
            for person in (olga, ann, lea):
                assert set(await person.page.evaluate(PROTOCOLS)) == {"h2"}, person.name
                assert person.complaints == []


async def set_up(olga: Person, link: str) -> None:
    """Become the operator, name the site, leave the first conversation for later."""
    page = olga.page
    await page.goto(link)
    await page.get_by_label("Your name").fill("Olga")
    await page.get_by_test_id("handle").fill("olga")
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("go-on").click()
    await page.get_by_test_id("site-name").fill("Radio Esperanza")
    await page.get_by_test_id("go-on").click()
    await page.get_by_test_id("close-form").click()
    await expect(page.get_by_role("link", name="Radio Esperanza")).to_be_visible()


async def find_the_way_backstage(olga: Person, origin: str) -> None:
    """From the front page to the console, by its link."""
    page = olga.page
    await page.goto(origin)
    await page.get_by_role("link", name="Backstage", exact=True).click()
    await page.wait_for_url(f"{origin}/console")
    await expect(page.get_by_test_id("schedule-one")).to_be_visible()


async def invite(olga: Person, origin: str) -> str:
    """Make a link for a host."""
    page = olga.page
    await page.goto(f"{origin}/accounts")
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("make-invitation").click()
    return await page.get_by_test_id("invitation-link").input_value()


async def accept(ann: Person, link: str) -> None:
    """Make an account by an invitation."""
    page = ann.page
    await page.goto(link)
    await page.get_by_test_id("name").fill("Ann")
    await page.get_by_test_id("handle").fill("ann")
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("go-on").click()
    await expect(page.get_by_test_id("schedule-one")).to_be_visible()


async def schedule(ann: Person) -> str:
    """Schedule a conversation that starts now; return its id."""
    page = ann.page
    await page.get_by_test_id("schedule-one").click()
    await page.get_by_test_id("title").fill("The evening that works")
    await page.get_by_test_id("now").check()
    await page.get_by_test_id("schedule").click()
    space = await page.get_by_test_id("space").get_attribute("data-space")
    assert space
    await expect(page.get_by_test_id("scheduled-link")).to_have_value(re.compile(rf"^https://.+/s/{space}$"))
    return space
