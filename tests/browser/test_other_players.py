"""hls.js in a real browser, against a real edge over a tape that grows in real time."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from harness.browser import FLAGS
from harness.edge import Stand, standing
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "web/node_modules/hls.js/dist/hls.min.js"
PLAY = """
async address => {
  const audio = document.body.appendChild(new Audio())
  const hls = window.hls = new Hls({ lowLatencyMode: true })
  window.errors = []
  window.parts = 0
  hls.on(Hls.Events.ERROR, (_, data) => errors.push(`${data.details} ${data.fatal}`))
  hls.on(Hls.Events.FRAG_LOADED, (_, data) => { if (data.part) parts++ })
  hls.loadSource(address)
  hls.attachMedia(audio)
  audio.muted = true
  await audio.play()
}
"""
LOOK = """() => {
  const audio = document.querySelector('audio')
  return {
    at: audio.currentTime, ended: audio.ended, latency: hls.latency, parts, errors,
    levels: hls.levels.map(level => level.codecSet), gaps: audio.buffered.length,
  }
}"""


@pytest.mark.parametrize("playlist", ["index.m3u8", pytest.param("opus.m3u8", marks=pytest.mark.long)])
async def test_hls_js_plays_parts_seconds_behind_and_ends_by_itself(tmp_path: Path, playlist: str) -> None:
    async with standing(tmp_path) as stand, async_playwright() as playwright:
        stand.speak(5 * CHUNKS_PER_SEGMENT)
        await stand.until_at(5 * CHUNKS_PER_SEGMENT)
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, "--autoplay-policy=no-user-gesture-required"],
        )
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{stand.port}/healthz")
        await page.add_script_tag(path=SCRIPT)
        speaking = asyncio.create_task(_speak_on(stand))
        await page.evaluate(PLAY, f"http://127.0.0.1:{stand.port}{stand.base}/{playlist}")
        seen: list[dict[str, Any]] = []
        for _ in range(6):
            await asyncio.sleep(2)
            seen.append(await page.evaluate(LOOK))
        print(seen[-1])
        speaking.cancel()
        stand.speak(1 + len(stand.appended) % 2)  # half a part is the last
        stand.writer.finish()
        async with asyncio.timeout(20):
            while not (over := await page.evaluate(LOOK))["ended"]:
                await asyncio.sleep(0.2)
        await browser.close()
    assert seen[-1]["at"] - seen[1]["at"] > 6, "it plays on"
    assert seen[-1]["latency"] < 5
    assert seen[-1]["parts"] > 8
    assert not [each for each in over["errors"] if each.endswith("true")], over["errors"]
    assert over["gaps"] == 1


async def _speak_on(stand: Stand) -> None:
    """Go on in real time until cancelled."""
    started, said = time.monotonic(), 0
    while True:
        await asyncio.sleep(max(0.0, started + said * QUANTUM / SAMPLE_RATE - time.monotonic()))
        stand.speak()
        said += 1
