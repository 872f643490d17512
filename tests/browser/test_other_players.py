"""hls.js, dash.js and Shaka Player in a real browser: against a real edge over a tape that grows in real
time, and, in the long run, through a whole evening whose stage is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from harness.browser import FLAGS
from harness.deployment import Deployment
from harness.edge import RUN, Stand, standing
from harness.evening import Evening
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting import until
from rostra.bus.messages import Lifecycle
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, SEGMENT
from rostra.edge.spaces import KEPT_AFTER_END_NS
from rostra.rehearsal.sound import Tone

pytestmark = pytest.mark.browser

MODULES = Path(__file__).parents[2] / "web/node_modules"
BEGUN_S_AGO = 20
"""Five whole segments, without which hls.js plays from the beginning."""
LIVE_S, KILLED_AFTER_S, SETTLED_S = 60, 8, 20
BEGINS_S = 60
LEAVES_S = 25
"""Within which a player that looks every ten seconds knows of the end and has played up to it. Meanwhile
dash.js complains that the segment after the last is not there."""


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody else's: its script, how it is told to play ``address`` in ``audio``, how far behind it is."""

    script: Path
    begin: str
    behind: str
    aim: str
    """How far behind it means to be, in seconds: of it, or of the manifest."""
    most_beyond_s: float
    """Of the median beyond that aim: wide, and hls.js as it comes never catches up."""


HLS_JS = Player(
    MODULES / "hls.js/dist/hls.min.js",
    """
    const hls = window.player = new Hls({ lowLatencyMode: true })
    hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) errors.push(data.details) })
    hls.on(Hls.Events.FRAG_LOADED, (_, data) => { if (data.part) parts++ })
    hls.loadSource(address)
    hls.attachMedia(audio)
    void audio.play()
    """,
    "player.latency",
    "player.targetLatency",
    4.0,
)
DASH_JS = Player(
    MODULES / "dashjs/dist/modern/umd/dash.all.min.js",
    """
    const dash = window.player = dashjs.MediaPlayer().create()
    dash.on('error', event => errors.push(event.error.message))
    dash.initialize(audio, address, true)
    """,
    "player.getCurrentLiveLatency()",
    "player.getTargetLiveDelay()",
    1.5,
)
SHAKA = Player(
    MODULES / "shaka-player/dist/shaka-player.compiled.js",
    """
    const shakaPlayer = window.player = new shaka.Player()
    shakaPlayer.addEventListener('error', event => errors.push(`${event.detail.code}`))
    shakaPlayer.configure({ streaming: { lowLatencyMode: true } })
    await shakaPlayer.attach(audio)
    await shakaPlayer.load(address)
    void audio.play()
    """,
    "player.getStats().liveLatency",
    "1.92",
    2.0,
)
BEGIN = """async address => {
  const audio = document.body.appendChild(new Audio())
  const playing = new Promise(resolve => audio.addEventListener('playing', resolve, { once: true }))
  Object.assign(window, { errors: [], parts: 0, stalls: [] })
  audio.muted = true
  /* player */
  await playing
  audio.addEventListener('waiting', () => stalls.push(audio.currentTime))
}"""
LOOK = """() => {
  const audio = document.querySelector('audio')
  const buffered = audio.buffered.length
  const behind_s = /* behind */, aim_s = /* aim */
  return { at: audio.currentTime, ended: audio.ended, behind_s, aim_s, gaps: buffered, parts, errors, stalls }
}"""


@contextlib.asynccontextmanager
async def playing(player: Player, site: str, address: str) -> AsyncIterator[Page]:
    """A browser in which a player plays an address, on a page of ``site``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, "--autoplay-policy=no-user-gesture-required"],
        )
        page = await browser.new_page()
        await page.goto(f"{site}/healthz")
        await page.add_script_tag(path=player.script)
        async with asyncio.timeout(BEGINS_S):
            await page.evaluate(BEGIN.replace("/* player */", player.begin), address)
        yield page
        await browser.close()


async def look(player: Player, page: Page) -> dict[str, Any]:
    seen: dict[str, Any] = await page.evaluate(
        LOOK.replace("/* behind */", player.behind).replace("/* aim */", player.aim)
    )
    return seen


def beyond_s(seen: list[dict[str, Any]]) -> float:
    """How much further behind than it aims, by the median of these looks."""
    return statistics.median(each["behind_s"] - each["aim_s"] for each in seen)


async def played_through(player: Player, page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have it go on in a hurry to its end; return how it looked as it began, and then."""
    began = await look(player, page)
    await page.evaluate("document.querySelector('audio').playbackRate = 4")
    return began, await until_left(player, page)


