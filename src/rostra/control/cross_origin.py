"""What of backstage other origins may use: the door's pages ask for a pass, any page may speak by WHIP.

Without a browser's own credentials: a passphrase, or a token, is all that such a request can bring.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.control.addresses import addresses
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings

_ADDRESS: Final = re.compile(r"/api/v1/spaces/[^/]+/pass")
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


_WHIP: Final = re.compile(r"/wh[ie]p/.*")
_TO_ALL: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After",
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
    """Adds the permission to answers on that address, refusals included, and answers the preflight."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _ADDRESS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        permission = self._permission(scope)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(permission)
            await send(message)

        if scope["method"] == "OPTIONS":
            start: Message = {"type": "http.response.start", "status": 204, "headers": []}
            headers = MutableHeaders(scope=start)
            headers.update({**permission, **(_PREFLIGHT if len(permission) > 1 else {})})
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, sending)

    def _permission(self, scope: Scope) -> dict[str, str]:
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        try:
            own = addresses(self._settings, scheme=scope["scheme"], host=headers.get("host", ""))
        except BadRequest:
            return {}
        allowed = {"Access-Control-Allow-Origin": origin} if origin == own.door else {}
        return {"Vary": "Origin", **allowed}
