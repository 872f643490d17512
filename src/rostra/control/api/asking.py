"""What every endpoint starts from: the services, who asks, and that a browser's request is our own page's.

A session cookie travels with requests that other sites make; so unsafe methods that rest on it
need an exact Origin. Tokens are put there by whoever asks and need none. Over HTTPS the cookie has a name
that no site beside this one can plant (RFC 6265bis section 4.1.3.2), and no other is read.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request, Response

from rostra.control import credentials
from rostra.control.addresses import Addresses, addresses
from rostra.control.backstage import Backstage
from rostra.control.identity import Actor
from rostra.control.refusals import SAFE_METHODS
from rostra.control.times import now_ms
from rostra.core.errors import SignInNeeded, WrongOrigin

COOKIE: Final = "rostra_session"
"""Over plain HTTP; browsers take the name below from a secure page only."""
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
SIGNED_IN: Final = "signed_in"
"""Beside it, for the event page's script: that somebody is signed in. Lets nobody in."""


def get_backstage(request: Request) -> Backstage:
    """The services, put there when the app was built."""
    backstage: Backstage = request.app.state.backstage
    return backstage


def get_addresses(request: Request, backstage: Annotated[Backstage, Depends(get_backstage)]) -> Addresses:
    """The site's addresses as this visitor sees them."""
    return addresses(backstage.settings, scheme=request.scope["scheme"], host=request.headers.get("host", ""))


Services = Annotated[Backstage, Depends(get_backstage)]
Own = Annotated[Addresses, Depends(get_addresses)]


def check_origin(request: Request, own: Addresses, *, demanded: bool) -> None:
    """Raise WrongOrigin unless the request came from this site's own pages.

    ``demanded``: a request without any Origin is refused too.
    """
    origin = request.headers.get("origin")
    if origin is None and not demanded:
        return
    if origin != own.control:
        raise WrongOrigin(
            "This request came from another site and was refused. Open {address} instead.",
            address=own.control,
        )


async def get_actor(request: Request, backstage: Services, own: Own) -> Actor:
    """Whoever asks: by ``Authorization: Bearer`` or ``Speaker``, else by the session cookie."""
    request.state.actor = actor = await _actor(request, backstage, own)
    return actor


async def _actor(request: Request, backstage: Backstage, own: Addresses) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    async with backstage.database.reading() as session:
        match scheme.lower():
            case "bearer":
                return await credentials.by_bearer(session, token.strip(), local_token=backstage.local_token)
            case "speaker":
                return await credentials.by_link(
                    session,
                    token.strip(),
                    cookie=read_cookie(request, own),
                    now=now_ms(backstage.clock),
                )
            case "":
                pass
            case _:
                raise SignInNeeded("Authorization must be Bearer or Speaker, followed by a token.")
        cookie = read_cookie(request, own)
        if cookie is None:
            raise SignInNeeded
        if request.method not in SAFE_METHODS:
            check_origin(request, own, demanded=True)
        return await credentials.by_session(session, cookie, now=now_ms(backstage.clock))


Asking = Annotated[Actor, Depends(get_actor)]


def read_cookie(request: Request, own: Addresses) -> str | None:
    """The token of the sign-in that the browser brings, if any."""
    return request.cookies.get(_cookie(own))


def set_cookie(response: Response, backstage: Backstage, own: Addresses, token: str) -> None:
    """Put the sign-in into the browser: out of reach of scripts and of other sites' posts."""
    response.set_cookie(
        _cookie(own),
        token,
        max_age=backstage.settings.session_days * 86_400,
        httponly=True,
        samesite="lax",
        secure=_is_secure(own),
        path="/",
    )
    response.set_cookie(
        SIGNED_IN,
        "1",
        max_age=backstage.settings.session_days * 86_400,
        samesite="lax",
        secure=_is_secure(own),
        path="/",
    )


def drop_cookie(response: Response, own: Addresses) -> None:
    """Take the sign-in out of the browser."""
    response.delete_cookie(_cookie(own), path="/", secure=_is_secure(own), httponly=True, samesite="lax")
    response.delete_cookie(SIGNED_IN, path="/", secure=_is_secure(own), samesite="lax")


def _is_secure(own: Addresses) -> bool:
    return own.control.startswith("https://")


def _cookie(own: Addresses) -> str:
    return SECURE_COOKIE if _is_secure(own) else COOKIE
