"""Lets a speaker reach a stage on the same machine when the machine has no network at all.

ICE agents leave the loopback address out (RFC 8445 section 5.1.1.1), aioice too; with no other
address there would be nothing to connect. On any other machine this changes nothing.
"""

from __future__ import annotations

from typing import Any

from aioice import Candidate
from aioice import ice as aioice
from aiortc import RTCPeerConnection

LOOPBACK = "127.0.0.1"


def reach_own_machine(peer: RTCPeerConnection) -> None:
    """Have ``peer``, which has a track and has gathered nothing yet, fall back to loopback."""
    if aioice.get_host_addresses(use_ipv4=True, use_ipv6=True):
        return
    agent: Any = peer.getSenders()[0].transport.transport._connection
    gather = agent.get_component_candidates

    async def gather_on_loopback(component: int, addresses: list[str]) -> list[Candidate]:
        return list(await gather(component, addresses or [LOOPBACK]))

    agent.get_component_candidates = gather_on_loopback
