"""Other people's pages as speakers, and a speaker whose network changes: real Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Playwright

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import HIGH_HZ, LOW_HZ
from harness.stage import on_stage
from harness.studio_page import StudioPage
from harness.waiting import until
from harness.ways_in import Ear, speaker_token
from rostra.rehearsal.rough_link import NoRoughNetwork
from rostra.rehearsal.rough_network import RoughNetwork, rough_network
from rostra.rehearsal.roughness import Roughness

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WHIP_WHEP = Path(__file__).parents[2] / "web" / "node_modules" / "whip-whep"
PUBLISH = """async ([url, token]) => {
  const { WHIPClient } = await import('/whip.js')
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true })
  const canvas = document.createElement('canvas')
  canvas.getContext('2d')
  const [picture] = canvas.captureStream(5).getVideoTracks()
  globalThis.pc = new RTCPeerConnection()
  pc.addTransceiver(sound.getAudioTracks()[0], { direction: 'sendonly', streams: [sound] })
  pc.addTransceiver(picture, { direction: 'sendonly', streams: [sound] })
  globalThis.client = new WHIPClient()
  await client.publish(pc, url, token)
}"""
RESTART = """async () => {
  const ufrag = () => pc.currentRemoteDescription.sdp.match(/a=ice-ufrag:(.*)/)[1]
  const before = ufrag()
  await client.restart()
  return before !== ufrag()
}"""
VIEW = """async ([url, token]) => {
  const { WHEPClient } = await import('/whep.js')
  globalThis.ear = new RTCPeerConnection()
  ear.addTransceiver('audio', { direction: 'recvonly' })
  await new WHEPClient().view(ear, url, token)
}"""
PACKETS = """async () => {
  const report = [...(await ear.getStats()).values()].find((one) => one.type === 'inbound-rtp')
  return report?.packetsReceived ?? 0
}"""


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Somebody else's site, with npm's whip-whep on it."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/README.md"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


async def until_connected(page: Page, name: str) -> None:
    async def connected() -> bool:
        return bool(await page.evaluate(f"{name}.connectionState === 'connected'"))

    await until(connected, what=f"{name} is connected", within_s=20)


@pytest.mark.long
async def test_a_page_elsewhere_speaks_by_npms_whip_whep_begins_ice_anew_and_another_listens_in(
    tmp_path: Path, playwright: Playwright, low_voice: Path
) -> None:
    async with Deployment(tmp_path, rtc_address="127.0.0.1") as site, Evening(site) as evening:
        token = await speaker_token(site, evening.space, "A page")
        with elsewhere(WHIP_WHEP) as address:
            async with Person(playwright, "Pia", microphone=low_voice) as pia:
                await pia.page.goto(address)
                whip = f"{site.control}/whip/{evening.space}"
                await pia.page.evaluate(PUBLISH, [whip, token])
                await until_connected(pia.page, "pc")
                async with httpx.AsyncClient(
                    base_url=site.control, headers={"authorization": f"Bearer {site.token}"}, trust_env=False
                ) as http:
                    ear = Ear()
                    assert (await ear.join(http, evening.space)).status_code == 201
                    await until(_hears(ear), what="she is heard", within_s=20)
                    assert await pia.page.evaluate(RESTART)
                    ear.heard.clear()
                    await until(_hears(ear), what="she is heard after ICE began anew", within_s=20)
                    await pia.page.evaluate(VIEW, [f"{site.control}/whep/{evening.space}", site.token])
                    await until_connected(pia.page, "ear")

                    async def arrives() -> bool:
                        return int(await pia.page.evaluate(PACKETS)) > 50

                    await until(arrives, what="npm's WHEP client gets the programme", within_s=20)
                    await pia.page.evaluate("client.stop()")
                    await until(_stage_is(evening), what="she has left the stage", within_s=10)
                    await ear.close()
                assert pia.complaints == []


@pytest.mark.long
async def test_a_speaker_whose_network_changes_comes_back_to_the_same_place(
    tmp_path: Path, playwright: Playwright, low_voice: Path
) -> None:
    try:
        with rough_network(Roughness(delay_ms=1, jitter_ms=0, loss=0)) as network:
            async with Deployment(tmp_path, bind="0.0.0.0", rtc_address=network.server) as site:
                async with Evening(site) as evening:
                    await _changes_networks(site, evening, network, tmp_path, playwright, low_voice)
    except NoRoughNetwork as error:
        pytest.skip(error.sentence)


async def _changes_networks(
    site: Deployment,
    evening: Evening,
    network: RoughNetwork,
    folder: Path,
    playwright: Playwright,
    voice: Path,
) -> None:
    origin = f"http://{network.server}:{site.control_port}"
    flag = f"--unsafely-treat-insecure-origin-as-secure={origin}"
    program = network.wrapped(f"{shutil.which('chromium')} {flag}", folder)
    sam, other = await evening.link("speaker", "Sam"), await evening.link("speaker", "Otto")
    async with Person(playwright, "Sam", microphone=voice, program=program) as person:
        studio = StudioPage(person)
        await studio.enter(sam.url.replace(site.control, origin))
        async with on_stage(other.url, name="Otto", hz=HIGH_HZ):
            await until(_stage_is(evening, "Sam", "Otto"), what="both are on stage", within_s=15)
            network.move()
            await studio.until_not_connected(within_s=40)
            await studio.until_connected(within_s=60)
            await until(_stage_is(evening, "Sam", "Otto"), what="he is where he was", within_s=15)
        assert person.complaints == []


def _hears(ear: Ear) -> Callable[[], Awaitable[bool]]:
    async def heard() -> bool:
        return ear.hears(LOW_HZ)

    return heard


def _stage_is(evening: Evening, *names: str) -> Callable[[], Awaitable[bool]]:
    """Whether these people, in this order, are on the stage and connected."""

    async def so() -> bool:
        stage = await evening.call("GET", f"/spaces/{evening.space}/stage")
        present = [one["name"] for one in stage["speakers"] if one["connected"]]
        assert present == list(names), f"there are {stage['speakers']}"
        return True

    return so
