"""A session's ICE: addresses that come later, beginning anew, and sessions that nobody ever takes up."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from harness.clock import ManualClock
from rostra.core.clock import Clock, SystemClock
from rostra.stage.errors import PreconditionFailed
from rostra.stage.fragment import Credentials, read_fragment
from rostra.stage.ice import Network
from rostra.stage.liveness import HALF_OPEN_NS
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

LOOPBACK = Network(("127.0.0.1",))
HALF_OPEN = 100


class Browser:
    """The other side, with its ICE agent within reach."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def offer(self) -> str:
        self.connection.addTrack(AudioStreamTrack())
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    @property
    def ice(self) -> Any:
        return self.connection.getTransceivers()[0].receiver.transport.transport._connection

    def fragment(self, credentials: Credentials | None = None, *, addresses: bool = True) -> str:
        who = credentials or Credentials(self.ice.local_username, self.ice.local_password)
        candidates = [f"a=candidate:{one.to_sdp()}\r\n" for one in self.ice.local_candidates if addresses]
        return f"a=ice-ufrag:{who.ufrag}\r\na=ice-pwd:{who.pwd}\r\na=mid:0\r\n" + "".join(candidates)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    browser = Browser()
    yield browser
    await browser.connection.close()


async def answer(sdp: str, *, clock: Clock | None = None) -> Peer:
    return await Peer.answer(
        sdp, one_way=True, network=LOOPBACK, postbox=Postbox(), stun_servers=[], clock=clock or SystemClock()
    )


async def connected(peer: Peer) -> None:
    async with asyncio.timeout(8):
        while not peer.connected:
            await asyncio.sleep(0.02)


async def test_addresses_that_come_later_are_what_connects(browser: Browser) -> None:
    sdp = re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", await browser.offer())
    peer = await answer(sdp)
    running = asyncio.create_task(peer.run())
    # The stage's own addresses stay unsaid: only its checks to what comes by the fragment can find the way.
    await browser.accept(re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", peer.answer_sdp))
    await asyncio.sleep(0.3)
    assert not peer.connected
    assert await peer.patch(read_fragment(browser.fragment()), peer.etag) == ""
    await connected(peer)
    peer.hang_up()
    await running


async def test_ice_begins_anew_on_the_same_sockets_while_sound_goes_on(browser: Browser) -> None:
    peer = await answer(await browser.offer())
    running = asyncio.create_task(peer.run())
    await browser.accept(peer.answer_sdp)
    await connected(peer)
    before, path = peer.etag, peer._ice._nominated[1]
    theirs = Credentials("anew", "anewanewanewanewanewan")
    reply = read_fragment(await peer.patch(read_fragment(browser.fragment(theirs)), "*"))
    assert reply.credentials is not None
    assert reply.credentials != Credentials("", "")
    assert reply.candidates
    assert peer.etag != before
    with pytest.raises(PreconditionFailed):
        await peer.patch(read_fragment(browser.fragment(theirs)), before)
    assert peer._ice._nominated[1] is path, "the old path carries sound until there is a new one"
    ice = browser.ice
    ice._local_username, ice._local_password = theirs.ufrag, theirs.pwd
    ice.remote_username, ice.remote_password = reply.credentials.ufrag, reply.credentials.pwd
    request = ice.build_request(ice._nominated[1], nominate=True)
    await ice._nominated[1].protocol.request(
        request, ice._nominated[1].remote_addr, integrity_key=reply.credentials.pwd.encode()
    )
    async with asyncio.timeout(5):
        while peer._ice._nominated[1] is path:
            await asyncio.sleep(0.02)
    assert peer.connected
    peer.hang_up()
    await running


async def test_a_hundred_sessions_that_nobody_takes_up_are_gone_after_half_a_minute() -> None:
    clock, browser = ManualClock(), Browser()
    sdp = await browser.offer()
    await browser.connection.close()
    descriptors, tasks = _descriptors(), len(asyncio.all_tasks())
    peers = [await answer(sdp, clock=clock) for _ in range(HALF_OPEN)]
    running = [asyncio.create_task(peer.run()) for peer in peers]
    await asyncio.sleep(0.1)
    assert _descriptors() >= descriptors + HALF_OPEN
    clock.advance(ns=HALF_OPEN_NS)
    assert HALF_OPEN_NS <= 28_000_000_000  # and two seconds to look and to close
    async with asyncio.timeout(20):
        await asyncio.gather(*running)
    async with asyncio.timeout(5):
        while _descriptors() > descriptors or len(asyncio.all_tasks()) > tasks:
            await asyncio.sleep(0.05)
    assert not any(peer.lost for peer in peers), "a seat is kept for who was there"


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
