"""What the event page weighs, when it is first painted here, how far it moves: before, live, at the end."""

from __future__ import annotations

import asyncio
import shutil
import statistics
from dataclasses import dataclass
from operator import sub
from pathlib import Path

import httpx
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from bench.listen_bench import FLAGS, WARM_UP_S, NoBrowser, tone_on_air
from rostra.rehearsal import replies
from rostra.rehearsal.backstage import Backstage
from rostra.rehearsal.deployment import Deployment, deploy

VISITS = 5
SETTLE_S = 2.0
"""What comes to life late may still move something."""
LISTEN_S = 6.0
"""Somebody listens for so long: long enough for the player to settle, and for what else comes to life."""
REPLAY_MS = 20_000
WINDOWS: tuple[ViewportSize, ...] = ({"width": 1280, "height": 1000}, {"width": 390, "height": 844})
"""A desktop's, where all of the page is in sight, and a phone's, where everything stands below another."""
_WATCH = """
window.moved = 0
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value
}).observe({ type: 'layout-shift', buffered: true })
"""
"""What moves within half a second of a press is its answer (Layout Instability, 2.2)."""
_READ = """() => ({
  painted_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  moved: window.moved,
  bytes: performance.getEntriesByType('resource')
    .filter(({ name }) => /\\.(js|css)$/.test(new URL(name).pathname))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
})"""


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """The event page as a first visitor's browser loads it, before its start where nothing else is said."""

    script_and_style_bytes: int
    """As they travel, compressed."""
    first_paint_ms: int
    """First contentful paint, median of all visits, with an empty cache."""
    layout_shift: float
    """Cumulative; the largest of these visits."""
    layout_shift_listening: float
    """On a live page, from its first paint until somebody has listened for some seconds."""
    layout_shift_ending: float
    """On the same page, from then until the recording has taken the programme's place."""
    layout_shift_replay: float
    """On the page of a recording, newly opened."""


async def measure_page(data: Path) -> PageNumbers:
    """Run a server of one's own and visit its event page with fresh browsers' caches."""
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser
    async with replies.client() as http, deploy(data) as server, async_playwright() as driver:
        operator = Backstage.of_operator(http, server.control(), server.operator_token())
        await operator.set_up("bench", "Bench")
        space = await operator.create_space(title="Bench", description="A page to be weighed.")
        browser = await driver.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            visits = [
                await _visit(browser, f"{server.door()}/s/{space}", window)
                for window in WINDOWS
                for _ in range(VISITS)
            ]
            listening, ending, replay = await _stay(browser, http, server)
        finally:
            await browser.close()
    return PageNumbers(
        script_and_style_bytes=round(visits[0]["bytes"]),
        first_paint_ms=round(statistics.median(visit["painted_ms"] for visit in visits)),
        layout_shift=round(max(visit["moved"] for visit in visits), 4),
        layout_shift_listening=round(listening, 4),
        layout_shift_ending=round(ending, 4),
        layout_shift_replay=round(replay, 4),
    )


async def _visit(browser: Browser, url: str, window: ViewportSize) -> dict[str, float]:
    context = await _watching(browser, window)
    page = await context.new_page()
    await page.goto(url)
    await asyncio.sleep(SETTLE_S)
    found: dict[str, float] = await page.evaluate(_READ)
    await context.close()
    return found


async def _stay(browser: Browser, http: httpx.AsyncClient, server: Deployment) -> tuple[float, float, float]:
    """Listen to a conversation over its end, in each window.

    How far the page that moves most does while it is live, from then over its end, and newly opened.
    """
    contexts = [await _watching(browser, window) for window in WINDOWS]
    pages = [await context.new_page() for context in contexts]
    async with tone_on_air(http, server) as space:
        await asyncio.sleep(WARM_UP_S)
        url = f"{server.door()}/s/{space}"
        for page in pages:
            await page.goto(url)
            await page.get_by_test_id("listen").click()
            await page.wait_for_function("window.rostra.first_audio_ms !== null", timeout=REPLAY_MS)
        await asyncio.sleep(LISTEN_S)
        listening = [await _moved(page) for page in pages]
    for page in pages:
        await page.get_by_test_id("play").wait_for(timeout=REPLAY_MS)
    await asyncio.sleep(SETTLE_S)
    ending = [await _moved(page) for page in pages]
    for context in contexts:
        await context.close()
    replays = [(await _visit(browser, url, window))["moved"] for window in WINDOWS]
    return max(listening), max(map(sub, ending, listening)), max(replays)


async def _watching(browser: Browser, window: ViewportSize) -> BrowserContext:
    # The page's policy forbids a probe's eval.
    context = await browser.new_context(bypass_csp=True, viewport=window)
    await context.add_init_script(_WATCH)
    return context


async def _moved(page: Page) -> float:
    return float(await page.evaluate("window.moved"))
