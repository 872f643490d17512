"""Play a file to a stage by WHIP (RFC 9725), as any program could: offer, send, take leave.

Owns one session. Never accepts for anybody: whoever plays has a link whose holder has consented.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.loopback import reach_own_machine
from rostra.rehearsal.played import Played, Unplayable
from rostra.rehearsal.replies import NOT_REACHED, refusal, unreachable
from rostra.rehearsal.speakers import StageGone

CONNECT_S = 15.0
TAIL_S = 0.5
"""What was played last is still on its way."""


async def play(http: httpx.AsyncClient, link: StudioLink, sound: Played) -> None:
    """Play ``sound`` to its end, and stop it in any case. Cancelled, it leaves the stage.

    Raises Unreachable, Refused, StageGone when the connection breaks, and Unplayable when the sound does.
    """
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    ended, settled = asyncio.Event(), asyncio.Event()
    session = ""
    try:
        sound.on("ended", ended.set)
        peer.on("connectionstatechange", settled.set)
        peer.addTransceiver(sound, direction="sendonly")
        reach_own_machine(peer)
        await peer.setLocalDescription(await peer.createOffer())
        session = await _offer(http, link, peer)
        await _connected(peer, settled)
        await _until(ended, peer, settled)
        await asyncio.sleep(TAIL_S)
        if sound.problem:
            raise Unplayable(sound.problem)
    finally:
        sound.stop()
        await peer.close()
        if session:
            with suppress(httpx.HTTPError):
                await http.delete(f"{link.control}{session}", headers=_bearer(link))


async def _offer(http: httpx.AsyncClient, link: StudioLink, peer: RTCPeerConnection) -> str:
    """Enter the stage; return the session's address."""
    address = f"{link.control}/whip/{link.space}"
    headers = _bearer(link) | {"content-type": "application/sdp"}
    try:
        answer = await http.post(address, content=peer.localDescription.sdp, headers=headers)
    except NOT_REACHED as error:
        raise unreachable(link.control) from error
    if answer.status_code != httpx.codes.CREATED:
        raise refusal(answer)
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return str(answer.headers["location"])


async def _connected(peer: RTCPeerConnection, settled: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(CONNECT_S):
            while peer.connectionState in ("new", "connecting"):
                settled.clear()
                await settled.wait()
    if peer.connectionState != "connected":
        raise StageGone


async def _until(ended: asyncio.Event, peer: RTCPeerConnection, settled: asyncio.Event) -> None:
    """Wait for the end of the file; StageGone when the connection ends before."""
    while not ended.is_set():
        if peer.connectionState != "connected":
            raise StageGone
        settled.clear()
        waiting = [asyncio.ensure_future(event.wait()) for event in (ended, settled)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()


def _bearer(link: StudioLink) -> dict[str, str]:
    return {"authorization": f"Bearer {link.token}"}
