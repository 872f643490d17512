"""A real browser whose packets are lost on the way: it is told so, sends copies along, and they are heard."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from harness.browser import Person
from harness.call import syllables
from harness.mixing_ear import MixingEar
from harness.sound import write_wav
from rostra.core.clock import SystemClock
from rostra.stage.ice import Network
from rostra.stage.microphone import Microphone
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]

PAGE = "http://localhost/speak"
OFFER = """async () => {
  const wish = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wish })
  globalThis.line = new RTCPeerConnection()
  line.addTrack(stream.getAudioTracks()[0], stream)
  await line.setLocalDescription(await line.createOffer())
  while (line.iceGatheringState !== 'complete') await new Promise((on) => setTimeout(on, 20))
  return line.localDescription.sdp
}"""
ACCEPT = "async (sdp) => line.setRemoteDescription({ type: 'answer', sdp })"
EVERY = 8
"""One packet in so many is lost."""


async def test_what_is_lost_from_a_browser_comes_back_from_the_copies_that_it_sends(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, take = itertools.count(), Microphone.take

    def lossy(self: Microphone, data: bytes, waited_ns: int = 0) -> None:
        if next(numbers) % EVERY:
            take(self, data, waited_ns)

    monkeypatch.setattr(Microphone, "take", lossy)
    voice = write_wav(tmp_path / "voice.wav", syllables(8).astype(float))
    async with Person(playwright, "speaker", microphone=voice) as ada:
        await ada.page.route(PAGE, lambda route: route.fulfill(body="<p>", content_type="text/html"))
        await ada.page.goto(PAGE)
        peer = await Peer.answer(
            await ada.page.evaluate(OFFER),
            one_way=True,
            network=Network(("127.0.0.1",)),
            postbox=Postbox(),
            stun_servers=[],
            clock=SystemClock(),
        )
        running = asyncio.create_task(peer.run())
        await ada.page.evaluate(ACCEPT, peer.answer_sdp)
        ear = MixingEar(peer)
        async with asyncio.timeout(60):
            while peer.measures().recovered_ms < 500:
                before = peer.measures()
                await ear.listen(2)
        now = peer.measures()
        assert now.packets_lost > 0.8 * now.packets_received / EVERY
        assert now.recovered_ms - before.recovered_ms > 0.5 * (now.concealed_ms - before.concealed_ms)
        peer.hang_up()
        await running
