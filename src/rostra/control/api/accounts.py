"""Addresses about people: the site, the first run, signing in, accounts, API tokens."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from rostra.control.accounts import NewAccount
from rostra.control.api.asking import COOKIE, Asking, Own, Services, check_origin, set_cookie
from rostra.control.api.shapes import (
    AccountAnswer,
    AccountIn,
    AccountOut,
    AccountsOut,
    ConsentText,
    NewTokenOut,
    PasswordIn,
    SetupIn,
    SignInIn,
    SiteOut,
    TokenIn,
    TokenOut,
    TokensOut,
)
from rostra.control.identity import Account
from rostra.control.stage_desk import CONSENT_ID, CONSENT_TEXT
from rostra.control.times import iso
from rostra.core.errors import SignInNeeded
from rostra.store.tables import ApiTokenRow

router = APIRouter(tags=["people"])


@router.get("/site")
async def site(backstage: Services, own: Own) -> SiteOut:
    """Name and addresses of this site, and the sentence that everyone accepts before the stage."""
    return SiteOut(
        name=backstage.settings.site_name,
        setup_needed=await backstage.accounts.setup_needed(),
        door_url=own.door,
        edge_url=own.edge,
        control_url=own.control,
        consent=ConsentText(id=CONSENT_ID, text=CONSENT_TEXT),
        ice_servers=backstage.settings.stun_servers,
    )


@router.post("/setup", status_code=201)
async def set_up(
    body: SetupIn, request: Request, response: Response, backstage: Services, own: Own
) -> AccountAnswer:
    """Make the first operator and sign them in. Only while this site has no account."""
    check_origin(request, own, demanded=False)
    new = NewAccount(body.handle, body.name, body.password)
    account = await backstage.accounts.set_up(body.token, new)
    set_cookie(response, backstage, own, await backstage.accounts.begin_session(account))
    return _answer(account)


@router.post("/session")
async def sign_in(
    body: SignInIn, request: Request, response: Response, backstage: Services, own: Own
) -> AccountAnswer:
    """Sign in with handle and password; the answer carries the session cookie."""
    check_origin(request, own, demanded=False)
    address = request.client.host if request.client else ""
    account, token = await backstage.accounts.sign_in(
        body.handle.strip().lower(), body.password, address=address
    )
    set_cookie(response, backstage, own, token)
    return _answer(account)


@router.get("/session")
async def whoami(actor: Asking) -> AccountAnswer:
    """Who is signed in."""
    if actor.account is None:
        raise SignInNeeded
    return _answer(actor.account)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, backstage: Services, own: Own) -> None:
    """Sign out. Does no harm when nobody is signed in."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        check_origin(request, own, demanded=True)
        await backstage.accounts.end_session(token)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/accounts")
async def accounts(actor: Asking, backstage: Services) -> AccountsOut:
    """Everyone who can sign in. For operators."""
    return AccountsOut(accounts=[_out(account) for account in await backstage.accounts.everyone(actor)])


@router.post("/accounts", status_code=201)
async def create_account(body: AccountIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Make an account. For operators; the holder of the data folder makes the first one so too."""
    new = NewAccount(body.handle, body.name, body.password)
    return _answer(await backstage.accounts.create(actor, new, body.role))


@router.put("/accounts/{handle}/password")
async def reset_password(handle: str, body: PasswordIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Set a new password and end all sign-ins of that account. For operators, and for oneself."""
    return _answer(await backstage.accounts.reset_password(actor, handle, body.password))


@router.post("/tokens", status_code=201)
async def create_token(body: TokenIn, actor: Asking, backstage: Services) -> NewTokenOut:
    """Make an API token for ``Authorization: Bearer``. Its text is shown this once only."""
    row, token = await backstage.accounts.create_token(actor, body.name)
    return NewTokenOut(**_token(row).model_dump(), token=token)


@router.get("/tokens")
async def tokens(actor: Asking, backstage: Services) -> TokensOut:
    """One's own API tokens, without their text."""
    return TokensOut(tokens=[_token(row) for row in await backstage.accounts.tokens(actor)])


@router.delete("/tokens/{id}", status_code=204)
async def delete_token(id: str, actor: Asking, backstage: Services) -> None:
    """Revoke one of one's own API tokens."""
    await backstage.accounts.delete_token(actor, id)


def _out(account: Account) -> AccountOut:
    return AccountOut(id=account.id, handle=account.handle, name=account.name, role=account.role)


def _answer(account: Account) -> AccountAnswer:
    return AccountAnswer(account=_out(account))


def _token(row: ApiTokenRow) -> TokenOut:
    return TokenOut(id=row.id, name=row.name, created_at=iso(row.created_at))
