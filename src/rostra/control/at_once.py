"""ASGI middleware: how many requests of one visitor may be answered at once. An open stream is one.

A proxy in front brings everybody's requests over connections of its own, which :mod:`.connections` counts
as nobody's. Whose a request is, is known here, once uvicorn has read what the proxy says of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from rostra.control.refusals import refusal
from rostra.core.errors import TooManyRequests
from rostra.core.networks import visitor

MOST_AT_ONCE: Final = 128
"""Of one /32 or /64: an office of speakers fits. Backstage takes eight times as many in all."""


class AtOnce:
    """Answers a visitor's further requests with 429, before it waits for anything of theirs; counts them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: Counter[str] = Counter()
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if scope["type"] != "http" or not client:
            await self._app(scope, receive, send)
            return
        share = visitor(client[0])
        if self._held[share] >= MOST_AT_ONCE:
            self.refused += 1
            error = TooManyRequests("Too many requests from your network at once. Please try again shortly.")
            await refusal(error, scope)(scope, receive, send)
            return
        self._held[share] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._held[share] -= 1
            if not self._held[share]:
                del self._held[share]
