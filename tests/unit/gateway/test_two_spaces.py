"""Two conversations on one site: together they never have more listeners than there are places."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.admission.reserved import Reserved, sign
from rostra.bus.messages import Audience, DoorOrder, Lifecycle, Present, SpaceOrder
from rostra.core.ids import SpaceId

from .conftest import SPACE, START_MS, House, Reply, space_state

OTHER = SpaceId("other22222")
SPACES = (SPACE, OTHER)
KEY, PRESS = b"k" * 32, b"press-22"


class Site:
    """Two live spaces, an edge, and pages that ask again with the places they got."""

    def __init__(self, folder: Path, *, capacity: int) -> None:
        self.capacity = capacity
        self.house = House(folder, capacity=capacity, entries_per_prefix=1_000)
        self.house.open(
            *(space_state(Lifecycle.LIVE, space=space, starts_at=START_MS - 3_600_000) for space in SPACES)
        )
        self.listening: dict[SpaceId, list[bytes]] = {space: [] for space in SPACES}
        self.pages: dict[SpaceId, list[str]] = {space: [] for space in SPACES}
        self._told = 0
        self.wait()

    def come(self, space: SpaceId, count: int, *, reserved: str = "") -> None:
        for _ in range(count):
            self._ask(space, {"reserved": reserved})
        self.wait()

    def claim(self, space: SpaceId) -> None:
        """All who wait show their places."""
        for place in list(self.pages[space]):
            self._ask(space, {"place": place})
        self.wait()

    def leave(self, space: SpaceId, count: int) -> None:
        """So many go for good: their places are kept for nobody."""
        del self.listening[space][:count]
        for _ in range(4):
            self.house.clock.advance(ms=10_000)
            self.wait()

    def wait(self) -> None:
        self.tell()
        self.house.wait(200)
        self.tell()

    def tell(self) -> None:
        """The edge says who is there: whoever got a ticket has used it."""
        self._told += 1
        came = {space: b"".join(each) for space, each in self.listening.items()}
        self.house.rooms.tickets.take(Present(worker=0, number=self._told, everybody=True, came=came))
        for space, inside in self.listening.items():
            self.house.directory.take_audience(Audience(space=space, worker=0, listeners=len(inside)))

    @property
    def inside(self) -> int:
        return sum(map(len, self.listening.values()))

    def _ask(self, space: SpaceId, body: dict[str, str]) -> None:
        exchange = self.house.ask_later(f"/s/{space}/join", json.dumps(body).encode())
        if not exchange.sent:
            self.house.wait(25)
        answer: dict[str, Any] = Reply.parse(exchange.sent[0]).json()
        place = body.get("place", "")
        if place:
            self.pages[space].remove(place)
        if answer["admitted"]:
            self.listening[space].append(listener_of(answer["ticket"]))
        else:
            self.pages[space].append(answer["place"])


def listener_of(ticket: str) -> bytes:
    return base64.urlsafe_b64decode(ticket)[12:20]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, capacity=100)
    yield site
    site.house.close()


def test_places_held_for_whom_one_is_owed_in_one_conversation_are_not_free_in_the_other(site: Site) -> None:
    site.come(SPACE, 50)
    site.come(OTHER, 50)
    for space in SPACES:
        site.come(space, 40)
    assert site.inside == 100
    for _ in range(3):  # Both lines are called for the same places; what one has the other is owed.
        site.leave(SPACE, 10)
        site.leave(OTHER, 10)
        for space in SPACES:
            site.claim(space)
            assert site.inside <= 100
    site.leave(SPACE, 0)
    for space in SPACES:
        site.claim(space)
    assert site.inside == 100


def test_two_lines_that_are_owed_places_have_them_in_turn(site: Site) -> None:
    for space in SPACES:
        site.come(space, 50)
    for space in SPACES:
        site.come(space, 20)
    site.leave(SPACE, 20)
    site.house.rooms.take_order(DoorOrder(places=80))
    for space in SPACES:  # All are called by now, and there is no place left for them.
        site.claim(space)
    before = {space: len(site.listening[space]) for space in SPACES}
    for _ in range(8):
        site.leave(OTHER, 1)
        before[OTHER] -= 1
        for space in SPACES:
            site.claim(space)
    assert [len(site.listening[space]) - before[space] for space in SPACES] == [4, 4]


def test_places_set_apart_in_one_conversation_are_not_free_in_the_other(site: Site) -> None:
    site.house.rooms.take_space_order(SpaceOrder(space=SPACE, reserved=20, key=KEY, links=(PRESS,)))
    site.come(OTHER, 100)
    assert len(site.listening[OTHER]) == 80
    site.come(SPACE, 20, reserved=sign(KEY, Reserved(SPACE, PRESS, 20)))
    assert len(site.listening[SPACE]) == 20


def test_a_small_conversation_calls_whoever_waits_though_others_lose_their_listeners(site: Site) -> None:
    site.house.rooms.take_space_order(SpaceOrder(space=SPACE, places=2))
    site.come(SPACE, 4)
    assert len(site.listening[SPACE]) == 2
    site.come(OTHER, 60)
    site.listening[SPACE].clear()
    for _ in range(5):  # All the while some may be back in a moment.
        del site.listening[OTHER][:5]
        site.house.clock.advance(ms=10_000)
        site.wait()
    assert site.house.rooms.tickets.kept[OTHER] > 2
    site.claim(SPACE)
    assert len(site.listening[SPACE]) == 2


DEEDS = st.one_of(
    st.tuples(st.just("come"), st.sampled_from(SPACES), st.integers(1, 5)),
    st.tuples(st.just("press"), st.just(SPACE), st.integers(1, 2)),
    st.tuples(st.just("leave"), st.sampled_from(SPACES), st.integers(1, 4)),
    st.tuples(st.just("claim"), st.sampled_from(SPACES), st.just(0)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(DEEDS, max_size=14), st.integers(0, 2))
def test_no_two_crowds_together_get_more_places_than_there_are(
    deeds: list[tuple[str, SpaceId, int]], reserved: int
) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), capacity=6)
        site.house.rooms.take_space_order(SpaceOrder(space=SPACE, reserved=reserved, key=KEY, links=(PRESS,)))
        press = 0
        for deed, space, count in deeds:
            if deed == "come":
                site.come(space, count)
            elif deed == "press":
                before = len(site.listening[space])
                site.come(space, count, reserved=sign(KEY, Reserved(SPACE, PRESS, 2)))
                press += len(site.listening[space]) - before
            elif deed == "leave":
                site.leave(space, count)
            else:
                site.claim(space)
            assert site.inside <= site.capacity
            if not press:
                assert site.inside <= site.capacity - reserved, "nobody else has what is set apart"
        site.house.close()
