"""Every refusal over HTTP, in one shape: ``{"error": {code, message, detail?}}``. Never a traceback.

The message is in the language that whoever asks reads; the code is the same in all. A browser that
opens an address gets the sentence as a page. What somebody tried to do and may not is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.control import refusal_page
from rostra.control.backstage import Backstage
from rostra.control.floor import FloorRefused
from rostra.control.identity import Actor
from rostra.control.misunderstandings import Misunderstood, misunderstood
from rostra.control.mutes import MutedByHost
from rostra.core import words
from rostra.core.errors import (
    BadRequest,
    ConsentNeeded,
    NotAllowed,
    NotFound,
    PassNeeded,
    ProofNeeded,
    RostraError,
    SignInNeeded,
)

log = structlog.get_logger()


METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Those that change nothing (RFC 9110 section 9.2.1)."""
GUARDED: Final = (FloorRefused, MutedByHost)
"""What the guard of the floor has written down already."""
ON_THE_WAY: Final = (ConsentNeeded, PassNeeded, ProofNeeded)
"""What somebody is asked for before they go on, a passphrase that is wrong among it."""
RETRY_AFTER_S: Final[Mapping[int, int]] = {429: 15, 503: 1}
"""When to come back, by status."""
BEARER: Final = 'Bearer realm="Rostra"'
"""The one challenge that a program can meet (RFC 6750 section 3); browsers ask nobody because of it."""
FULL: Final = frozenset({"stage_full", "monitors_full"})
FULL_S: Final = 30
"""When to come back to a place that is full: people do not leave by the second."""


class MethodNotAllowed(RostraError):
    """This address does not answer that method."""

    code = "method_not_allowed"
    status = 405


class WrongMediaType(RostraError):
    """The body is of a media type that this address does not take."""

    code = "wrong_media_type"
    status = 415


def refusal(error: RostraError, scope: Scope, headers: Mapping[str, str] | None = None) -> Response:
    """Render one error for the request that ``scope`` describes."""
    everything = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if error.status in RETRY_AFTER_S:
        everything["Retry-After"] = str(FULL_S if error.code in FULL else RETRY_AFTER_S[error.status])
    if error.status == SignInNeeded.status:
        everything["WWW-Authenticate"] = _challenge(scope)
    language = _language(scope)
    message = error.sentence if isinstance(error, Misunderstood) else error.said(language)
    if refusal_page.is_wanted(scope):
        page = refusal_page.render(message, error.status, language, scope)
        return HTMLResponse(page, status_code=error.status, headers=everything)
    said = {"code": error.code, "message": message}
    body = {"error": {**said, "detail": error.detail} if error.detail else said}
    return JSONResponse(body, status_code=error.status, headers=everything)


def _challenge(scope: Scope) -> str:
    """What a 401 must say (RFC 9110 section 15.5.2), and whether a token was brought."""
    brought = Headers(scope=scope).get("authorization", "").lower().startswith("bearer ")
    return f'{BEARER}, error="invalid_token"' if brought else BEARER


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error from the one tree."""

    @app.exception_handler(RostraError)
    async def _refused(request: Request, error: RostraError) -> Response:
        if _is_refused_act(error) and request.method not in SAFE_METHODS:
            await _write_down(request)
        return refusal(error, request.scope, _taken(error, request.method))

    @app.exception_handler(RequestValidationError)
    async def _misunderstood(request: Request, error: RequestValidationError) -> Response:
        return refusal(misunderstood(error, _language(request.scope)), request.scope)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        allowed = _allowed(request) if error.status_code == MethodNotAllowed.status else ""
        headers = {"Allow": allowed} if allowed else error.headers
        return refusal(_from_status(error.status_code), request.scope, headers)


def _allowed(request: Request) -> str:
    """All methods of an address (RFC 9110 section 10.2.1): Starlette tells those of its first route alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    scopes = [{**request.scope, "method": method} for method in METHODS]
    taken = [each for each in scopes if any(route.matches(each)[0] is Match.FULL for route in routes)]
    return ", ".join(each["method"] for each in taken)


def _taken(error: RostraError, method: str) -> dict[str, str]:
    """The header by which a 415 says what is taken (RFC 5789 section 2.2)."""
    if not isinstance(error, WrongMediaType):
        return {}
    return {"Accept-Patch" if method == "PATCH" else "Accept-Post": str(error.detail["media_type"])}


def _is_refused_act(error: RostraError) -> bool:
    """Whether somebody tried what they may not, also where the stage says so over the bus."""
    return error.status == NotAllowed.status and not isinstance(error, (*GUARDED, *ON_THE_WAY))


async def _write_down(request: Request) -> None:
    """Note that whoever asks may not do this; what a stranger may not is nobody's act."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        return
    backstage: Backstage = request.app.state.backstage
    space = request.path_params.get("space")
    tried = f"{request.method} {request.scope['route'].path}"
    await backstage.refused_acts.note("backstage.refused", actor=actor.label, space=space, tried=tried)


class CatchAll:
    """ASGI middleware, outermost: what nobody foresaw is logged whole and answered with a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except RostraError as error:
            if not begun:
                await refusal(error, scope)(scope, receive, send)
        except Exception:
            log.exception("request_failed", method=scope.get("method"), path=scope.get("path"))
            if begun:
                raise
            sorry = RostraError("Something went wrong here. It was logged.")
            await refusal(sorry, scope)(scope, receive, send)


def _language(scope: Scope) -> str:
    headers = Headers(scope=scope)
    return words.choose(
        query=scope.get("query_string", b"").decode("latin-1"),
        cookie=headers.get("cookie", ""),
        accept=headers.get("accept-language", ""),
    )


def _from_status(status: int) -> RostraError:
    if status == 404:
        return NotFound()
    if status == 405:
        return MethodNotAllowed()
    return BadRequest() if status < 500 else RostraError()
