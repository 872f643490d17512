"""Connections of those who were heard on the doorstep before they were let in."""

from __future__ import annotations

import asyncio

from rostra.core.proxies import Proxies
from rostra.serving.answering import Application
from rostra.serving.connection import Connection
from rostra.serving.exchange import Exchange
from rostra.serving.host import Host
from rostra.serving.request import Request
from rostra.serving.visit import Visit


class Asking(Connection):
    """A connection whose first request has been read."""

    __slots__ = ("_asked",)

    def __init__(
        self, host: Host, proxies: Proxies, app: Application, *, peer: str, said: bytes, asked: Request
    ) -> None:
        """``said`` is what the request was read from."""
        super().__init__(host, proxies, app=app, peer=peer, said=said)
        self._asked: Request | None = asked

    def hear_first(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self.answer_first(asked)


class Answered(Connection):
    """A connection whose last request was answered at hand, with more than the kernel took at once."""

    __slots__ = ("_ends", "_unsent")

    def __init__(
        self, host: Host, proxies: Proxies, app: Application, *, peer: str, unsent: bytes, ends: bool
    ) -> None:
        super().__init__(host, proxies, app=app, peer=peer)
        self._unsent = unsent
        self._ends = ends

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.go_on(self._unsent, ends=self._ends)


class Stay(Connection):
    """A connection that goes on with what began as a visit."""

    __slots__ = ("_exchange_before", "_visit")

    def __init__(
        self,
        host: Host,
        proxies: Proxies,
        app: Application,
        visit: Visit,
        exchange: Exchange,
        *,
        peer: str,
    ) -> None:
        super().__init__(host, proxies, app=app, peer=peer)
        self._visit: Visit | None = visit
        self._exchange_before: Exchange | None = exchange

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        visit, self._visit = self._visit, None
        exchange, self._exchange_before = self._exchange_before, None  # which refers to this from now on
        if visit is not None and exchange is not None:
            self.take_over(exchange, visit.unsent, keep=visit.kept)
