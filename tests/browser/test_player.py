"""The page's player: after sleep, on networks that fail, to the last word. Nobody presses anything twice."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, Route

from harness import acts
from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.players import AGAIN_S, PLACE, listener, on_air, playing_tab
from harness.sound import LOW_HZ
from harness.tab import asleep, processes, tabs
from rostra.media.hls_live import HOLD_BACK_S

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, pytest.mark.timeout(240)]

SLEEP_S = 12.0
SLOW = "The network is slow: waiting for sound."
PART = re.compile(r"/\d+\.\d+\.m4s$")
LISTEN = "document.querySelector('[data-testid=listen]')"
REMEMBER = """() => {
  window.said = []
  const note = () => window.said.push(...[...document.querySelectorAll('.said')].map(one => one.textContent))
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""
REMEMBER_PLACE = """() => setInterval(() => {
  const audio = document.querySelector('audio')
  const { length } = audio.buffered
  if (!audio.src.startsWith('blob:') || !length) return
  window.last = [audio.currentTime, audio.buffered.end(length - 1)]
}, 20)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Evening]:
    """One for all tests here: each listener is a newcomer to it."""
    async with Deployment(tmp_path_factory.mktemp("player")) as site, on_air(site) as evening:
        yield evening


async def test_after_a_sleep_the_programme_goes_on_where_it_is_now(live: Evening, driver: Playwright) -> None:
    async with tabs(driver) as browser:
        tab = await playing_tab(browser, live)
        before = await tab.evaluate(PLACE)
        with asleep(await processes(browser)):
            await asyncio.sleep(SLEEP_S)
        now = f"{PLACE}.at_s > {before['at_s'] + SLEEP_S} && {PLACE}.latency_s < 3"
        await tab.until(now, what="it plays what is said now", within_s=AGAIN_S)


async def test_a_lost_network_mends_itself(live: Evening, driver: Playwright) -> None:
    async with listener(driver, live) as page:
        lea = page.person
        await page.page.context.set_offline(True)
        await page.says("You are offline")
        lost_s = (await page.page.evaluate(PLACE))["at_s"]
        await asyncio.sleep(3)
        await page.page.context.set_offline(False)
        await lea.until_hears(LOW_HZ, after_s=lost_s + 3, within_s=AGAIN_S)
        await page.until_scene("playing", within_s=5)


@pytest.mark.long
async def test_by_hls_js_too_a_lost_network_mends_itself_and_nobody_stands_in_line_again(
    live: Evening, driver: Playwright
) -> None:
    async with listener(driver, live, player="hls.js") as page:
        asked: list[str] = []
        page.page.on("request", lambda request: asked.append(request.url))
        await page.page.context.set_offline(True)
        again = "window.rostra.rejoins > 1"
        await page.person.until_page(again, what="it tried without a network", within_s=3 * AGAIN_S)
        await page.page.context.set_offline(False)
        await page.person.until_hears(LOW_HZ, within_s=2 * AGAIN_S)
        await page.until_scene("playing", within_s=5)
        assert not [url for url in asked if url.endswith("/join")]


@pytest.mark.long
async def test_while_writes_are_rare_hls_js_plays_whole_segments_further_behind(
    tmp_path: Path, driver: Playwright
) -> None:
    async with Deployment(tmp_path, edge_cadence=4) as site, on_air(site) as evening:
        await asyncio.sleep(HOLD_BACK_S + 1)
        async with listener(driver, evening, player="hls.js") as page:
            place = await page.page.evaluate(PLACE)
            fetched = await page.page.evaluate(
                "performance.getEntriesByType('resource').map(each => each.name)"
            )
            assert HOLD_BACK_S - 4 < place["latency_s"] < HOLD_BACK_S + 8
            assert any(each.endswith("/plain.m3u8") for each in fetched)
            assert not any(PART.search(each) for each in fetched)


async def test_a_slow_network_is_told_and_the_programme_goes_on(live: Evening, driver: Playwright) -> None:
    async with listener(driver, live) as page:
        await page.page.evaluate(REMEMBER)
        before: dict[str, Any] = await page.page.evaluate(PLACE)
        edge = live.site.pids()["edge-0"]
        os.kill(edge, signal.SIGSTOP)
        try:
            told = f"window.said.includes('{SLOW}')"
            await page.person.until_page(told, what="it says that it waits", within_s=AGAIN_S)
            waited: dict[str, Any] = await page.page.evaluate(PLACE)
        finally:
            os.kill(edge, signal.SIGCONT)
        again = f"{PLACE}.at_s > {waited['at_s'] + 1}"
        await page.person.until_page(again, what="it plays again", within_s=AGAIN_S)
        after: dict[str, Any] = await page.page.evaluate(PLACE)
        assert after["stalls"] > before["stalls"]


async def test_a_refused_ticket_leads_back_through_the_door(live: Evening, driver: Playwright) -> None:
    async with Person(driver, "listener") as lea:
        page = EventPage(lea, live.site, live.space)
        joins = 0

        async def refuse(route: Route) -> None:
            await route.fulfill(status=403, headers={"access-control-allow-origin": "*"})

        async def count(route: Route) -> None:
            nonlocal joins
            joins += 1
            await route.continue_()

        await page.open()
        await lea.page.route("**/live.json", refuse, times=1)
        await lea.page.route("**/join", count)
        await page.press_listen()
        await lea.until_hears(LOW_HZ, within_s=AGAIN_S)
        assert joins == 2


async def test_what_listening_costs_is_shown(live: Evening, driver: Playwright) -> None:
    async with listener(driver, live) as page:
        shown = page.page.get_by_test_id("data")
        await page.says("MB this visit")
        used, hourly = (float(part.split()[0]) for part in (await shown.inner_text()).split(", "))
        assert 0 <= used < 1
        assert 10 < hourly < 40


async def test_the_last_words_are_heard_before_the_page_turns_to_the_replay(
    live: Evening, driver: Playwright
) -> None:
    async with on_air(live.site) as evening, listener(driver, evening) as page:
        await page.page.evaluate(REMEMBER_PLACE)
        await evening.end()
        await page.until_scene("published", within_s=10)
        heard_s, newest_s = await page.page.evaluate("window.last")
        recorded_s = (await evening.status())["replay"]["seconds"]
        assert newest_s == pytest.approx(recorded_s, abs=0.05)
        assert heard_s > newest_s - 0.15


@pytest.mark.parametrize("player", ["", pytest.param("hls.js", marks=pytest.mark.long)])
async def test_where_the_browser_wants_one_more_press_one_large_button_asks_for_it(
    live: Evening, driver: Playwright, player: str
) -> None:
    async with Person(driver, "listener") as lea:
        await acts.without_sound_until_pressed_again(lea.page)
        page = EventPage(lea, live.site, live.space, player=player)
        await page.open()
        await page.press_listen()
        await page.until_scene("blocked", within_s=AGAIN_S)
        await page.says("Your browser keeps the sound back until one more press.")
        await asyncio.sleep(3)  # it waits for the press, and takes the silence for no fault
        assert (await page.probe())["state"] == "blocked"
        assert await lea.page.evaluate("document.querySelector('audio').paused")
        await lea.page.get_by_role("button", name="Tap to hear", exact=True).click()
        await lea.until_hears(LOW_HZ, within_s=AGAIN_S)
        await page.until_scene("playing", within_s=5)


@pytest.mark.long
@pytest.mark.parametrize("player", ["", "hls.js"])
async def test_a_pause_by_another_app_is_left_alone_until_a_press(
    live: Evening, driver: Playwright, player: str
) -> None:
    async with Person(driver, "listener") as lea:
        page = EventPage(lea, live.site, live.space, player=player)
        await page.open()
        await page.press_listen()
        await lea.until_hears(LOW_HZ, within_s=AGAIN_S)
        await lea.page.evaluate("document.querySelector('audio').pause()")
        await page.until_scene("blocked", within_s=2)
        await asyncio.sleep(8)  # what is behind would jump, or be taken for a fault
        assert (await page.probe())["state"] == "blocked"
        assert await lea.page.evaluate("document.querySelector('audio').paused")
        await lea.page.get_by_role("button", name="Tap to hear", exact=True).click()
        await lea.until_hears(LOW_HZ, within_s=AGAIN_S)
        await page.until_scene("playing", within_s=5)


@pytest.mark.parametrize("player", ["", pytest.param("hls.js", marks=pytest.mark.long)])
async def test_a_stop_while_it_joins_leaves_nothing_playing(
    live: Evening, driver: Playwright, player: str
) -> None:
    async with Person(driver, "listener") as lea:
        page = EventPage(lea, live.site, live.space, player=player)
        joined = asyncio.Event()

        async def late(route: Route) -> None:
            await asyncio.sleep(1.5)
            await route.continue_()
            joined.set()

        await page.open()
        await lea.page.route("**/join", late)
        await page.press_listen()
        await lea.page.get_by_role("button", name="Stop listening", exact=True).click()
        await asyncio.wait_for(joined.wait(), 10)
        await asyncio.sleep(3)
        assert await lea.page.evaluate("document.querySelector('audio').paused")
        nothing = "document.querySelector('audio').networkState === HTMLMediaElement.NETWORK_EMPTY"
        assert await lea.page.evaluate(nothing), "the browser holds on to what it no longer plays"
        assert (await page.probe())["state"] == "off"
