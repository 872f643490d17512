"""Exchanges that go on, each with what is to be known of it. No I/O."""

from __future__ import annotations

from typing import TypeVar

from rostra.serving.exchange import Exchange

What = TypeVar("What")


class Holding(dict[Exchange, What]):
    """Forgets each exchange as it is over, for whatever reason."""

    def hold(self, exchange: Exchange, what: What) -> None:
        """Keep one until then."""
        self[exchange] = what
        exchange.watch(self)

    def over(self, exchange: Exchange) -> None:
        """It is over."""
        self.pop(exchange, None)
