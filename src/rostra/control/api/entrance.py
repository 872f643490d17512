"""Addresses of the ways in: signing in and out, invitations, open sign-up, links for a new password."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from rostra.control.accounts import NewAccount
from rostra.control.addresses import Addresses
from rostra.control.api.account_view import ROLES, own_answer
from rostra.control.api.asking import (
    Asking,
    Own,
    Services,
    check_origin,
    drop_cookie,
    read_cookie,
    set_cookie,
)
from rostra.control.api.language import Language
from rostra.control.api.people_shapes import (
    AcceptIn,
    AccountAnswer,
    AskResetIn,
    CredentialIn,
    NewAccountIn,
    OneTimeIn,
    ProofIn,
    ResetOut,
    SessionOut,
    SignInIn,
    UseResetIn,
    WelcomeOut,
)
from rostra.control.backstage import Backstage
from rostra.control.identity import Account, Credential
from rostra.control.passkeys import Party, PasskeyRefused
from rostra.control.times import iso
from rostra.core.errors import ProofNeeded, SignInNeeded

router = APIRouter(tags=["ways in"])


@router.post("/session")
async def sign_in(
    body: SignInIn,
    request: Request,
    response: Response,
    backstage: Services,
    own: Own,
    language: Language,
) -> AccountAnswer:
    """Sign in with handle and password; the answer carries the session cookie.

    An account without a language has from now on the one that is read here: its mails are in it.
    """
    check_origin(request, own, demanded=False)
    account, token = await backstage.sessions.sign_in(
        body.handle.strip().lower(), body.password, address=_address(request), language=language
    )
    set_cookie(response, backstage, own, token)
    return await own_answer(backstage, account)


@router.get("/session")
async def whoami(actor: Asking, backstage: Services) -> SessionOut:
    """Who is signed in, and how many reports wait for them."""
    if actor.account is None:
        raise SignInNeeded
    answer = await own_answer(backstage, actor.account)
    return SessionOut(account=answer.account, reports=await backstage.reports.waiting(actor))


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, backstage: Services, own: Own) -> None:
    """Sign out. Does no harm when nobody is signed in."""
    token = read_cookie(request, own)
    if token is not None:
        check_origin(request, own, demanded=True)
        await backstage.sessions.end(token)
        drop_cookie(response, own)


@router.post("/session/proof", status_code=204)
async def prove(body: ProofIn, actor: Asking, request: Request, backstage: Services, own: Own) -> None:
    """Show once more who one is, by password or passkey: for ten minutes, this browser may then change
    its owner's mail address, password, passkeys and API tokens, or delete the account; an operator's
    may set others' passwords and roles, delete and export their accounts, make operators and moderators.
    """
    account, token = actor.need_account(), read_cookie(request, own)
    if actor.credential is not Credential.SESSION or token is None:
        raise ProofNeeded
    backstage.throttle.attempt(f"account {account.id}", "")
    if body.credential is None:
        if not body.password:
            raise ProofNeeded
        await backstage.accounts.confirm(actor, body.password)
    elif (await _by_passkey(body.credential, backstage, own)).id != account.id:
        raise PasskeyRefused
    backstage.throttle.succeeded(f"account {account.id}", "")
    await backstage.sessions.prove(actor, token, by="password" if body.credential is None else "passkey")


@router.post("/session/passkey/options")
async def passkey_options(request: Request, backstage: Services, own: Own) -> dict[str, Any]:
    """What `navigator.credentials.get` needs to sign in by a passkey."""
    check_origin(request, own, demanded=False)
    backstage.throttle.attempt(_address(request), "passkey")
    return backstage.passkeys.sign_in_options(Party.at(own.control, backstage.site.state.name))


@router.post("/session/passkey")
async def sign_in_by_passkey(
    body: CredentialIn,
    request: Request,
    response: Response,
    backstage: Services,
    own: Own,
    language: Language,
) -> AccountAnswer:
    """Sign in with what a device signed; the answer carries the session cookie."""
    check_origin(request, own, demanded=False)
    backstage.throttle.attempt(_address(request), "")
    account = await _by_passkey(body.credential, backstage, own)
    for counted in ("", "passkey"):
        backstage.throttle.succeeded(_address(request), counted)
    token = await backstage.sessions.begin(account, by="passkey", language=language)
    set_cookie(response, backstage, own, token)
    return await own_answer(backstage, account)


@router.post("/sign-up", status_code=201)
async def sign_up(
    body: NewAccountIn,
    request: Request,
    response: Response,
    backstage: Services,
    own: Own,
    language: Language,
) -> AccountAnswer:
    """Make an account and sign in, where the operator opened the site to everyone."""
    check_origin(request, own, demanded=False)
    backstage.throttle.attempt(_address(request), "sign-up")
    account = await backstage.invitations.sign_up(_new(body, language))
    set_cookie(response, backstage, own, await backstage.sessions.begin(account, by="sign-up"))
    return await own_answer(backstage, account)


@router.post("/invitations/look")
async def show_invitation(body: OneTimeIn, backstage: Services) -> WelcomeOut:
    """What an invitation is for."""
    welcome = await backstage.invitations.show(body.token)
    return WelcomeOut(
        role=ROLES[welcome.role],
        email=welcome.email,
        by=welcome.inviter,
        site_name=backstage.site.state.name,
        expires_at=iso(welcome.expires_at),
    )


@router.post("/invitations/accept", status_code=201)
async def accept_invitation(
    body: AcceptIn,
    request: Request,
    response: Response,
    backstage: Services,
    own: Own,
    language: Language,
) -> AccountAnswer:
    """Make the account an invitation is for, and sign in. The link is used up then."""
    check_origin(request, own, demanded=False)
    account = await backstage.invitations.accept(body.token, _new(body, language))
    set_cookie(response, backstage, own, await backstage.sessions.begin(account, by="invitation"))
    return await own_answer(backstage, account)


@router.post("/resets", status_code=202)
async def ask_reset(
    body: AskResetIn, request: Request, backstage: Services, own: Own, language: Language
) -> None:
    """Ask for a link for a new password by mail. The answer never says whether there is such an account."""
    check_origin(request, own, demanded=False)
    backstage.throttle.attempt(_address(request), "reset")
    backstage.resets.ask(own, body.handle.strip().lower(), language=language)


@router.post("/resets/look")
async def show_reset(body: OneTimeIn, backstage: Services) -> ResetOut:
    """Whose password a link sets."""
    return ResetOut(handle=await backstage.resets.show(body.token))


@router.post("/resets/use")
async def use_reset(
    body: UseResetIn,
    request: Request,
    response: Response,
    backstage: Services,
    own: Own,
    language: Language,
) -> AccountAnswer:
    """Set a new password and sign in here. The link is used up; sign-ins, API tokens and passkeys end."""
    check_origin(request, own, demanded=False)
    account = await backstage.resets.use(body.token, body.password)
    token = await backstage.sessions.begin(account, by="reset", language=language)
    set_cookie(response, backstage, own, token)
    return await own_answer(backstage, account)


async def _by_passkey(credential: dict[str, Any], backstage: Backstage, own: Addresses) -> Account:
    party = Party.at(own.control, backstage.site.state.name)
    return await backstage.passkeys.sign_in(party, credential)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _new(body: NewAccountIn, language: str) -> NewAccount:
    return NewAccount(body.handle, body.name, body.password, body.email, language)
