"""Addresses of one's own account: profile, password, sign-ins, passkeys, API tokens, export, leaving."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from rostra.control.accounts import Profile
from rostra.control.api.account_view import account_answer, answer_of
from rostra.control.api.asking import Asking, Own, Services, drop_cookie, set_cookie
from rostra.control.api.people_shapes import (
    AccountAnswer,
    AccountEdit,
    ChangePasswordIn,
    DeleteAccountIn,
    NewTokenOut,
    PasskeyIn,
    PasskeyOut,
    PasskeysOut,
    TokenIn,
    TokenOut,
    TokensOut,
)
from rostra.control.api.space_shapes import InvitedToListOut
from rostra.control.api.space_view import invited_to_out
from rostra.control.identity import Credential
from rostra.control.passkeys import Party
from rostra.control.pictures import redraw
from rostra.control.times import iso
from rostra.core.errors import BadRequest
from rostra.core.ids import AccountId
from rostra.core.words import LANGUAGES
from rostra.store.tables import ApiTokenRow, PasskeyRow

router = APIRouter(tags=["own account"])


@router.get("/account")
async def show(actor: Asking, backstage: Services) -> AccountAnswer:
    """One's own account."""
    return await account_answer(backstage, actor, await backstage.accounts.own(actor))


@router.get("/account/invited")
async def invited(actor: Asking, backstage: Services, own: Own) -> InvitedToListOut:
    """Private spaces that one is invited to listen to, latest start first: at most a hundred.

    Those that `/spaces` lists are left out.
    """
    found = await backstage.invited.spaces_of(actor)
    return InvitedToListOut(spaces=[await invited_to_out(backstage, own, space) for space in found])


@router.patch("/account")
async def edit(body: AccountEdit, actor: Asking, backstage: Services) -> AccountAnswer:
    """Change one's name, bio, picture, mail address or language; pages follow at once.

    Another mail address needs a proof of the last ten minutes; links mailed to the one before end.
    """
    actor.need_account()
    if body.language and body.language not in LANGUAGES:
        raise BadRequest("This language is not spoken here.", field="language")
    picture = None if body.picture is None else await asyncio.to_thread(redraw, body.picture)
    change = Profile(body.name, body.bio, picture, body.email, body.language)
    row = await backstage.accounts.describe(actor, change)
    await backstage.announcer.announce_host(AccountId(row.id))
    return await account_answer(backstage, actor, row)


@router.put("/account/password")
async def change_password(
    body: ChangePasswordIn, actor: Asking, response: Response, backstage: Services, own: Own
) -> AccountAnswer:
    """Set a new password, knowing the present one or proved lately. Signed out everywhere but here."""
    backstage.throttle.attempt(f"account {actor.need_account().id}", "")
    account = await backstage.accounts.change_password(actor, body.current, body.password)
    backstage.throttle.succeeded(f"account {account.id}", "")
    if actor.credential is Credential.SESSION:
        set_cookie(response, backstage, own, await backstage.sessions.begin(account, by="password"))
    return await answer_of(backstage, actor, account)


@router.delete("/account/sessions", status_code=204)
async def sign_out_everywhere(
    actor: Asking,
    response: Response,
    backstage: Services,
    own: Own,
    tokens: Annotated[bool, Query(description="End all API tokens as well.")] = False,
) -> None:
    """Sign out in every browser, this one included. Links for a new password end as well."""
    await backstage.sessions.end_everywhere(actor, tokens=tokens)
    drop_cookie(response, own)


@router.delete("/account", status_code=204)
async def leave(
    body: DeleteAccountIn, actor: Asking, response: Response, backstage: Services, own: Own
) -> None:
    """Delete one's account for good. Not while a space of one's own is live.

    Spaces still to come are cancelled; recordings stay, and their host becomes "A former member".
    """
    backstage.throttle.attempt(f"account {actor.need_account().id}", "")
    await backstage.departures.leave(actor, body.password)
    drop_cookie(response, own)


@router.get("/account/export")
async def export(actor: Asking, response: Response, backstage: Services) -> dict[str, Any]:
    """Everything that is stored about one, as one JSON document, secrets left out."""
    handle = actor.need_account().handle
    response.headers["Content-Disposition"] = f'attachment; filename="rostra-{handle}.json"'
    return await backstage.export.own(actor)


@router.post("/passkeys/options")
async def passkey_options(actor: Asking, backstage: Services, own: Own) -> dict[str, Any]:
    """What `navigator.credentials.create` needs to make a passkey. Needs a proof of the last ten minutes."""
    backstage.throttle.attempt(f"account {actor.need_account().id}", "passkey")
    party = Party.at(own.control, backstage.site.state.name)
    return await backstage.passkeys.registration_options(actor, party)


@router.post("/passkeys", status_code=201)
async def register_passkey(body: PasskeyIn, actor: Asking, backstage: Services, own: Own) -> PasskeyOut:
    """Keep the passkey that a device made. Needs a proof of the last ten minutes."""
    party = Party.at(own.control, backstage.site.state.name)
    return _passkey(await backstage.passkeys.register(actor, party, body.name, body.credential))


@router.get("/passkeys")
async def passkeys(actor: Asking, backstage: Services) -> PasskeysOut:
    """One's own passkeys."""
    return PasskeysOut(passkeys=[_passkey(row) for row in await backstage.passkeys.all(actor)])


@router.delete("/passkeys/{id}", status_code=204)
async def delete_passkey(id: str, actor: Asking, backstage: Services) -> None:
    """Forget one of one's own passkeys: it signs in no longer. Needs a proof of the last ten minutes."""
    await backstage.passkeys.delete(actor, id)


@router.post("/tokens", status_code=201)
async def create_token(body: TokenIn, actor: Asking, backstage: Services) -> NewTokenOut:
    """Make an API token for ``Authorization: Bearer``. Its text is shown this once only.

    Needs a proof of the last ten minutes: no program makes another.
    """
    row, token = await backstage.api_tokens.create(actor, body.name)
    return NewTokenOut(**_token(row).model_dump(), token=token)


@router.get("/tokens")
async def tokens(actor: Asking, backstage: Services) -> TokensOut:
    """One's own API tokens, without their text."""
    return TokensOut(tokens=[_token(row) for row in await backstage.api_tokens.all(actor)])


@router.delete("/tokens/{id}", status_code=204)
async def delete_token(id: str, actor: Asking, backstage: Services) -> None:
    """Revoke one of one's own API tokens."""
    await backstage.api_tokens.delete(actor, id)


def _token(row: ApiTokenRow) -> TokenOut:
    return TokenOut(id=row.id, name=row.name, created_at=iso(row.created_at))


def _passkey(row: PasskeyRow) -> PasskeyOut:
    return PasskeyOut(
        id=row.id,
        name=row.name,
        created_at=iso(row.created_at),
        used_at=iso(row.used_at) if row.used_at else None,
    )
