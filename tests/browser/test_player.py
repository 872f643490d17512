"""The page's player: in a hidden tab, after sleep, on networks that fail. Nobody presses anything twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Playwright, Route, async_playwright

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.tab import Tab, asleep, processes, tabs
from harness.voices import speaking
from harness.waiting import until
from rostra.rehearsal.rough_link import NoRoughNetwork
from rostra.rehearsal.rough_network import rough_network
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, pytest.mark.timeout(240)]

AGAIN_S = 25.0
HIDDEN_S = 20.0
LONG_HIDDEN_S = 600.0
NEAR_S = 5.0
"""A player may have come from anywhere within its bounds to the newest."""
SLEEP_S = 12.0
SLOW_S = 2.5
"""Longer than what is in hand, shorter than what the player takes for the end of a stream."""
LEARN_S = 20.0
"""Within this time the player learns what its network is like."""
ROUGH_S = 60.0
LONGER_WITHIN_S = 100.0
"""Two segments, what players need to grow from the shortest cadence to the longest, and a border."""
LONGER_S = 12.0
"""Three of the longest writes."""
PLACE = """(() => {
  const audio = document.querySelector('audio')
  const { stalls, rejoins, latency_s, state, rendition } = window.rostra
  const oldest_s = audio.buffered.length ? audio.currentTime - audio.buffered.start(0) : 0
  return { at_s: audio.currentTime, oldest_s, stalls, rejoins, latency_s, state, rendition }
})()"""
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
LOCK_SCREEN = """(() => {
  const { metadata, playbackState } = navigator.mediaSession
  return [metadata.title, metadata.artwork[0].src, playbackState]
})()"""


@asynccontextmanager
async def on_air(site: Deployment) -> AsyncIterator[Evening]:
    """A space in which somebody says 440 Hz."""
    async with Evening(site) as evening, speaking(evening, Tone(LOW_HZ)):
        await evening.go_live()
        yield evening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Evening]:
    """One for all tests here: each listener is a newcomer to it."""
    async with Deployment(tmp_path_factory.mktemp("player")) as site, on_air(site) as evening:
        yield evening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@asynccontextmanager
async def listener(
    playwright: Playwright, live: Evening, *, program: Path | None = None, door: str = ""
) -> AsyncIterator[EventPage]:
    """Somebody who has pressed Listen and hears."""
    async with Person(playwright, "listener", program=program) as lea:
        page = EventPage(lea, live.site, live.space, door=door)
        await page.open()
        await page.press_listen()
        await lea.until_hears(LOW_HZ, within_s=AGAIN_S)
        yield page


async def playing_tab(browser: CDPSession, live: Evening) -> Tab:
    """A tab in which the programme plays."""
    tab = await Tab.open(browser, f"{live.site.door}/s/{live.space}")
    await tab.until(
        "window.rostra && document.querySelector('[data-testid=listen]')",
        what="the page is there",
        within_s=20,
    )
    await tab.evaluate("document.querySelector('[data-testid=listen]').click()")
    await tab.until("window.rostra.first_audio_ms !== null", what="it plays", within_s=AGAIN_S)
    return tab


async def listen_hidden(playwright: Playwright, live: Evening, seconds: float) -> None:
    """Hide the tab for so long: it goes on in time, keeps close, and outlives the edge's death meanwhile."""
    async with tabs(playwright) as browser:
        tab = await playing_tab(browser, live)
        await tab.hide()
        before = await tab.evaluate(PLACE)
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        after = await tab.evaluate(PLACE)
        passed_s = asyncio.get_running_loop().time() - began_s
        assert after["at_s"] - before["at_s"] == pytest.approx(passed_s, abs=NEAR_S), (before, after)
        assert (after["state"], after["rejoins"], after["stalls"]) == ("playing", 0, 0), after
        assert after["latency_s"] < 3
        assert after["oldest_s"] < 30.5, "what is older has left the source"
        title, artwork, state = await tab.evaluate(LOCK_SCREEN)
        assert (title, state) == (live.title, "playing")
        assert artwork.endswith(f"/s/{live.space}/card.png")

        await live.site.replaced("edge-0", await live.site.kill("edge-0"))
        later = f"{PLACE}.at_s > {after['at_s'] + 6} && {PLACE}.state === 'playing'"
        await tab.until(later, what="it plays again", within_s=AGAIN_S)
        assert await tab.evaluate("document.hidden")


