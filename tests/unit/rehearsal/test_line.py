"""A program in line: it keeps one place, asks politely, and comes in when it is called."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import msgspec
import pytest

from rostra.rehearsal.line import Line, before, comes, wait_ms
from rostra.rehearsal.programme import Joined, Page, Placed, Room, Status
from rostra.rehearsal.replies import Refused, Unreachable

PAGE = Page("http://door:8000", "abcdefgh23")
TICKET = {"admitted": True, "ticket": "t", "base": "http://edge:8001/t/t/abcdefgh23/", "run": "r"}


def place(name: str = "p1", **more: Any) -> dict[str, Any]:
    given = {"place": name, "number": 12, "line": 0, "called": False, "again_ms": 8_000, "reason": "full"}
    return {"admitted": False, **given, **more}


def told(serving: int | None, *, state: str = "live", poll_ms: int = 1_500) -> dict[str, Any]:
    near = 0 if serving is None else serving + 30
    room = None if serving is None else {"serving": [serving, 0, 0], "near": [near, 0, 0], "waiting": 3}
    return {"v": 1, "state": state, "room": room, "poll_ms": poll_ms}


class Door:
    """Answers in the order given; an exception is thrown. The last answer stays."""

    def __init__(self, joins: list[Any], statuses: list[Any]) -> None:
        self.answers = {"join": joins, "status.json": statuses}
        self.asked: list[str] = []
        self.brought: list[str] = []
        self.waits: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[1]
        self.asked.append(name)
        if name == "join":
            self.brought.append(json.loads(request.content).get("place", ""))
        queue = self.answers[name]
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int):
            return httpx.Response(found, content=b"{}")
        return httpx.Response(200, content=msgspec.json.encode(found))

    def line(self) -> Line:
        async def pause(seconds: float) -> None:
            self.waits.append(seconds)
            assert len(self.waits) < 1_000, "it never comes in"

        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return Line(http, PAGE, dice=random.Random(1), pause=pause)


async def test_who_is_let_in_at_once_stands_in_no_line() -> None:
    door = Door([TICKET], [told(None)])
    line = door.line()
    assert (await line.join()).base == TICKET["base"]
    assert (line.placed, door.asked, door.waits) == (None, ["join"], [])


async def test_a_place_is_brought_again_only_when_its_number_is_called() -> None:
    door = Door([place(), TICKET], [told(3), told(11), told(12), told(13)])
    assert isinstance(await door.line().join(), Joined)
    assert door.asked == ["join", *["status.json"] * 4, "join"]
    assert door.brought == ["", "p1"]


async def test_it_asks_as_seldom_as_the_door_wishes_and_oftener_near_its_turn() -> None:
    door = Door([place(number=500), TICKET], [told(3, poll_ms=60_000), told(490, poll_ms=60_000), told(501)])
    await door.line().join()
    first, far, near = door.waits
    assert 4 <= first <= 8
    assert 42 <= far <= 60
    assert 5.6 <= near <= 8


async def test_who_is_told_when_their_call_is_due_comes_then_and_asks_nothing_meanwhile() -> None:
    door = Door([place(due=True, again_ms=1_700), place(due=True, again_ms=300), TICKET], [])
    await door.line().join()
    assert door.asked == ["join"] * 3
    assert door.waits == [1.7, 0.3]


async def test_an_owed_place_asks_every_two_seconds() -> None:
    owed = place(reason="owed", called=True, again_ms=2_000)
    door = Door([owed, owed, TICKET], [told(13)])
    await door.line().join()
    assert door.asked == ["join"] * 3
    assert all(1 <= wait <= 2 for wait in door.waits)


async def test_a_new_place_replaces_one_that_has_lapsed() -> None:
    door = Door([place("p1", number=1), place("p2", number=40), TICKET], [told(2), told(41)])
    await door.line().join()
    assert door.brought == ["", "p1", "p2"]


async def test_a_place_outlives_a_door_that_is_away_or_busy() -> None:
    away = httpx.ConnectError("refused")
    door = Door([place(), away, 503, TICKET], [away, 429, told(13)])
    line = door.line()
    assert isinstance(await line.join(), Joined)
    assert door.brought[-1] == "p1"


async def test_without_a_place_a_door_that_is_away_is_told_at_once() -> None:
    with pytest.raises(Unreachable):
        await Door([httpx.ConnectError("refused")], [told(None)]).line().join()


async def test_when_it_is_over_the_door_says_so() -> None:
    door = Door([place(), 409], [told(3), told(None, state="ended")])
    line = door.line()
    with pytest.raises(Refused):
        await line.join()
    assert line.placed is None


async def test_a_place_from_before_the_start_waits_for_it() -> None:
    early = place(number=None, reason="before_start")
    statuses = [told(0, state="lobby"), told(0, state="lobby"), told(0)]
    door = Door([early, TICKET], statuses)
    await door.line().join()
    assert door.asked.count("join") == 2
    assert door.asked.count("status.json") == 3


@pytest.mark.parametrize(
    ("number", "serving", "line", "expected"),
    [(5, 5, 0, False), (5, 6, 0, True), (None, 0, 0, True), (5, 6, 1, False)],
)
def test_a_number_below_the_one_served_comes(
    number: int | None, serving: int, line: int, expected: bool
) -> None:
    status = Status("live", room=Room(serving=(serving, 0, 0)))
    assert comes(Placed("p", number, line), status) is expected


def test_how_many_are_before_one() -> None:
    status = Status("live", room=Room(serving=(10, 0, 0), near=(40, 0, 0)), poll_ms=60_000)
    assert before(Placed("p", 12), status) == 2
    assert before(Placed("p", None), status) is None
    assert [wait_ms(Placed("p", number), status) for number in (39, 40, None)] == [8_000, 60_000, 60_000]
