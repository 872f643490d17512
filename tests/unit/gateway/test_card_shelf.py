"""Cards are drawn once, and whoever asks meanwhile waits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rostra.core.errors import Unavailable
from rostra.gateway.card import Card
from rostra.gateway.card_shelf import MOST_WAITING, CardShelf

from .conftest import FakeExchange, Reply, space_state


class Painter:
    """Draws when told to, and counts."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.drawn: list[str] = []

    def draw(self, card: Card) -> bytes:
        self.go.wait(10)
        self.drawn.append(card.title)
        if card.title == "broken":
            raise ValueError(card.title)
        return card.title.encode()


@contextlib.asynccontextmanager
async def at_work(shelf: CardShelf) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(shelf.run())
        yield
        task.cancel()


def _card(title: str) -> Card:
    return Card.of(space_state(title=title), site_name="Rostra")


def _exchange() -> Any:
    return FakeExchange()


async def _answered(exchange: Any) -> Reply:
    while not exchange.sent:
        await asyncio.sleep(0.001)
    return Reply.parse(exchange.sent[0])


async def test_all_who_ask_for_a_card_in_the_making_get_the_same_drawing() -> None:
    painter = Painter()
    shelf = CardShelf(draw=painter.draw)
    first, second, third = _exchange(), _exchange(), _exchange()
    async with at_work(shelf):
        shelf.deliver(_card("one"), first)
        shelf.deliver(_card("one"), second)
        painter.go.set()
        assert (await _answered(first)).body == (await _answered(second)).body == b"one"
        shelf.deliver(_card("one"), third)
        assert Reply.parse(third.sent[0]).headers["content-type"] == "image/png"
    assert painter.drawn == ["one"]


async def test_a_card_that_cannot_be_drawn_is_an_error_and_the_next_is_drawn() -> None:
    painter = Painter()
    painter.go.set()
    shelf = CardShelf(draw=painter.draw)
    broken, whole = _exchange(), _exchange()
    async with at_work(shelf):
        shelf.deliver(_card("broken"), broken)
        shelf.deliver(_card("whole"), whole)
        assert (await _answered(broken)).status == 500
        assert (await _answered(whole)).body == b"whole"


async def test_nothing_is_drawn_for_who_has_left() -> None:
    painter = Painter()
    painter.go.set()
    shelf = CardShelf(draw=painter.draw)
    gone, here = _exchange(), _exchange()
    shelf.deliver(_card("gone"), gone)
    shelf.deliver(_card("here"), here)
    gone.closing()
    async with at_work(shelf):
        await _answered(here)
    assert painter.drawn == ["here"]


def test_beyond_a_bounded_queue_askers_are_turned_away() -> None:
    shelf = CardShelf(draw=lambda card: b"")
    for number in range(MOST_WAITING):
        shelf.deliver(_card(str(number % 3)), _exchange())
    with pytest.raises(Unavailable):
        shelf.deliver(_card("one more"), _exchange())
