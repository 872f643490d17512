"""What of backstage other origins may use: the door's pages ask and speak, any page may speak by WHIP.

The one list of addresses that another origin may read. Only who is signed in is told to a request with
a cookie, and only read; whoever speaks brings the token of their link in a header, and programs that
speak by WHIP or listen by WHEP bring theirs, without a browser's own credentials.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.control.addresses import addresses
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Way:
    """Some addresses, and how the door's pages may ask there."""

    address: re.Pattern[str]
    methods: str
    headers: str = "Content-Type"
    with_cookie: bool = False

    def preflight(self) -> Mapping[str, str]:
        return {
            "Access-Control-Allow-Methods": self.methods,
            "Access-Control-Allow-Headers": self.headers,
            "Access-Control-Max-Age": "86400",
        }


_SPACE: Final = r"/api/v1/spaces/[^/]+"
WAYS: Final = (
    Way(re.compile(rf"{_SPACE}/pass"), "POST"),
    Way(re.compile(rf"{_SPACE}/floor/me"), "GET", with_cookie=True),
    Way(re.compile(rf"{_SPACE}/stage(/.*)?"), "GET, POST, DELETE", "Authorization, Content-Type"),
)


_WHIP: Final = re.compile(r"/wh[ie]p/.*")
_TO_ALL: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, WWW-Authenticate"
    ),
}
_WHIP_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "86400",
}


class ProgramsMaySpeak:
    """Adds the permission to all answers under WHIP's and WHEP's addresses, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _WHIP.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        permission = _TO_ALL | (_WHIP_PREFLIGHT if scope["method"] == "OPTIONS" else {})

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(permission)
            await send(message)

        await self._app(scope, receive, sending)


class DoorMayAsk:
    """Adds the permission to answers on those addresses, refusals included, and answers the preflight."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = _way(scope["path"]) if scope["type"] == "http" else None
        if way is None:
            await self._app(scope, receive, send)
            return
        permission = self._permission(scope, way)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(permission)
            await send(message)

        if scope["method"] == "OPTIONS":
            start: Message = {"type": "http.response.start", "status": 204, "headers": []}
            headers = MutableHeaders(scope=start)
            headers.update({**permission, **(way.preflight() if len(permission) > 1 else {})})
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, sending)

    def _permission(self, scope: Scope, way: Way) -> dict[str, str]:
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        try:
            own = addresses(self._settings, scheme=scope["scheme"], host=headers.get("host", ""))
        except BadRequest:
            return {}
        if origin != own.door:
            return {"Vary": "Origin"}
        with_cookie = {"Access-Control-Allow-Credentials": "true"} if way.with_cookie else {}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin, **with_cookie}


def _way(path: str) -> Way | None:
    return next((way for way in WAYS if way.address.fullmatch(path)), None)
