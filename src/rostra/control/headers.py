"""Security headers on every answer: own scripts only, no framing, no referrer, no sniffing."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.control.addresses import addresses
from rostra.control.refusals import refusal
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings


def content_security_policy(*, door: str, edge: str) -> str:
    """Everything from here; media and data from the edge, pictures from the door too.

    Styles in attributes are allowed: meters and rings set them many times a second.
    """
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self' {edge} {door}",
            f"media-src 'self' blob: {edge}",
            f"img-src 'self' data: {door}",
            "style-src 'self'",
            "style-src-attr 'unsafe-inline'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """ASGI middleware; refuses a request whose Host header is broken, for all else depends on it."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        try:
            own = addresses(self._settings, scheme=scope["scheme"], host=host)
        except BadRequest as error:
            await refusal(error, scope)(scope, receive, send)
            return
        policy = content_security_policy(door=own.door, edge=own.edge)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
            await send(message)

        await self._app(scope, receive, sending)