@pytest.mark.long
async def test_in_a_hidden_tab_the_programme_goes_on(live: Evening, playwright: Playwright) -> None:
    await listen_hidden(playwright, live, HIDDEN_S)


@pytest.mark.long
@pytest.mark.timeout(LONG_HIDDEN_S + 240)
async def test_ten_minutes_in_a_hidden_tab_go_on(live: Evening, playwright: Playwright) -> None:
    await listen_hidden(playwright, live, LONG_HIDDEN_S)


async def test_after_a_sleep_the_programme_goes_on_where_it_is_now(
    live: Evening, playwright: Playwright
) -> None:
    async with tabs(playwright) as browser:
        tab = await playing_tab(browser, live)
        before = await tab.evaluate(PLACE)
        with asleep(await processes(browser)):
            await asyncio.sleep(SLEEP_S)
        now = f"{PLACE}.at_s > {before['at_s'] + SLEEP_S} && {PLACE}.latency_s < 3"
        await tab.until(now, what="it plays what is said now", within_s=AGAIN_S)


async def test_a_lost_network_mends_itself(live: Evening, playwright: Playwright) -> None:
    async with listener(playwright, live) as page:
        lea = page.person
        await page.page.context.set_offline(True)
        await page.says("You are offline")
        lost_s = (await page.page.evaluate(PLACE))["at_s"]
        await asyncio.sleep(3)
        await page.page.context.set_offline(False)
        await lea.until_hears(LOW_HZ, after_s=lost_s + 3, within_s=AGAIN_S)
        await page.until_scene("playing", within_s=5)


async def test_a_slow_network_is_told_and_the_programme_goes_on(
    live: Evening, playwright: Playwright
) -> None:
    async with listener(playwright, live) as page:
        await page.page.evaluate(REMEMBER)
        before: dict[str, Any] = await page.page.evaluate(PLACE)
        edge = live.site.pids()["edge-0"]
        os.kill(edge, signal.SIGSTOP)
        await asyncio.sleep(SLOW_S)
        os.kill(edge, signal.SIGCONT)
        again = f"{PLACE}.at_s > {before['at_s'] + SLOW_S + 1}"
        await page.person.until_page(again, what="it plays again", within_s=AGAIN_S)
        after: dict[str, Any] = await page.page.evaluate(PLACE)
        said = await page.page.evaluate("window.said")
        assert "The network is slow: waiting for sound." in said, (said, before, after)
        assert after["stalls"] > before["stalls"]


@pytest.mark.long
async def test_a_worker_that_is_relieved_lets_the_player_go_at_a_segments_end(
    live: Evening, playwright: Playwright
) -> None:
    async with listener(playwright, live) as page:
        before: dict[str, Any] = await page.page.evaluate(PLACE)
        edges = [pid for seat, pid in live.site.pids().items() if seat.startswith("edge-")]
        supervisor = live.site.process
        assert supervisor is not None
        os.kill(supervisor.pid, signal.SIGHUP)

        async def gone() -> bool:
            return not any(Path(f"/proc/{pid}").exists() for pid in edges)

        await until(gone, what="every worker has left", within_s=60)
        left: dict[str, Any] = await page.page.evaluate(PLACE)
        later = f"{PLACE}.at_s > {left['at_s'] + 5} && {PLACE}.state === 'playing'"
        await page.person.until_page(later, what="it plays on", within_s=AGAIN_S)
        await page.person.until_hears(LOW_HZ, within_s=5)
        after: dict[str, Any] = await page.page.evaluate(PLACE)
        assert (after["rejoins"], after["stalls"]) == (before["rejoins"], before["stalls"]), (before, after)


async def test_a_refused_ticket_leads_back_through_the_door(live: Evening, playwright: Playwright) -> None:
    async with Person(playwright, "listener") as lea:
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


async def test_what_listening_costs_is_shown(live: Evening, playwright: Playwright) -> None:
    async with listener(playwright, live) as page:
        shown = page.page.get_by_test_id("data")
        await page.says("MB this visit")
        used, hourly = (float(part.split()[0]) for part in (await shown.inner_text()).split(", "))
        assert 0 <= used < 1
        assert 10 < hourly < 40


