"""Somebody who listens by the page's own player, and what it says of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import CDPSession, Playwright

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.sound import LOW_HZ
from harness.tab import Tab
from harness.voices import speaking
from rostra.rehearsal.sound import Tone

AGAIN_S = 25.0
PLACE = """(() => {
  const audio = document.querySelector('audio')
  const { stalls, rejoins, latency_s, state, rendition } = window.rostra
  const oldest_s = audio.buffered.length ? audio.currentTime - audio.buffered.start(0) : 0
  return { at_s: audio.currentTime, oldest_s, stalls, rejoins, latency_s, state, rendition }
})()"""


@asynccontextmanager
async def on_air(site: Deployment) -> AsyncIterator[Evening]:
    """A space in which somebody says 440 Hz."""
    async with Evening(site) as evening, speaking(evening, Tone(LOW_HZ)):
        await evening.go_live()
        yield evening


@asynccontextmanager
async def listener(
    playwright: Playwright, live: Evening, *, program: Path | None = None, door: str = "", player: str = ""
) -> AsyncIterator[EventPage]:
    """Somebody who has pressed Listen and hears."""
    async with Person(playwright, "listener", program=program) as lea:
        page = EventPage(lea, live.site, live.space, door=door, player=player)
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
