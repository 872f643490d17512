"""Cards drawn once and kept: whoever asks for one in the making waits for it.

One card is drawn at a time, in a thread. At most :data:`MOST_WAITING` requests wait; further ones
are refused. The cards asked for longest ago leave the shelf.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog

from rostra.core.errors import RostraError, Unavailable
from rostra.gateway.card import Card
from rostra.gateway.headers import NOINDEX
from rostra.serving.exchange import Exchange
from rostra.serving.response import error_response, response

log = structlog.get_logger()

MOST_KEPT = 256
"""Some 60 kB each."""
MOST_WAITING = 256
_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Access-Control-Allow-Origin", "*"))


class CardShelf:
    """``deliver`` answers at once or later; ``run`` draws until cancelled."""

    def __init__(self, *, draw: Callable[[Card], bytes]) -> None:
        self._draw = draw
        self._kept: OrderedDict[Card, bytes] = OrderedDict()
        self._waiting: dict[Card, list[Exchange]] = {}
        self._wanted = asyncio.Event()

    def deliver(self, card: Card, exchange: Exchange) -> None:
        """Answer with the card as soon as it is drawn. Unavailable when too many wait already."""
        kept = self._kept.get(card)
        if kept is not None:
            self._kept.move_to_end(card)
            exchange.send(kept)
            return
        if sum(map(len, self._waiting.values())) >= MOST_WAITING:
            raise Unavailable
        self._waiting.setdefault(card, []).append(exchange)
        exchange.on_close(lambda: self._forget(card, exchange))
        self._wanted.set()

    async def run(self) -> None:
        """Draw what is wanted, in the order asked for."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting:
                card = next(iter(self._waiting))
                answer = await self._render(card)
                for exchange in self._waiting.pop(card, []):
                    exchange.send(answer)

    async def _render(self, card: Card) -> bytes:
        try:
            png = await asyncio.to_thread(self._draw, card)
        except Exception:
            log.exception("card_failed", space=card.space)
            return error_response(RostraError("The picture could not be drawn."), language=card.language)
        kept = ("Cache-Control", "private, max-age=300" if card.private else "max-age=300")
        found = () if card.findable else (NOINDEX,)
        rendered = response(200, png, content_type="image/png", headers=[kept, *found, *_HEADERS])
        self._kept[card] = rendered
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return rendered

    def _forget(self, card: Card, exchange: Exchange) -> None:
        """Take a client that left off the list; its card is not drawn for nobody."""
        waiting = self._waiting.get(card)
        if waiting is not None and exchange in waiting:
            waiting.remove(exchange)
            if not waiting:
                del self._waiting[card]
