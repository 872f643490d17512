"""Ten minutes in a hidden tab, as while somebody cooks: the programme goes on, and outlives a death."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Playwright

from harness.deployment import Deployment
from harness.players import AGAIN_S, PLACE, on_air, playing_tab
from harness.tab import tabs

HIDDEN_S = 600.0
NEAR_S = 5.0
"""A player may have come from anywhere within its bounds to the newest."""
LOCK_SCREEN = """(() => {
  const { metadata, playbackState } = navigator.mediaSession
  return [metadata.title, metadata.artwork[0].src, playbackState]
})()"""

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(HIDDEN_S + 240)]


async def test_ten_minutes_in_a_hidden_tab_go_on(site: Deployment, playwright: Playwright) -> None:
    async with on_air(site) as live, tabs(playwright) as browser:
        tab = await playing_tab(browser, live)
        await tab.hide()
        before = await tab.evaluate(PLACE)
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(HIDDEN_S)
        after = await tab.evaluate(PLACE)
        passed_s = asyncio.get_running_loop().time() - began_s
        assert after["at_s"] - before["at_s"] == pytest.approx(passed_s, abs=NEAR_S), (before, after)
        assert (after["state"], after["rejoins"], after["stalls"]) == ("playing", 0, 0), after
        assert after["latency_s"] < 3
        assert after["oldest_s"] < 30.5, "what is older has left the source"
        title, artwork, state = await tab.evaluate(LOCK_SCREEN)
        assert (title, state) == (live.title, "playing")
        assert urlsplit(artwork).path == f"/s/{live.space}/card.png"

        await site.replaced("edge-0", await site.kill("edge-0"))
        later = f"{PLACE}.at_s > {after['at_s'] + 6} && {PLACE}.state === 'playing'"
        await tab.until(later, what="it plays again", within_s=AGAIN_S)
        assert await tab.evaluate("document.hidden")
