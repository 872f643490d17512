"""Whoever opens a page in the words of others gets theirs; what changes it, or is one's own, is asked for."""

from __future__ import annotations

import pytest

from rostra.bus.messages import Lifecycle, Removed, Visibility
from rostra.core.proxies import Proxies
from rostra.gateway.answers import READY_NS
from rostra.serving.heads import Heads
from rostra.serving.limits import Limits

from .conftest import SPACE, FakeExchange, House, Reply, a_pass, space_state

LINES = "Host: door.example\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n"


class Crowd:
    """Many whose browsers say the same."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.heads = Heads(Limits())

    def opens(self, path: str = f"/s/{SPACE}", lines: str = LINES) -> tuple[Reply, bool]:
        """One of them asks; whether the answer lay ready."""
        head = f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()
        known = self.heads.address(head)
        ready = known and self.house.door.at_hand(*known)
        if ready:
            return Reply.parse(ready), True
        exchange = FakeExchange()
        request = self.heads.parse(head, peer="192.0.2.7", proxies=Proxies())
        self.house.door.respond(request, exchange)  # type: ignore[arg-type]  # all that the door uses of one
        return Reply.parse(exchange.sent[0]), False

    def finds_ready(self, path: str = f"/s/{SPACE}", lines: str = LINES) -> bool:
        """Whether the third of them is handed what the second got."""
        self.opens(path, lines)
        second, _ = self.opens(path, lines)
        third, ready = self.opens(path, lines)
        if ready:
            dated = {name: line for name, line in third.headers.items() if name != "date"}
            assert (third.status, dated, third.body) == (second.status, second.headers, second.body)
            assert third.headers["date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        return ready


def test_a_crowd_is_handed_one_page_and_each_is_counted(house: House) -> None:
    crowd = Crowd(house.open(space_state(Lifecycle.LIVE)))
    assert crowd.finds_ready()
    asked, one = house.askers._count, 1
    assert crowd.opens()[1]
    assert house.askers._count == asked + one


def test_a_crowd_is_handed_one_status_and_each_is_counted(house: House) -> None:
    crowd = Crowd(house.open(space_state(Lifecycle.LIVE)))
    assert crowd.finds_ready(f"/s/{SPACE}/status.json")
    asked, one = house.askers._count, 1
    assert crowd.opens(f"/s/{SPACE}/status.json")[1]
    assert house.askers._count == asked + one


@pytest.mark.parametrize("leaf", ["", "/status.json"])
def test_what_lies_ready_keeps_the_connection_where_an_answer_would(house: House, leaf: str) -> None:
    house.open(space_state(Lifecycle.LIVE))
    exchange, path = FakeExchange(), f"/s/{SPACE}{leaf}"
    request = Heads(Limits()).parse(
        f"GET {path} HTTP/1.1\r\n{LINES}\r\n".encode(), peer="192.0.2.7", proxies=Proxies()
    )
    house.door.respond(request, exchange)  # type: ignore[arg-type]  # all that the door uses of one
    assert exchange.more == house.door.goes_on(path) == (not leaf)


def test_each_language_and_name_has_its_own(house: House) -> None:
    crowd = Crowd(house.open(space_state(Lifecycle.LIVE)))
    spanish, elsewhere = LINES + "Accept-Language: es\r\n", LINES.replace("door.example", "other.example")
    assert all(crowd.finds_ready(lines=lines) for lines in (LINES, spanish, elsewhere))
    pages = [crowd.opens(lines=lines)[0] for lines in (LINES, spanish, elsewhere)]
    assert ['<html lang="es"' in page.text for page in pages] == [False, True, False]
    named = ["http://other.example:8001" in page.headers["content-security-policy"] for page in pages]
    assert named == [False, False, True]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (f"/s/{SPACE}?stay", LINES),
        (f"/s/{SPACE}?lang=es", LINES),
        (f"/s/{SPACE}", LINES + f"Cookie: pass_{SPACE}=x\r\n"),
        (f"/s/{SPACE}", LINES + "Authorization: Bearer x\r\n"),
        (f"/s/{SPACE}/event.ics", LINES),
        ("/", LINES),
    ],
)
def test_what_is_for_one_or_for_few_is_asked_for(house: House, path: str, lines: str) -> None:
    crowd = Crowd(house.open(space_state()))
    assert not crowd.finds_ready(path, lines)


def test_a_private_page_is_handed_to_nobody_else(house: House) -> None:
    crowd = Crowd(house.open(space_state(visibility=Visibility.PRIVATE)))
    assert not crowd.finds_ready()
    assert not crowd.finds_ready(f"/s/{SPACE}?pass={a_pass()}")
    assert not crowd.finds_ready(f"/s/{SPACE}/status.json")
    assert not crowd.finds_ready(f"/s/{SPACE}/status.json?pass={a_pass()}")


def test_a_page_is_let_go_with_what_it_tells_of_and_soon_after_anyway(house: House) -> None:
    crowd = Crowd(house.open(space_state()))
    assert crowd.finds_ready()
    house.directory.take_state(space_state(title="Put off"))
    page, ready = crowd.opens()
    assert (ready, "Put off" in page.text) == (False, True)
    assert crowd.opens()[1]
    house.clock.advance(ms=READY_NS // 1_000_000)
    assert not crowd.opens()[1]
    house.directory.take_state(Removed(space=SPACE, reason="Hidden by the operator."))
    page, ready = crowd.opens()
    assert (page.status, ready) == (410, False)
