"""What answers requests, and what becomes of the errors that it raises. Knows no connection."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

import structlog

from rostra.core.errors import RostraError
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request

log = structlog.get_logger()

AtHand = Callable[[str, bytes], bytes | None]
"""Gives the whole answer to whoever asks for a path by these lines (:attr:`Request.fields`), where it lies
ready and nothing is left to decide."""
AtOnce = Callable[[str, bytes, str, str], bytes | None]
"""Answers who posts this to a path, from this address, to this host (:attr:`Request.local_host`), where
nothing of the request's other lines is to be looked at, and nothing waited for; None, and nothing has
happened, where there is more to it."""
GoesOn = Callable[[str], bool]
"""Whether whoever was so answered under a path asks for more at once, as after a page."""
Refuse = Callable[[RostraError, Request], bytes]
"""Renders a refusal for whoever asks, and counts it."""


class Application(Protocol):
    """What answers requests."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer now, or keep the exchange and answer later. A RostraError becomes its response."""


def respond(app: Application, request: Request, exchange: Exchange, *, refuse: Refuse) -> None:
    """Have the application answer; whatever it raises becomes the answer."""
    try:
        app.respond(request, exchange)
    except RostraError as error:
        _fail(refuse, exchange, request, error)
    except Exception:
        log.exception("request_failed", method=request.method, path=_without_ticket(request.path)[:200])
        _fail(refuse, exchange, request, RostraError("Something went wrong here. It was logged."))


def _fail(refuse: Refuse, exchange: Exchange, request: Request, error: RostraError) -> None:
    if exchange.begun:
        exchange.abort()
    else:
        exchange.send(refuse(error, request))


def _without_ticket(path: str) -> str:
    """What may stand in a log: a ticket in it would let a reader of the log in."""
    return re.sub(r"^/t/[^/]+", "/t/…", path)