async def test_the_data_saver_takes_the_cheap_rendition_without_a_pause_and_is_remembered(
    live: Evening, playwright: Playwright
) -> None:
    async with listener(playwright, live) as page:
        before: dict[str, Any] = await page.page.evaluate(PLACE)
        assert before["rendition"] == "opus32"
        await page.page.get_by_label("Data saver").check()
        saved = f"{PLACE}.rendition === 'opus16' && {PLACE}.at_s > {before['at_s'] + 6}"
        await page.person.until_page(saved, what="it plays the cheap rendition", within_s=AGAIN_S)
        await page.person.until_hears(LOW_HZ, within_s=5)
        after: dict[str, Any] = await page.page.evaluate(PLACE)
        assert after["stalls"] == before["stalls"]

        await page.open()
        await page.press_listen()
        again = f"{PLACE}.rendition === 'opus16' && {PLACE}.state === 'playing'"
        await page.person.until_page(again, what="the next visit begins with it", within_s=AGAIN_S)


@pytest.mark.long
async def test_on_a_rough_network_nothing_is_interrupted_after_the_first_moments(
    playwright: Playwright, tmp_path: Path
) -> None:
    async with Deployment(tmp_path, bind="0.0.0.0") as site, on_air(site) as live:
        try:
            with rough_network() as network:
                inside = network.wrapped(shutil.which("chromium") or "", tmp_path)
                door = f"http://{network.server}:{site.door_port}"
                async with listener(playwright, live, program=inside, door=door) as page:
                    await asyncio.sleep(LEARN_S)
                    before = await page.probe()
                    await asyncio.sleep(ROUGH_S)
                    after = await page.probe()
        except NoRoughNetwork as error:
            pytest.skip(str(error))
    assert (after["stalls"], after["rejoins"]) == (before["stalls"], before["rejoins"])


@pytest.mark.long
@pytest.mark.timeout(LONGER_WITHIN_S + 240)
async def test_the_ladder_lengthens_writes_and_shortens_them_again_and_nobodys_sound_stops(
    playwright: Playwright, tmp_path: Path
) -> None:
    async with Deployment(tmp_path) as site, on_air(site) as live, listener(playwright, live) as early:
        await asyncio.sleep(LEARN_S)
        before = await early.probe()
        document = f"{await live.join()}live.json"

        async def writes_carry(quanta: int) -> bool:
            told = (await live.http.get(document)).json()
            assert told["cadence"] == quanta, told
            return True

        await live.call("PUT", "/door", {"rung": "quiet"})
        await until(
            partial(writes_carry, 12),
            what="writes carry a whole segment",
            within_s=LONGER_WITHIN_S,
            poll_s=1,
        )
        await asyncio.sleep(LONGER_S)
        far = await early.probe()
        assert (far["rendition"], far["stalls"]) == ("opus16", before["stalls"])
        async with listener(playwright, live) as late:
            await asyncio.sleep(LONGER_S)
            assert (await late.probe())["stalls"] == 0, "a newcomer has enough in hand"
            await live.call("PUT", "/door", {"rung": "ground"})
            await until(partial(writes_carry, 1), what="writes carry a quantum", within_s=30)
            await asyncio.sleep(LONGER_S)
            assert (await late.probe())["stalls"] == 0
        assert (await early.probe())["stalls"] == before["stalls"]


async def test_the_last_words_are_heard_before_the_page_turns_to_the_replay(
    live: Evening, playwright: Playwright
) -> None:
    async with on_air(live.site) as evening, listener(playwright, evening) as page:
        await page.page.evaluate(REMEMBER_PLACE)
        await evening.end()
        await page.until_scene("published", within_s=10)
        heard_s, newest_s = await page.page.evaluate("window.last")
        recorded_s = (await evening.status())["replay"]["seconds"]
        assert newest_s == pytest.approx(recorded_s, abs=0.05)
        assert heard_s > newest_s - 0.15


@pytest.mark.parametrize("player", ["", "hls.js"])
async def test_a_stop_while_it_joins_leaves_nothing_playing(
    live: Evening, playwright: Playwright, player: str
) -> None:
    async with Person(playwright, "listener") as lea:
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
        assert (await page.probe())["state"] == "off"
