"""People who come to a door with few places, wait, listen and leave; and the door they meet."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rostra.bus.messages import Audience, Lifecycle, Present

from .conftest import SPACE, START_MS, House, Reply, space_state

JOIN = f"/s/{SPACE}/join"

NONCE = base64.urlsafe_b64encode(b"n" * 16).decode()

CAPACITY = 5


def small_door(folder: Path) -> Iterator[House]:
    """A door that may let five in, closed afterwards."""
    house = House(folder, capacity=CAPACITY)
    yield house
    house.close()


def live(house: House) -> House:
    return house.open(space_state(Lifecycle.LIVE, starts_at=START_MS - 3_600_000))


def join(house: House, place: str = "", *, peer: str = "192.0.2.7", wait: bool = True) -> dict[str, Any]:
    body = json.dumps({"nonce": NONCE, "place": place}).encode()
    exchange = house.ask_later(JOIN, body, peer=peer)
    if not exchange.sent:
        assert wait
        house.wait(25)
    answer = Reply.parse(exchange.sent[0])
    assert answer.status == 200
    return dict(answer.json())


def room(house: House) -> dict[str, Any] | None:
    house.clock.advance(ms=1_100)  # the status is kept for a second
    house.rooms.turn()
    found: dict[str, Any] | None = house.ask(f"/s/{SPACE}/status.json").json()["room"]
    return found


def told_seed(house: House) -> dict[str, Any]:
    """What pages are told once all of them have been told the root."""
    house.wait(5_000)
    told = room(house)
    assert told is not None
    return told


def leave(house: House, count: int = 1) -> None:
    """Listeners who never came: their tickets are past their first use."""
    house.wait(121_000)
    assert count <= CAPACITY


def restarted(house: House, folder: Path, *, after_ms: int) -> House:
    """Another process of the door after a kill; the one before said no goodbye."""
    again = House(folder, capacity=CAPACITY)
    again.clock.set(ahead_ms=(house.clock.utc_ns() - again.clock.utc_ns()) // 1_000_000 + after_ms)
    return live(again)


def listener_of(ticket: str) -> bytes:
    return base64.urlsafe_b64decode(ticket)[12:20]


def at_workers(house: House, *told: Present | Audience) -> None:
    """Edge workers tell these, in this order."""
    for value in told:
        if isinstance(value, Present):
            house.rooms.tickets.take(value)
        else:
            house.directory.take_audience(value)


def hear(house: House, *tickets: str) -> None:
    """These listen, and nobody else: the edge says so."""
    ids = b"".join(map(listener_of, tickets))
    at_workers(
        house,
        Present(worker=0, number=1, everybody=True, came={SPACE: ids}),
        Audience(space=SPACE, worker=0, listeners=len(tickets)),
    )


def listen(house: House, count: int) -> None:
    """So many listen, the edge says."""
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=count))
    house.wait(50)
