"""Addresses of sound checks: try a line, say what was found, see who found what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from rostra.bus.messages import Role
from rostra.control.api.asking import Asking, Services
from rostra.control.api.shapes import Incoming, NameOrNone
from rostra.control.api.stage_shapes import OfferIn
from rostra.control.checks import Finding, Headphones, Microphone, Relay, Way
from rostra.control.times import iso
from rostra.core.ids import SpaceId

router = APIRouter(prefix="/spaces/{space}/stage", tags=["stage"])


class TriedLineOut(BaseModel):
    sdp: str


class CheckIn(Incoming):
    """What somebody found. ``name`` is for the host, where a link does not say whom it is for."""

    name: NameOrNone = ""
    microphone: Microphone = Microphone.UNTRIED
    headphones: Headphones = Headphones.UNTRIED
    way: Way = Way.UNTRIED
    relay: Relay = Relay.UNTRIED
    loss_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    round_trip_ms: Annotated[int, Field(ge=0, le=60_000)] | None = None


class CheckOut(BaseModel):
    """The newest check of one person; ``loss_percent`` is the worse of both directions."""

    name: str
    role: Role
    at: str
    microphone: Microphone
    headphones: Headphones
    way: Way
    relay: Relay
    loss_percent: float | None
    round_trip_ms: int | None


class ChecksOut(BaseModel):
    checks: list[CheckOut]


@router.post("/check/offer")
async def try_line(space: str, body: OfferIn, actor: Asking, backstage: Services) -> TriedLineOut:
    """Try a line: a WebRTC offer for an answer that returns silence and ends by itself within 25 s.

    Nothing of it is heard, mixed or stored, so it needs no consent.
    """
    return TriedLineOut(sdp=await backstage.checks.try_line(actor, SpaceId(space), body.sdp))


@router.put("/check", status_code=204)
async def note(space: str, body: CheckIn, actor: Asking, backstage: Services) -> None:
    """Say what one found; it takes the place of what one found before."""
    finding = Finding(**body.model_dump(exclude={"name"}))
    await backstage.checks.note(actor, SpaceId(space), finding, name=body.name)


@router.get("/checks")
async def found(space: str, actor: Asking, backstage: Services) -> ChecksOut:
    """Who tried microphone, headphones and line here, when, and what they found; the newest first."""
    return ChecksOut(
        checks=[
            CheckOut(
                name=check.name,
                role=check.role,
                at=iso(check.at),
                microphone=check.finding.microphone,
                headphones=check.finding.headphones,
                way=check.finding.way,
                relay=check.finding.relay,
                loss_percent=check.finding.loss_percent,
                round_trip_ms=check.finding.round_trip_ms,
            )
            for check in await backstage.checks.of(actor, SpaceId(space))
        ]
    )
