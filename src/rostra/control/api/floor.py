"""Addresses of a floor: who asks to speak, what is done on the stage. The table is ``control/floor.py``."""

from __future__ import annotations

from fastapi import APIRouter, Request

from rostra.control.api.asking import Asking, Own, Services, get_actor
from rostra.control.api.floor_shapes import (
    BlockIn,
    BlockOut,
    BlocksOut,
    DeclinedOut,
    InviteIn,
    MutedOut,
    PlaceIn,
    ReasonIn,
    VouchedOut,
)
from rostra.control.floor import Act
from rostra.control.identity import standing
from rostra.control.permits import PERMITS, Doing
from rostra.control.spaces import find
from rostra.control.times import iso
from rostra.core.errors import SignInNeeded, Suspended
from rostra.core.ids import SpaceId, SpeakerId

router = APIRouter(prefix="/spaces/{space}/floor", tags=["floor"])


@router.get("/me")
async def me(space: str, request: Request, backstage: Services, own: Own) -> VouchedOut:
    """Who is signed in, for the event page, which asks to speak in their name; empty for guests."""
    try:
        actor = await get_actor(request, backstage, own)
    except (SignInNeeded, Suspended):
        return VouchedOut(name="", handle="", verified=False, voucher="", seat="")
    account = actor.need_account()
    async with backstage.database.reading() as session:
        is_to_space = standing(actor, await find(session, SpaceId(space)))
    seated = is_to_space in PERMITS[Doing.SPEAK]
    return VouchedOut(
        name=account.name,
        handle=account.handle,
        verified=account.verified,
        voucher=backstage.vouchers.give(account.id, SpaceId(space)),
        seat=is_to_space.value if seated else "",
    )


@router.post("/requests/{request}/accept", status_code=204)
async def accept(space: str, request: str, actor: Asking, backstage: Services) -> None:
    """Let somebody who asks speak. Repeatable."""
    await backstage.requests.accept(actor, SpaceId(space), request)


@router.post("/requests/{request}/decline", status_code=204)
async def decline(space: str, request: str, actor: Asking, backstage: Services) -> None:
    """Answer no. Repeatable."""
    await backstage.requests.decline(actor, SpaceId(space), request)


@router.post("/decline-all")
async def decline_all(space: str, actor: Asking, backstage: Services) -> DeclinedOut:
    """Answer no to everybody who asks; they may ask again."""
    return DeclinedOut(declined=await backstage.requests.decline_all(actor, SpaceId(space)))


@router.post("/requests/{request}/block", status_code=204)
async def block_request(space: str, request: str, body: BlockIn, actor: Asking, backstage: Services) -> None:
    """Answer no, and take no further requests of theirs."""
    await backstage.floor.block_request(actor, SpaceId(space), request, everywhere=body.everywhere)


@router.post("/invite", status_code=204)
async def invite(space: str, body: InviteIn, actor: Asking, backstage: Services, own: Own) -> None:
    """Invite an account to speak: by mail where the site sends any; it finds the studio in its console.

    If it asks to speak already, that is accepted. Links are for everybody else.
    """
    await backstage.floor.invite(actor, SpaceId(space), body.handle, own)


@router.post("/mute-all")
async def mute_all(space: str, actor: Asking, backstage: Services) -> MutedOut:
    """Mute every speaker at once; host and co-hosts stay heard."""
    return MutedOut(muted=await backstage.mutes.mute_all(actor, SpaceId(space)))


@router.put("/lock", status_code=204)
async def lock(space: str, body: ReasonIn, actor: Asking, backstage: Services) -> None:
    """Let nobody new come to the stage. An operator gives a reason, which is shown. Repeatable."""
    await backstage.floor.lock(actor, SpaceId(space), body.reason)


@router.delete("/lock", status_code=204)
async def unlock(space: str, actor: Asking, backstage: Services) -> None:
    """Let people come again. Repeatable."""
    await backstage.floor.unlock(actor, SpaceId(space))


@router.put("/speakers/{speaker}/place", status_code=204)
async def place(space: str, speaker: str, body: PlaceIn, actor: Asking, backstage: Services) -> None:
    """Make somebody on stage a co-host, a speaker, a listener; or `host`: hand the host's role over.

    The host's role goes to nobody who is neither there nor has a seat kept for them: 409.

    A listener they are made as whoever else they are here by the same account, too; refused where one of
    these is above whoever asks.
    """
    who = SpeakerId(speaker)
    match body.role:
        case "host":
            await backstage.floor.hand_over(actor, SpaceId(space), who)
        case "cohost":
            await backstage.floor.promote(actor, SpaceId(space), who)
        case "speaker":
            await backstage.floor.demote(actor, SpaceId(space), who)
        case "listener":
            await backstage.floor.to_listener(actor, SpaceId(space), who, Act.LISTENER)


@router.post("/take-back", status_code=204)
async def take_back(space: str, actor: Asking, backstage: Services) -> None:
    """Take the host's role back, as the owner who handed it over."""
    await backstage.floor.take_back(actor, SpaceId(space))


@router.delete("/speakers/{speaker}", status_code=204)
async def remove(space: str, speaker: str, actor: Asking, backstage: Services) -> None:
    """Remove somebody from the stage; they may ask again.

    Whoever else they are here, by the same account, goes with them; refused where one of these is above
    whoever asks.
    """
    await backstage.floor.to_listener(actor, SpaceId(space), SpeakerId(speaker), Act.REMOVE)


@router.post("/speakers/{speaker}/block", status_code=204)
async def block(space: str, speaker: str, body: BlockIn, actor: Asking, backstage: Services) -> None:
    """Remove somebody for good: guests by browser and invitation, others by account, signed out by browser.

    Whoever else they are here, by the same account or browser, goes with them; refused where one of these is
    above whoever asks.
    """
    await backstage.floor.block(actor, SpaceId(space), SpeakerId(speaker), everywhere=body.everywhere)


@router.get("/blocks")
async def blocks(space: str, actor: Asking, backstage: Services) -> BlocksOut:
    """Who is blocked here, the newest first."""
    held = await backstage.floor.blocks(actor, SpaceId(space))
    return BlocksOut(
        blocks=[
            BlockOut(
                id=each.id,
                name=each.name,
                guest=each.account is None,
                everywhere=each.everywhere,
                at=iso(each.at),
            )
            for each in held
        ]
    )


@router.delete("/blocks/{block}", status_code=204)
async def unblock(space: str, block: str, actor: Asking, backstage: Services) -> None:
    """Lift a block; the seats that it took are given back, a speaker's each."""
    await backstage.floor.unblock(actor, SpaceId(space), block)
