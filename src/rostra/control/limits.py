"""ASGI middleware that takes in a request's body whole, within a size and a time, before anyone sees it.

Bodies are small here (64 kB by default), so one buffer is simpler and safer than a counter in
every reader. A body that claims to be too large is refused before its first byte is read.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.control.refusals import refusal
from rostra.core.errors import BadRequest, BodyTooLarge, RostraError

BODY_S = 10
"""Time in which a body must be there."""


LINGER_BYTES = 4 * 1024 * 1024
LINGER_S = 2.0
"""After a refusal, so much more is read and thrown away: closing on unread bytes resets the
connection, and the client would never see why."""


class Disconnected(Exception):
    """The client went away before its body was whole."""


class BodyLimit:
    """Refuses bodies over ``max_bytes`` with 413; hands smaller ones on in one piece.

    ``larger`` are the few addresses that take more, and how much.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, larger: Mapping[re.Pattern[str], int] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._take(Headers(scope=scope), receive, self._most(scope["path"]))
        except Disconnected:
            return
        except RostraError as error:
            await _refuse_and_linger(error, scope, receive, send)
            return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    def _most(self, path: str) -> int:
        special = (most for pattern, most in self._larger.items() if pattern.fullmatch(path))
        return max(self._max_bytes, next(special, 0))

    async def _take(self, headers: Headers, receive: Receive, max_bytes: int) -> bytes:
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > max_bytes:
            raise _too_large(max_bytes)
        if declared == "0" and "transfer-encoding" not in headers:
            return b""
        try:
            async with asyncio.timeout(BODY_S):
                return await self._collect(receive, max_bytes)
        except TimeoutError as error:
            raise BadRequest(
                "The request's body did not arrive within {seconds} seconds.", seconds=BODY_S
            ) from error

    async def _collect(self, receive: Receive, max_bytes: int) -> bytes:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
        return bytes(body)


def _too_large(max_bytes: int) -> BodyTooLarge:
    return BodyTooLarge("The request's body is larger than {max_bytes} bytes.", max_bytes=max_bytes)


async def _refuse_and_linger(error: RostraError, scope: Scope, receive: Receive, send: Send) -> None:
    async def sending(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await refusal(error, scope, {"Connection": "close"})(scope, receive, sending)
    left, more = LINGER_BYTES, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = message.get("more_body", False)
    await send({"type": "http.response.body", "body": b""})
