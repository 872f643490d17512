"""A tone speaks on a real stage; Chromium and a headless listener hear it: how soon, how far behind."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright

from rostra.core.clock import SystemClock
from rostra.core.errors import RostraError
from rostra.rehearsal import replies
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.deployment import Deployment, deploy
from rostra.rehearsal.hearing import Report
from rostra.rehearsal.listeners import Listener
from rostra.rehearsal.sound import Tone
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
ON_STAGE_S = 15.0
WARM_UP_S = 2.0
"""Live for so long before anybody listens: nobody's first audio waits for the first chunk ever."""
SETTLE_S = 3.0
"""The player steers towards its target first; its latency counts from then on."""
SAMPLE_S = 0.1
PROBE = """() => {
  const { first_audio_ms, stalls, rejoins, player, rendition } = window.rostra
  return { first_audio_ms, stalls, rejoins, player, rendition }
}"""


class NoBrowser(RostraError):
    """Chromium was not found. Install the package chromium."""

    code = "no_browser"


@dataclass(frozen=True, slots=True)
class ListenNumbers:
    """What both listeners measured. Latencies are behind the sample clock."""

    first_audio_ms: int | None
    latency_ms: int | None
    latency_p95_ms: int | None
    stalls: int
    rejoins: int
    player: str
    rendition: str
    headless: Report


async def measure_listening(data: Path, seconds: float) -> ListenNumbers:
    """Run a server of one's own and listen to it in two ways at once, for so many seconds once settled."""
    async with (
        replies.client() as http,
        deploy(data) as server,
        tone_on_air(http, server) as space,
    ):
        await asyncio.sleep(WARM_UP_S)
        url = f"{server.door()}/s/{space}"
        headless = Listener(http, url, clock=SystemClock())
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(headless.listen(SETTLE_S + seconds))
            browser = group.create_task(_in_chromium(url, seconds))
        return _numbers(*browser.result(), hearing.result())


@contextlib.asynccontextmanager
async def tone_on_air(http: httpx.AsyncClient, server: Deployment) -> AsyncIterator[str]:
    """Make a space with one speaker who says 440 Hz, and go live; yields the space."""
    operator = Backstage.of_operator(http, server.control(), server.operator_token())
    await operator.set_up("bench", "Bench")
    space = await operator.create_space(title="Bench", description="")
    link = await operator.create_link(space, role="speaker", name="Tone")
    clock = SystemClock()
    timeline = Timeline(clock)
    timeline.begin()
    studio = StudioLink(server.control(), space, link.token)
    speaker = Speaker(http, studio, name="Tone", source=Tone(440.0), timeline=timeline, clock=clock)
    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(speaker.run())
        async with asyncio.timeout(ON_STAGE_S):
            await speaker.connected.wait()
        await operator.go_live(space)
        try:
            yield space
        finally:
            await operator.end(space)
            speaking.cancel()


async def _in_chromium(url: str, seconds: float) -> tuple[dict[str, str | int | None], list[float]]:
    """Press Listen on the event page; return the page's own probe at the end, and its latencies."""
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(FLAGS), ignore_default_args=["--mute-audio"]
        )
        try:
            page = await browser.new_page(bypass_csp=True)  # the page's policy forbids a probe's eval
            await page.goto(url)
            await page.get_by_test_id("listen").click()
            await page.wait_for_function("window.rostra.first_audio_ms !== null", timeout=15_000)
            await asyncio.sleep(SETTLE_S)
            latencies = await _sample(page, seconds)
            probe = await page.evaluate(PROBE)
        finally:
            await browser.close()
    return probe, latencies


async def _sample(page: Page, seconds: float) -> list[float]:
    """Read the page's distance from the sample clock ten times a second."""
    latencies = []
    for _ in range(int(seconds / SAMPLE_S)):
        latencies.append(float(await page.evaluate("window.rostra.latency_s")))
        await asyncio.sleep(SAMPLE_S)
    return latencies


def _numbers(probe: dict[str, str | int | None], latencies: list[float], headless: Report) -> ListenNumbers:
    ordered = sorted(latencies)
    first = probe["first_audio_ms"]
    return ListenNumbers(
        first_audio_ms=None if first is None else round(float(first)),
        latency_ms=_quantile_ms(ordered, 0.5),
        latency_p95_ms=_quantile_ms(ordered, 0.95),
        stalls=int(probe["stalls"] or 0),
        rejoins=int(probe["rejoins"] or 0),
        player=str(probe["player"]),
        rendition=str(probe["rendition"]),
        headless=headless,
    )


def _quantile_ms(ordered: list[float], quantile: float) -> int | None:
    return round(ordered[min(len(ordered) - 1, int(quantile * len(ordered)))] * 1000) if ordered else None
