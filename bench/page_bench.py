"""What the event page weighs, when it is first painted on this machine, how far it moves meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bench.listen_bench import FLAGS, NoBrowser
from rostra.rehearsal import replies
from rostra.rehearsal.backstage import Backstage
from rostra.rehearsal.deployment import deploy, free_ports

VISITS = 5
SETTLE_S = 2.0
"""What comes to life late may still move something."""
_WATCH = """
window.moved = 0
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value })
  .observe({ type: 'layout-shift', buffered: true })
"""
_READ = """() => ({
  painted_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  moved: window.moved,
  bytes: performance.getEntriesByType('resource')
    .filter(({ name }) => /\\.(js|css)$/.test(new URL(name).pathname))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
})"""


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """The event page before its start, as a first visitor's browser loads it."""

    script_and_style_bytes: int
    """As they travel, compressed."""
    first_paint_ms: int
    """First contentful paint, median of some visits with an empty cache."""
    layout_shift: float
    """Cumulative; the largest of these visits."""


async def measure_page(data: Path) -> PageNumbers:
    """Run a server of one's own and visit its event page with fresh browsers' caches."""
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser
    async with replies.client() as http, deploy(data, free_ports()) as server, async_playwright() as driver:
        operator = Backstage.of_operator(http, server.control(), server.operator_token())
        await operator.set_up("bench", "Bench")
        space = await operator.create_space(title="Bench", description="A page to be weighed.")
        browser = await driver.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            visits = [await _visit(browser, f"{server.door()}/s/{space}") for _ in range(VISITS)]
        finally:
            await browser.close()
    return PageNumbers(
        script_and_style_bytes=round(visits[0]["bytes"]),
        first_paint_ms=round(statistics.median(visit["painted_ms"] for visit in visits)),
        layout_shift=round(max(visit["moved"] for visit in visits), 4),
    )


async def _visit(browser: Browser, url: str) -> dict[str, float]:
    context = await browser.new_context()
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    await page.goto(url)
    await asyncio.sleep(SETTLE_S)
    found: dict[str, float] = await page.evaluate(_READ)
    await context.close()
    return found