async def until_left(player: Player, page: Page) -> dict[str, Any]:
    """Wait until it has ended by itself; return how it looked then."""

    async def ended() -> dict[str, Any] | None:
        seen = await look(player, page)
        assert seen["ended"], seen
        return seen

    return await until(ended, what="the player has ended", within_s=LEAVES_S, poll_s=0.2)


@pytest.mark.parametrize(
    ("player", "name", "becomes"),
    [
        (HLS_JS, "index.m3u8", Lifecycle.LIVE),
        pytest.param(DASH_JS, "manifest.mpd", Lifecycle.LIVE, marks=pytest.mark.long),
        pytest.param(DASH_JS, "manifest.mpd", Lifecycle.HELD, marks=pytest.mark.long),
        pytest.param(HLS_JS, "opus.m3u8", Lifecycle.LIVE, marks=pytest.mark.long),
        pytest.param(SHAKA, "index.m3u8", Lifecycle.LIVE, marks=pytest.mark.long),
    ],
    ids=["hls.js", "dash.js", "dash.js, held", "hls.js, Opus", "Shaka"],
)
async def test_a_player_plays_seconds_behind_and_ends_by_itself(
    tmp_path: Path, player: Player, name: str, becomes: Lifecycle
) -> None:
    """Also where ``becomes`` says that its recording is held from then on."""
    async with standing(tmp_path, begun_s_ago=BEGUN_S_AGO) as stand:
        site = f"http://127.0.0.1:{stand.port}"
        stand.catch_up()
        await stand.until_at(5 * CHUNKS_PER_SEGMENT)
        speaking_on = asyncio.create_task(_speak_on(stand))
        async with playing(player, site, f"{site}{stand.base}/{name}") as page:
            seen = []
            for _ in range(6):
                await asyncio.sleep(2)
                seen.append(await look(player, page))
            print(seen[-1])
            speaking_on.cancel()
            stand.speak(1 + len(stand.appended) % 2)  # half a part is the last
            ends_s = len(stand.appended) * QUANTUM / SAMPLE_RATE
            stand.writer.finish()
            stand.announce(becomes)
            over = await until_left(player, page)
    assert seen[-1]["at"] - seen[1]["at"] > 6, "it plays on"
    assert beyond_s(seen[1:]) < player.most_beyond_s
    assert player is not HLS_JS or seen[-1]["parts"] > 8
    assert seen[-1]["errors"] == []
    assert player is not HLS_JS or over["errors"] == []
    assert over["gaps"] == 1
    assert over["at"] == pytest.approx(ends_s, abs=0.15), "it heard the last word"


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("player", "name"), [(HLS_JS, "live.m3u8"), (DASH_JS, "live.mpd")], ids=["hls.js", "dash.js"]
)
async def test_a_player_plays_a_live_minute_through_a_dead_stage_to_the_end(
    tmp_path: Path, player: Player, name: str
) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await evening.until_recorded(5 * SEGMENT, within_s=60)
            async with playing(player, site.edge, f"{site.door}/s/{evening.space}/{name}") as page:
                began = (await look(player, page))["at"]
                await asyncio.sleep(KILLED_AFTER_S)
                await site.kill("stage-0")
                await asyncio.sleep(SETTLED_S - KILLED_AFTER_S)
                settled = await look(player, page)
                minute = []
                for _ in range(LIVE_S - SETTLED_S):
                    await asyncio.sleep(1)
                    minute.append(await look(player, page))
                last = minute[-1]
                await evening.end()
                over = await until_left(player, page)
    print(began, f"median {beyond_s(minute):.2f} s beyond its aim", last, over)
    assert last["at"] - began > LIVE_S * 0.8, "it played on through it all"
    assert beyond_s(minute) < player.most_beyond_s
    assert last["stalls"] == settled["stalls"], "it played on without a stall once it had settled"
    assert last["errors"] == []
    assert over["at"] > last["at"], "it heard the last words"
    assert over["gaps"] == 1


