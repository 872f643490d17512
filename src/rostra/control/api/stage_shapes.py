"""Shapes of what a stage's people get to reach it."""

from __future__ import annotations

from pydantic import BaseModel


class IceServerOut(BaseModel):
    """As ``RTCPeerConnection`` takes it."""

    urls: str
    username: str
    credential: str
    """Empty for a STUN server."""


class IceServersOut(BaseModel):
    ice_servers: list[IceServerOut]
