"""What a listener sees beside the audio, in time with it: captions, reactions, a pinned link, music."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import PHONE, Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.voices import speaking
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PATIENCE_MS = 20_000
LINE = "Everyone reads this while they hear it."
KEPT_S = 4.0
SHOWN_AT = """(words) => {
  const shown = document.querySelector('[data-testid=captions]')?.innerText ?? ''
  return shown.includes(words) && document.querySelector('audio').currentTime
}"""
"""Where the audio is when the line stands there."""
GONE_AT = """(words) => {
  const shown = document.querySelector('[data-testid=captions]')?.innerText ?? ''
  return !shown.includes(words) && document.querySelector('audio').currentTime
}"""


@pytest.mark.long
async def test_a_listener_sees_it_all_in_time_and_again_in_the_replay(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path, hold_end_s=6) as site,
        Evening(site) as evening,
        Person(playwright, "listener") as lea,
        Person(playwright, "captioner") as cai,
    ):
        page = EventPage(lea, site, evening.space)
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await page.open()
            await page.press_listen()
            await page.until_scene("playing", within_s=20)
            await reacts(lea, evening)
            await is_pinned(lea, evening)
            await reads_captions(lea, cai, evening)
        await expect(lea.page.get_by_test_id("hold")).to_be_visible(timeout=PATIENCE_MS)
        await expect(lea.page.get_by_test_id("hold")).to_have_text(
            "Nobody is on stage: music until somebody is."
        )
        await lea.page.set_viewport_size(PHONE)
        await expect(lea.page.get_by_test_id("hold")).to_be_in_viewport(ratio=1)
        await page.until_scene("published", within_s=40)
        await page.says("nobody came back in time")
        await reads_the_replay(lea)
        assert lea.complaints == []
        assert [each for each in cai.complaints if "409" not in each and "ERR_FAILED" not in each] == []


async def reacts(lea: Person, evening: Evening) -> None:
    """Their own press comes back as a sum, with the audio."""
    row = lea.page.get_by_test_id("reactions")
    await expect(row).to_be_visible(timeout=PATIENCE_MS)
    await lea.page.get_by_test_id("react-clap").click()
    await lea.page.get_by_test_id("react-clap").click()
    await expect(lea.page.get_by_test_id("reacted-clap")).not_to_be_empty(timeout=PATIENCE_MS)
    await expect(lea.page.get_by_test_id("reacted-clap")).to_be_empty(timeout=PATIENCE_MS)


async def is_pinned(lea: Person, evening: Evening) -> None:
    path = f"/spaces/{evening.space}/pinned"
    await evening.call("PUT", path, {"link": "https://example.org/slides", "label": "The slides"})
    link = lea.page.locator("#pinned a")
    await expect(link).to_have_text("The slides", timeout=PATIENCE_MS)
    await expect(link).to_have_attribute("href", "https://example.org/slides")
    await evening.request("DELETE", path)
    await expect(link).to_be_hidden(timeout=PATIENCE_MS)


async def reads_captions(lea: Person, cai: Person, evening: Evening) -> None:
    """What one writes on their page stands on the other's as that moment is heard, and goes again."""
    link = await evening.link("captioner", "Cai")
    await cai.page.goto(link.url)
    field = cai.page.get_by_test_id("caption-field")
    await expect(field).to_be_enabled(timeout=PATIENCE_MS)
    await field.press_sequentially("Written by hand", delay=10)
    await field.press("Enter")
    await expect(cai.page.get_by_test_id("written")).to_have_attribute(
        "data-state", "there", timeout=PATIENCE_MS
    )
    captions = lea.page.get_by_test_id("captions")
    await expect(captions).to_contain_text("Written by hand", timeout=PATIENCE_MS)
    await is_told_of_an_outage_while_it_lasts(cai)
    placed = await evening.call(
        "POST", f"/spaces/{evening.space}/captions", {"text": LINE, "duration_ms": round(1000 * KEPT_S)}
    )
    shown = await lea.page.wait_for_function(SHOWN_AT, arg=LINE, polling=20, timeout=PATIENCE_MS)
    shown_s = float(await shown.json_value())
    gone = await lea.page.wait_for_function(GONE_AT, arg=LINE, polling=20, timeout=PATIENCE_MS)
    gone_s = float(await gone.json_value())
    placed_s = placed["at"] / 48_000
    # In the chunk after the one in the making, whose moment it waits for: not before it, and soon after.
    assert -0.05 <= shown_s - placed_s <= 1.0, (shown_s, placed_s)
    assert abs(gone_s - shown_s - KEPT_S) < 1.0
    assert await captions.get_attribute("aria-live") == "off"
    toggle = lea.page.get_by_test_id("captions-toggle")
    await toggle.click()
    await expect(captions).to_be_hidden()
    assert await lea.page.evaluate("localStorage['rostra.captions']") == "off"
    await toggle.click()
    await expect(captions).to_be_visible()


async def is_told_of_an_outage_while_it_lasts(cai: Person) -> None:
    notice = cai.page.locator(".notice")
    await expect(notice).to_have_count(0)
    await cai.page.route("**/captions", lambda route: route.abort())
    await expect(notice).to_be_visible(timeout=PATIENCE_MS)
    await cai.page.unroute("**/captions")
    await expect(notice).to_have_count(0, timeout=PATIENCE_MS)


async def reads_the_replay(lea: Person) -> None:
    """The line stands where it was said, wherever one jumps to."""
    page = lea.page
    await page.reload()
    await expect(page.get_by_test_id("captions-toggle")).to_be_visible(timeout=PATIENCE_MS)
    folder = await page.evaluate("window.rostra.status.replay.hls.replace('index.m3u8', '')")
    vtt = await page.evaluate("async (url) => await (await fetch(url)).text()", f"{folder}captions.vtt")
    at = next(block for block in vtt.split("\n\n") if LINE in block).split(" --> ")[0]
    hours, minutes, seconds = at.split(":")
    place_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    captions = page.get_by_test_id("captions")
    await page.evaluate(f"document.querySelector('audio').currentTime = {place_s + 1}")
    await expect(captions).to_contain_text(LINE, timeout=PATIENCE_MS)
    await page.evaluate("document.querySelector('audio').currentTime = 0")
    await expect(captions).not_to_contain_text(LINE, timeout=PATIENCE_MS)
    await page.get_by_test_id("seek").focus()
