"""Addresses of the site itself: what it is called and says, and its first run."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from rostra.bus.messages import RecordingPolicy, Visibility
from rostra.control import consent
from rostra.control.accounts import NewAccount
from rostra.control.addresses import Addresses
from rostra.control.api.account_view import own_answer
from rostra.control.api.asking import Asking, Own, Services, check_origin, set_cookie
from rostra.control.api.language import Language
from rostra.control.api.people_shapes import AccountAnswer, SetupIn, SiteEdit, SiteOut
from rostra.control.api.space_shapes import ConsentText
from rostra.control.backstage import Backstage
from rostra.control.pictures import redraw
from rostra.control.site import SiteChange

router = APIRouter(tags=["site"])


@router.get("/site")
async def site(backstage: Services, own: Own, language: Language) -> SiteOut:
    """Name, words and addresses of this site, and the sentence that is accepted before a public stage."""
    return await _site_out(backstage, own, language)


@router.patch("/site")
async def edit(body: SiteEdit, actor: Asking, backstage: Services, own: Own, language: Language) -> SiteOut:
    """Name the site, and say who is behind it. For operators; every page follows at once."""
    actor.need_operator()
    change = SiteChange(**body.model_dump(exclude={"logo"}), logo=await _redrawn(body.logo))
    await backstage.site.change(actor, change)
    return await _site_out(backstage, own, language)


@router.post("/setup", status_code=201)
async def set_up(
    body: SetupIn, request: Request, response: Response, backstage: Services, own: Own, language: Language
) -> AccountAnswer:
    """Make the first operator, sign them in, and name the site. Only while there is no account."""
    check_origin(request, own, demanded=False)
    new = NewAccount(body.handle, body.name, body.password, body.email, language)
    account = await backstage.accounts.set_up(body.token, new)
    if body.site_name:
        await backstage.site.christen(body.site_name, actor=f"account:{account.id}")
    set_cookie(response, backstage, own, await backstage.sessions.begin(account, by="setup"))
    return await own_answer(backstage, account)


async def _redrawn(picture: str | None) -> str | None:
    return None if picture is None else await asyncio.to_thread(redraw, picture)


async def _site_out(backstage: Backstage, own: Addresses, language: str) -> SiteOut:
    state = backstage.site.state
    due = consent.due(Visibility.PUBLIC, RecordingPolicy.PUBLISH)
    asked = consent.sentence(due, language)
    return SiteOut(
        name=state.name,
        named=backstage.site.named,
        color=state.color,
        logo=state.logo,
        contact=state.contact,
        imprint=state.imprint,
        terms=state.terms,
        open_sign_up=state.open_sign_up,
        mail=backstage.mailer.enabled,
        setup_needed=await backstage.accounts.setup_needed(),
        door_url=own.door,
        edge_url=own.edge,
        control_url=own.control,
        consent=ConsentText(id=asked.id, text=asked.text),
        ice_servers=backstage.settings.stun_servers,
    )