async def test_dash_js_plays_what_there_is_of_a_held_end_and_all_of_it_once_that_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the address of before the end, as a page does that is loaded again."""
    monkeypatch.setattr("rostra.edge.spaces.KEPT_UNPUBLISHED_NS", KEPT_AFTER_END_NS)  # browsers may be slow
    heard = []
    async with standing(tmp_path, begun_s_ago=BEGUN_S_AGO) as stand:
        site, base = f"http://127.0.0.1:{stand.port}", stand.base
        stand.speak(6 * CHUNKS_PER_SEGMENT + 3)
        stand.writer.finish()
        for lifecycle, status in ((Lifecycle.HELD, 404), (Lifecycle.PUBLISHED, 200)):
            stand.announce(lifecycle)

            async def told(status: int = status) -> bool:
                return (await stand.get(f"{base}/{RUN}/opus32/0.m4s")).status_code == status

            await until(told, what=f"the edge knows that it is {lifecycle}", within_s=10)
            async with playing(DASH_JS, site, f"{site}{base}/manifest.mpd") as page:
                heard.append(await played_through(DASH_JS, page))
    for (began, over), began_s in zip(heard, (3 * SEGMENT / SAMPLE_RATE, 0), strict=True):
        assert began["at"] == pytest.approx(began_s, abs=1)
        assert over["at"] == pytest.approx((6 * SEGMENT + 3 * QUANTUM) / SAMPLE_RATE, abs=0.1)
        assert (over["errors"], over["gaps"]) == ([], 1)


@pytest.mark.long
async def test_dash_js_plays_a_recording_that_was_held_from_its_start_to_its_end(tmp_path: Path) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        await evening.call("PATCH", f"/spaces/{evening.space}", {"recording_policy": "hold"})
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            base = await evening.join()
            await evening.until_recorded(6 * SEGMENT, within_s=60)
            await evening.end()
        await evening.until_state("held")
        await evening.call("POST", f"/spaces/{evening.space}/recording/release")
        recorded_s = (await evening.replay())["seconds"]
        for address in (f"{site.door}/s/{evening.space}/live.mpd", f"{base}manifest.mpd"):
            async with playing(DASH_JS, site.edge, address) as page:
                began, over = await played_through(DASH_JS, page)
            assert began["at"] < 1, address
            assert over["at"] == pytest.approx(recorded_s, abs=0.1), address
            assert (over["errors"], over["gaps"]) == ([], 1), address


async def test_a_browser_that_waits_for_the_same_part_again_hears_of_what_came_since(tmp_path: Path) -> None:
    """As Video.js does with ``llhls``: it was told the same by the browser's cache until it stood still."""
    async with standing(tmp_path) as stand, async_playwright() as playwright:
        stand.speak(2 * CHUNKS_PER_SEGMENT)
        await stand.until_at(2 * CHUNKS_PER_SEGMENT)
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS])
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{stand.port}/healthz")
        read = f"fetch('{stand.base}/{RUN}/aac64/live.m3u8?_HLS_msn=1&_HLS_part=5').then(got => got.text())"
        before = await page.evaluate(read)
        stand.speak(2 * CHUNKS_PER_SEGMENT)
        await stand.until_at(4 * CHUNKS_PER_SEGMENT)
        again = await page.evaluate(read)
        await browser.close()
    assert "\n3.m4s" not in before
    assert "\n3.m4s" in again


async def _speak_on(stand: Stand) -> None:
    """Go on in real time until cancelled."""
    while True:
        stand.catch_up()
        await asyncio.sleep(QUANTUM / SAMPLE_RATE / 8)


@pytest.mark.long
@pytest.mark.parametrize(
    ("player", "name"),
    [(HLS_JS, "live.m3u8"), (DASH_JS, "live.mpd"), (SHAKA, "live.m3u8"), (SHAKA, "live.mpd")],
    ids=["hls.js", "dash.js", "Shaka, HLS", "Shaka, DASH"],
)
async def test_a_player_that_comes_after_the_end_seeks_in_the_recording_and_plays_to_its_end(
    tmp_path: Path, player: Player, name: str
) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await evening.until_recorded(5 * SEGMENT, within_s=60)
            await evening.end()
        recorded_s = (await evening.until_state("published"))["replay"]["seconds"]
        async with playing(player, site.edge, f"{site.door}/s/{evening.space}/{name}") as page:
            await page.evaluate(f"document.querySelector('audio').currentTime = {recorded_s - 3}")
            over = await until_left(player, page)
    assert over["at"] == pytest.approx(recorded_s, abs=0.1)
    assert over["errors"] == []
