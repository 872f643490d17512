"""Whoever wants no motion sees none, on event page and studio; nothing moves away under a thumb."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import PHONE, Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import HIGH_HZ, LOW_HZ
from harness.stage import on_stage
from harness.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(240)]

PATIENCE_MS = 20_000
MOVING = """() => {
  const MOST_S = 0.01
  const lasts = (time) => parseFloat(time) * (time.includes('ms') ? 0.001 : 1) || 0
  const seconds = (times) => times.split(',').map(lasts)
  const moving = []
  for (const element of document.querySelectorAll('*')) {
    for (const part of ['', '::before', '::after', '::backdrop']) {
      const style = getComputedStyle(element, part)
      const animated_s = style.animationName === 'none' ? [] : seconds(style.animationDuration)
      const lasts_s = Math.max(...animated_s, ...seconds(style.transitionDuration))
      const name = `${element.localName}.${element.getAttribute('class')}${part}`
      if (lasts_s > MOST_S) moving.push(`${name}: ${lasts_s} s`)
      if (style.scrollBehavior === 'smooth') moving.push(`${name} scrolls`)
    }
  }
  for (const { effect } of document.getAnimations()) {
    if (effect.getComputedTiming().duration > 1000 * MOST_S) moving.push(`${effect.target?.localName} runs`)
  }
  return moving
}"""
"""What is animated or fades for longer than a hundredth of a second, and what scrolls smoothly."""

SHIFTS = """
window.shifts = []
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (shift.hadRecentInput || shift.value < 0.001) continue
    const nodes = shift.sources.map(({ node }) => node?.id || node?.className || node?.nodeName)
    window.shifts.push(`${nodes}: ${shift.value.toFixed(4)}`)
  }
}).observe({ type: 'layout-shift', buffered: true })
"""
"""What moves by itself (Layout Instability, W3C), half a second after a press and later.

The dot in the corner may, with the count beside it.
"""


@asynccontextmanager
async def on_air(
    site: Deployment, playwright: Playwright, voice: Path
) -> AsyncIterator[tuple[StudioPage, EventPage]]:
    """A host's studio, live, and the page of somebody who has not opened it yet."""
    async with (
        Evening(site) as evening,
        Person(playwright, "host", microphone=voice) as ann,
        Person(playwright, "listener") as lea,
    ):
        studio = StudioPage(ann)
        await studio.enter((await evening.link("host", "Ann")).url)
        await studio.go_live()
        await evening.until_served()
        yield studio, EventPage(lea, site, evening.space)


async def moves(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(MOVING)
    return found


async def test_nothing_moves_for_whoever_wants_no_motion(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with on_air(site, playwright, low_voice) as (studio, page):
        ann, lea = studio.person, page.person
        await page.open()
        await page.press_listen()
        await expect(lea.page.locator(".house.sounding")).to_be_visible(timeout=PATIENCE_MS)
        for person in (ann, lea):
            assert await moves(person.page), "else it looks for nothing"
            await person.page.emulate_media(reduced_motion="reduce")
            assert await moves(person.page) == []
        await lea.page.get_by_test_id("react-clap").click()
        for sums in (lea.page.get_by_test_id("reacted-clap"), ann.page.locator(".crowd .beat")):
            await expect(sums).not_to_be_empty(timeout=PATIENCE_MS)
        assert await lea.page.get_by_test_id("sky").locator("*").count() == 0
        for opens in (ann.page.get_by_test_id("end"), lea.page.locator("#report")):
            await opens.click()
        for person in (ann, lea):
            await expect(person.page.locator("dialog")).to_be_visible()
            assert await moves(person.page) == []


async def test_whoever_wants_no_motion_is_told_of_missing_scripts_as_late_as_anybody(
    site: Deployment, playwright: Playwright
) -> None:
    async with Person(playwright, "member") as bob:
        await bob.page.emulate_media(reduced_motion="reduce")
        await bob.page.route("**/assets/*.js", lambda route: route.abort())
        await bob.page.goto(f"{site.control}/console")
        await expect(bob.page.locator(".late")).to_be_hidden()
        await expect(bob.page.locator(".late")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("listens", [True, False])
async def test_the_page_keeps_still_as_it_turns_into_the_recording(
    site: Deployment, playwright: Playwright, low_voice: Path, listens: bool
) -> None:
    async with on_air(site, playwright, low_voice) as (studio, page):
        lea = page.person
        await lea.page.set_viewport_size(PHONE)
        await lea.page.add_init_script(SHIFTS)
        await page.open()
        if listens:
            await page.press_listen()
            await expect(lea.page.get_by_test_id("react-clap")).to_be_enabled(timeout=PATIENCE_MS)
            await expect(lea.page.locator(".house.sounding")).to_be_visible(timeout=PATIENCE_MS)
            # On a busy machine its own answer to the press comes late.
            await lea.page.evaluate("window.shifts = []")
        await studio.end()
        await expect(lea.page.get_by_test_id("play")).to_be_visible(timeout=PATIENCE_MS)
        await lea.page.wait_for_timeout(500)
        assert await lea.page.evaluate("window.shifts") == []


async def test_a_page_that_lived_through_the_end_is_as_one_that_is_opened_then(
    site: Deployment, playwright: Playwright
) -> None:
    shown = """() => ({
        people: [...document.querySelectorAll('#people > li')].map((each) => each.innerText),
        names: document.querySelector('#with').textContent.replace(/[\\u2068\\u2069]/g, ''),
        lit: document.querySelectorAll('.seats .lit').length,
        bill: document.querySelector('#bill').offsetHeight,
    })"""
    async with (
        Evening(site) as evening,
        Person(playwright, "listener") as lea,
        on_stage((await evening.link("host", "Ann Poe")).url, name="Ann Poe", hz=LOW_HZ),
    ):
        await lea.page.set_viewport_size(PHONE)
        await evening.go_live()
        await evening.until_served()
        page = EventPage(lea, site, evening.space)
        await page.open()
        await page.press_listen()
        await page.until_scene("playing", within_s=30)
        for link in [await evening.link("speaker", "Ben") for _ in range(2)]:
            async with on_stage(link.url, name="Ben", hz=HIGH_HZ):
                await expect(lea.page.locator("#people")).to_contain_text("Ben", timeout=20_000)
            await expect(lea.page.locator("#people")).not_to_contain_text("Ben", timeout=20_000)
        await evening.end()
        await expect(lea.page.get_by_test_id("play")).to_be_visible(timeout=30_000)
        await expect(lea.page.locator("#lasted")).to_contain_text("It was live for")
        await lea.page.locator("#with").click()
        lived = await lea.page.evaluate(shown)
        await lea.page.reload()
        await expect(lea.page.get_by_test_id("play")).to_be_visible(timeout=30_000)
        assert lived == await lea.page.evaluate(shown)
        assert lived["names"] == "Ann Poe (guest), Ben (guest)"
        assert lea.complaints == []
