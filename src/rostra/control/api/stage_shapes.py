"""Shapes of what a stage's people get to reach it."""

from __future__ import annotations

from pydantic import BaseModel

from rostra.control.api.shapes import OfferIn, Short


class EnterIn(OfferIn):
    """A page that was on stage comes ``again`` by its own name, and takes the seat from no other."""

    page: Short = ""
    again: bool = False


class IceServerOut(BaseModel):
    """As ``RTCPeerConnection`` takes it."""

    urls: str
    username: str
    credential: str
    """Empty for a STUN server."""


class IceServersOut(BaseModel):
    ice_servers: list[IceServerOut]
