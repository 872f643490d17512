"""How far behind players are: hls.js, dash.js, and Rostra's own behind a rough network.

One after another, so that none takes another's processor; each behind the same sample clock, which is
this machine's own. Rostra's own on a good network is in ``listen_bench``.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
from playwright.async_api import Page, async_playwright

from bench.listen_bench import FLAGS, NoBrowser, tone_on_air
from rostra.rehearsal import replies
from rostra.rehearsal.deployment import Deployment, deploy
from rostra.rehearsal.rough_link import NoRoughNetwork
from rostra.rehearsal.rough_network import rough_network
from rostra.rehearsal.roughness import ROUGH

SETTLE_S = 20.0
"""Players approach their target slowly; what they are judged by comes after."""
YOUNG_S = 15.0
"""Before, a playlist holds fewer segments than hls.js wants to begin with."""
SAMPLE_S = 0.1
READY_MS = 30_000
DASH_JS = Path(__file__).parents[1] / "web/node_modules/dashjs/dist/modern/umd/dash.all.min.js"
_PROBE = "() => [window.rostra.latency_s, window.rostra.stalls]"
_DASH_PAGE = """<!doctype html><audio></audio><script src="dash.js"></script><script>
const audio = document.querySelector('audio')
const [manifest, anchor_s] = decodeURIComponent(location.hash.slice(1)).split(' ')
const player = dashjs.MediaPlayer().create()
let stalls = 0
player.initialize(audio, manifest, true)
player.on('playbackWaiting', () => stalls++)
window.playing = () => audio.currentTime > 0 && !audio.paused
window.probe = () => [Date.now() / 1000 - anchor_s - audio.currentTime, stalls]
window.target_s = () => player.getTargetLiveDelay()
</script>"""


class Course(msgspec.Struct, frozen=True):
    """One player's distance from the sample clock, and how often it ran dry, once settled."""

    median_ms: int
    p95_ms: int
    stalls: int
    seconds: float
    target_ms: int | None = None
    """What the player itself aims at, where it says so."""


class PlayerNumbers(msgspec.Struct, frozen=True):
    """None: not measured on this machine."""

    hls_js: Course
    dash_js: Course | None
    rough: Course | None
    """Rostra's own, with packets delayed by 0 to 200 ms and 2 % lost, each way."""


async def measure_players(data: Path, seconds: float) -> PlayerNumbers:
    """Run a server of one's own and let each player listen for so many seconds after it has settled."""
    async with (
        replies.client() as http,
        deploy(data) as server,
        tone_on_air(http, server) as space,
    ):
        await asyncio.sleep(YOUNG_S)
        hls = await _own(f"{server.door()}/s/{space}?player=hls.js", seconds)
        status = (await http.get(f"{server.door()}/s/{space}/status.json")).json()
        dash = (
            await _dash(server, space, status["anchor_utc_ns"] / 1e9, seconds) if DASH_JS.exists() else None
        )
        return PlayerNumbers(hls, dash, await _rough(server, space, seconds))


async def _own(url: str, seconds: float, *, executable: Path | None = None) -> Course:
    """Press Listen on the event page, in whichever way it plays."""
    async with _page(executable) as page:
        await page.goto(url)
        await page.get_by_test_id("listen").click()
        await page.wait_for_function("window.rostra.first_audio_ms !== null", timeout=READY_MS)
        return await _follow(page, _PROBE, seconds)


async def _rough(server: Deployment, space: str, seconds: float) -> Course | None:
    chromium = shutil.which("chromium")
    try:
        with rough_network(ROUGH) as network, tempfile.TemporaryDirectory() as folder:
            inside = network.wrapped(chromium or "", Path(folder))
            return await _own(f"{server.door(network.server)}/s/{space}", seconds, executable=inside)
    except NoRoughNetwork:
        return None


async def _dash(server: Deployment, space: str, anchor_s: float, seconds: float) -> Course:
    manifest = f"{server.door()}/s/{space}/live.mpd"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "index.html").write_text(_DASH_PAGE)
        shutil.copy(DASH_JS, Path(folder) / "dash.js")
        async with _served(Path(folder)) as address, _page(None) as page:
            await page.goto(f"{address}#{manifest} {anchor_s}")
            await page.wait_for_function("window.playing()", timeout=READY_MS)
            course = await _follow(page, "() => window.probe()", seconds)
            target_s = float(await page.evaluate("window.target_s()"))
            return msgspec.structs.replace(course, target_ms=round(target_s * 1000))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[str]:
    """Serve a folder of files on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as files:
        thread = Thread(target=files.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{files.server_port}/index.html"
        finally:
            files.shutdown()
            thread.join()


@asynccontextmanager
async def _page(executable: Path | None) -> AsyncIterator[Page]:
    chromium = executable or shutil.which("chromium")
    if chromium is None:
        raise NoBrowser
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(FLAGS), ignore_default_args=["--mute-audio"]
        )
        try:
            yield await browser.new_page(bypass_csp=True)  # the page's policy forbids a probe's eval
        finally:
            await browser.close()


async def _follow(page: Page, probe: str, seconds: float) -> Course:
    """Let the player settle, then read how far behind it is, ten times a second."""
    await asyncio.sleep(SETTLE_S)
    _, stalls_before = await page.evaluate(probe)
    found: list[Sequence[float]] = []
    for _ in range(int(seconds / SAMPLE_S)):
        found.append(await page.evaluate(probe))
        await asyncio.sleep(SAMPLE_S)
    behind = sorted(behind_s for behind_s, _ in found)
    return Course(
        median_ms=round(statistics.median(behind) * 1000),
        p95_ms=round(behind[int(0.95 * len(behind))] * 1000),
        stalls=int(found[-1][1] - stalls_before),
        seconds=seconds,
    )
