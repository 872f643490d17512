"""Addresses about a space's audience: who is invited, passes to private spaces, notices."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from rostra.control.api.asking import Asking, Own, Services, get_actor, read_cookie
from rostra.control.api.language import Language
from rostra.control.api.space_shapes import NoticeIn, NoticeOut, PassIn, PassOut, SpaceOut
from rostra.control.api.space_view import notice_out, space_out_for
from rostra.control.identity import Actor
from rostra.core.addresses import STAY
from rostra.core.errors import Conflict, PassNeeded, SignInNeeded, Suspended
from rostra.core.ids import SpaceId

router = APIRouter(prefix="/spaces/{space}", tags=["audience"])
page = APIRouter(include_in_schema=False)
NOT_INVITED: Final = "not-invited"
"""Stands in the address for a pass that somebody did not get; the door then asks no further."""


async def get_visitor(request: Request, backstage: Services, own: Own) -> Actor | None:
    """Whoever asks, if they say who they are; a cookie that another site's page brings says nothing."""
    named = "authorization" in request.headers
    if not named and (
        read_cookie(request, own) is None or request.headers.get("origin") not in (None, own.control)
    ):
        return None
    try:
        return await get_actor(request, backstage, own)
    except SignInNeeded:
        if named:
            raise
        return None


Visiting = Annotated[Actor | None, Depends(get_visitor)]


async def get_sent(request: Request, backstage: Services, own: Own, renew: str = "") -> Actor | None:
    """Whoever asks; where the door sent them, somebody suspended is nobody: they may know the passphrase."""
    try:
        return await get_visitor(request, backstage, own)
    except Suspended:
        if not renew:
            raise
        return None


Sent = Annotated[Actor | None, Depends(get_sent)]


@router.put("/invited/{handle}")
async def invite(space: str, handle: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Let an account into a private space. Repeatable."""
    await backstage.invited.invite(actor, SpaceId(space), handle)
    return await space_out_for(backstage, own, actor, await backstage.spaces.get(actor, SpaceId(space)))


@router.delete("/invited/{handle}")
async def uninvite(space: str, handle: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Take an invitation back; all passes end, and who may still enter gets a new one. Repeatable."""
    await backstage.invited.uninvite(actor, SpaceId(space), handle)
    return await space_out_for(backstage, own, actor, await backstage.spaces.get(actor, SpaceId(space)))


@router.delete("/passes")
async def end_passes(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """End every pass to a private space: at once, whoever holds it. Who may still enter gets a new one."""
    await backstage.spaces.end_passes(actor, SpaceId(space))
    return await space_out_for(backstage, own, actor, await backstage.spaces.get(actor, SpaceId(space)))


@router.post("/pass")
async def give_pass(
    space: str, body: PassIn, request: Request, visitor: Visiting, backstage: Services
) -> PassOut:
    """A pass to a private space: for the passphrase, or without one for whoever is invited."""
    if body.passphrase:
        address = request.client.host if request.client else ""
        given = await backstage.passes.by_passphrase(SpaceId(space), body.passphrase, address=address)
    elif visitor is None:
        raise PassNeeded
    else:
        given = await backstage.passes.for_actor(visitor, SpaceId(space))
    return PassOut.model_validate({"pass": given})


@router.post("/notices", status_code=201)
async def post_notice(
    space: str, body: NoticeIn, actor: Asking, backstage: Services, own: Own, language: Language
) -> NoticeOut:
    """Tell the audience a line; a template has words ready, in the writer's language.

    The newest twenty of a space are kept.
    """
    notice = await backstage.notices.post(
        actor, SpaceId(space), text=body.text, link=body.link, template=body.template, language=language
    )
    return notice_out(own, SpaceId(space), notice)


@router.delete("/notices/{notice}", status_code=204)
async def withdraw_notice(space: str, notice: str, actor: Asking, backstage: Services) -> None:
    """Take a notice back."""
    await backstage.notices.withdraw(actor, SpaceId(space), notice)


@page.get("/pass/{space}")
async def enter(
    space: str, visitor: Sent, backstage: Services, own: Own, renew: str = "", stay: str | None = None
) -> RedirectResponse:
    """Send a browser on: with a pass to the event page, or to sign in first.

    Somebody who is signed in and not invited comes back without one; the event page says so.
    ``renew``: the door sent them, and whoever is not signed in goes back too, to enter the passphrase.
    ``stay``: to this very page, though its space has moved.
    """
    event = own.event((await backstage.announcer.state(await backstage.spaces.exists(SpaceId(space)))).space)
    query = {} if stay is None else {STAY: stay}
    if visitor is None and renew:
        return _see(_asking(event, query | {"pass": NOT_INVITED}))
    if visitor is None:
        return _see(_asking("/signin", {"next": _asking(f"/pass/{space}", query)}))
    try:
        given = await backstage.passes.for_actor(visitor, SpaceId(space))
    except PassNeeded:
        return _see(_asking(event, query | {"pass": NOT_INVITED}))
    except Conflict:
        return _see(_asking(event, query))
    return _see(_asking(event, query | {"pass": given}))


def _asking(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query, safe='/')}" if query else address


def _see(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
