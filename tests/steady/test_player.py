"""Whatever the edge, the network or the listener changes, the page's player never stops."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright

from harness.deployment import Deployment
from harness.players import AGAIN_S, PLACE, listener, on_air
from harness.sound import LOW_HZ
from harness.waiting import until
from rostra.rehearsal.rough_link import NoRoughNetwork
from rostra.rehearsal.rough_network import rough_network

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LEARN_S = 20.0
"""Within this time the player learns what its network is like."""
ROUGH_S = 60.0
LONGER_WITHIN_S = 100.0
"""Two segments, what players need to grow from the shortest cadence to the longest, and a border."""
LONGER_S = 12.0
"""Three of the longest writes."""


@pytest.mark.long
async def test_the_data_saver_takes_the_cheap_rendition_without_a_pause_and_is_remembered(
    site: Deployment, playwright: Playwright
) -> None:
    async with on_air(site) as live, listener(playwright, live) as page:
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
async def test_a_worker_that_is_relieved_lets_the_player_go_at_a_segments_end(
    site: Deployment, playwright: Playwright
) -> None:
    async with on_air(site) as live, listener(playwright, live) as page:
        before: dict[str, Any] = await page.page.evaluate(PLACE)
        edges = [pid for seat, pid in site.pids().items() if seat.startswith("edge-")]
        supervisor = site.process
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


@pytest.mark.long
async def test_on_a_rough_network_nothing_is_interrupted_after_the_first_moments(
    playwright: Playwright, tmp_path: Path
) -> None:
    async with Deployment(tmp_path, bind="0.0.0.0", stage_first=True) as site, on_air(site) as live:
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
    site: Deployment, playwright: Playwright
) -> None:
    async with on_air(site) as live, listener(playwright, live) as early:
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
