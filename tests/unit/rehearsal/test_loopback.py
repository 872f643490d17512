"""A speaker's offer on a machine without a network, and on one that has one."""

from __future__ import annotations

import pytest
from aioice import ice as aioice
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from rostra.rehearsal.loopback import reach_own_machine


async def offer() -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        peer.addTrack(AudioStreamTrack())
        reach_own_machine(peer)
        await peer.setLocalDescription(await peer.createOffer())
        return str(peer.localDescription.sdp)
    finally:
        await peer.close()


async def test_without_any_network_a_speaker_offers_the_loopback_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aioice, "get_host_addresses", lambda use_ipv4, use_ipv6: [])
    assert " 127.0.0.1 " in await offer()


async def test_where_there_is_a_network_loopback_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.2"])
    found = await offer()
    assert " 127.0.0.2 " in found
    assert " 127.0.0.1 " not in found
