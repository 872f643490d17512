"""The microphone belongs to the person: whatever way they leave the stage, no track of it stays open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.studio_page import StudioPage
from harness.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WATCH_TRACKS = """
globalThis.opened = []
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await open(wish)
  opened.push(...stream.getTracks())
  return stream
}
"""
"""Remembers every track that the page's script was ever given."""


async def change_microphone(studio: StudioPage) -> None:
    """Choose the last of the fake devices, and wait until it alone is open."""
    menu = studio.page.locator("main .aside select")
    await expect(menu).to_be_visible()
    opened = await studio.page.evaluate("opened.length")
    await menu.select_option(index=await menu.locator("option").count() - 1)
    alone = f"opened.length > {opened} && opened.filter((track) => track.readyState === 'live').length === 1"
    await studio.person.until_page(alone, what="another microphone is open, alone", within_s=15)


async def until_all_ended(ann: Person) -> None:
    ended = "opened.length > 1 && opened.every((track) => track.readyState === 'ended')"
    await ann.until_page(ended, what="every track has ended", within_s=15)


async def end(evening: Evening, studio: StudioPage) -> None:
    await studio.go_live()
    await studio.end()


async def take_off(evening: Evening, studio: StudioPage) -> None:
    """Ask for more than was accepted: whoever is on stage is taken off it."""
    await evening.call("PATCH", f"/spaces/{evening.space}", {"recording_policy": "publish"})
    await expect(studio.page.get_by_test_id("off")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("leave", [end, take_off])
@pytest.mark.long
async def test_a_microphone_that_was_changed_is_closed_with_the_stage(
    site: Deployment,
    playwright: Playwright,
    low_voice: Path,
    leave: Callable[[Evening, StudioPage], Awaitable[None]],
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        await evening.call("PATCH", f"/spaces/{evening.space}", {"recording_policy": "hold"})
        await ann.page.add_init_script(WATCH_TRACKS)
        studio = StudioPage(ann)
        await studio.enter((await evening.link("host", "Ann")).url)
        await change_microphone(studio)
        await leave(evening, studio)
        await until_all_ended(ann)
        assert ann.complaints == []


@pytest.mark.long
async def test_whoever_reloads_the_studio_joins_by_one_press_with_the_microphone_that_they_chose(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        await ann.page.add_init_script(WATCH_TRACKS)
        studio, device = StudioPage(ann), "opened.at(-1).getSettings().deviceId"
        await studio.enter((await evening.link("host", "Ann")).url)
        first = await ann.page.evaluate(device)
        await change_microphone(studio)
        chosen = await ann.page.evaluate(device)
        assert chosen != first
        await ann.page.reload()
        await expect(ann.page.get_by_test_id("accepted")).to_contain_text("You will be heard live by anyone")
        await expect(ann.page.get_by_test_id("consent")).to_have_count(0)
        await ann.page.get_by_test_id("go-on").click()
        await studio.until_connected()
        assert await ann.page.evaluate(device) == chosen
        elsewhere = await ann.another_tab()
        await elsewhere.goto(ann.page.url)
        await expect(elsewhere.get_by_test_id("open-link-again")).to_contain_text("open it here again")
        await elsewhere.close()
        await ann.page.reload()
        await ann.page.get_by_test_id("rename").click()
        await ann.page.get_by_test_id("name").fill("Ann Brand")
        await ann.page.get_by_test_id("consent").check()
        await ann.page.get_by_test_id("accept").click()
        await studio.join()
        await expect(ann.page.get_by_test_id("person")).to_contain_text("Ann Brand")
        assert ann.complaints == []


@pytest.mark.long
async def test_who_leaves_the_stage_is_asked_where_nobody_else_leads_and_comes_back_by_a_press(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        await ann.page.add_init_script(WATCH_TRACKS)
        studio, page = StudioPage(ann), ann.page
        await studio.enter((await evening.link("host", "Ann")).url)
        await page.get_by_test_id("leave").click()
        await expect(page.get_by_test_id("left")).to_contain_text("You left the stage.")

        async def is_empty() -> bool:
            return not (await evening.call("GET", f"/spaces/{evening.space}/stage"))["speakers"]

        await until(is_empty, what="nobody is on stage", within_s=10)
        await page.get_by_test_id("go-on").click()
        await studio.until_connected()
        await studio.go_live()
        await page.get_by_test_id("leave").click()
        await expect(page.get_by_test_id("leave-dialog")).to_contain_text("listeners hear music")
        await page.get_by_test_id("leave-keep").click()
        await studio.until_connected()
        await page.get_by_test_id("leave").click()
        await page.get_by_test_id("leave-confirm").click()
        await expect(page.get_by_test_id("left")).to_contain_text("hear music", timeout=20_000)
        await until_all_ended(ann)
        await page.get_by_test_id("go-on").click()
        await studio.until_connected()
        assert ann.complaints == []
