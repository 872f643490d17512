"""Listeners react through the door: with their ticket, within bounds, as bare figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostra.admission.reactions import KINDS, PER_ADDRESS, PER_LISTENER
from rostra.bus.messages import Lifecycle, Pinned, StageReport

from .conftest import SPACE, House, Reply, space_state

LIVE = Lifecycle.LIVE


@pytest.fixture
def live(house: House) -> House:
    return house.open(space_state(LIVE))


def ticket(house: House) -> str:
    found: str = house.ask(f"/s/{SPACE}/join", method="POST").json()["ticket"]
    return found


def react(house: House, with_ticket: str, kind: str = "clap") -> Reply:
    body = json.dumps({"ticket": with_ticket, "kind": kind}).encode()
    return house.ask(f"/s/{SPACE}/react", method="POST", body=body)


def test_what_listeners_press_is_counted_and_handed_on_once(live: House) -> None:
    one, other = ticket(live), ticket(live)
    answers = [react(live, one), react(live, other), react(live, other, "heart")]
    assert [answer.status for answer in answers] == [204, 204, 204]
    assert live.applause.take(SPACE) == (("clap", 2), ("heart", 1))
    assert live.applause.take(SPACE) == ()


def test_a_listener_presses_a_few_times_at_once_and_then_one_a_second(live: House) -> None:
    mine = ticket(live)
    statuses = [react(live, mine).status for _ in range(PER_LISTENER.burst + 3)]
    assert statuses == [204] * PER_LISTENER.burst + [429] * 3
    live.clock.advance(ms=1000)
    assert [react(live, mine).status for _ in range(2)] == [204, 429]
    assert react(live, ticket(live)).status == 204
    assert live.applause.take(SPACE) == (("clap", PER_LISTENER.burst + 2),)


def test_many_tickets_from_one_address_are_slowed_down_all_the_same(live: House) -> None:
    tickets = [ticket(live) for _ in range(60)]
    statuses = [react(live, each).status for each in tickets for _ in range(2)]
    assert statuses.count(204) == PER_ADDRESS.burst
    assert set(statuses) == {204, 429}


def test_one_ipv6_network_is_one_address_however_it_is_written(live: House) -> None:
    def press(number: int) -> int:
        body = json.dumps({"ticket": ticket(live), "kind": "clap"}).encode()
        peer = f"2001:db8::{number:x}:1:1:1"
        return live.ask(f"/s/{SPACE}/react", method="POST", body=body, peer=peer).status

    statuses = [press(number) for number in range(1, PER_ADDRESS.burst + 11)]
    assert statuses.count(429) == 10


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"ticket": 7, "kind": "clap"}', 400),
        (b'{"ticket": "x", "kind": "clap"}', 403),
        (b'{"ticket": "x", "kind": "boo"}', 400),
        (b"\xff\xfe", 400),
        (b"x" * 600, 413),
    ],
)
def test_anything_else_is_refused_and_counts_for_nothing(live: House, body: bytes, status: int) -> None:
    assert live.ask(f"/s/{SPACE}/react", method="POST", body=body).status == status
    assert live.applause.take(SPACE) == ()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=700)
    | st.dictionaries(st.sampled_from(["ticket", "kind", "x"]), st.text(max_size=80) | st.none()).map(
        lambda given: json.dumps(given).encode()
    )
)
def test_no_body_whatever_counts_without_a_ticket(live: House, body: bytes) -> None:
    live.clock.advance(ms=1000)
    assert live.ask(f"/s/{SPACE}/react", method="POST", body=body).status in (400, 403, 413)
    assert live.applause.take(SPACE) == ()


def test_nobody_reacts_before_or_after(house: House) -> None:
    house.open(space_state(LIVE))
    mine = ticket(house)
    house.directory.take_state(space_state(Lifecycle.PUBLISHED))
    refused = react(house, mine)
    assert (refused.status, refused.json()["error"]["code"]) == (409, "no_reactions")
    assert house.ask(f"/s/{SPACE}/status.json").json()["reactions"] == []


def test_a_site_may_do_without(tmp_path: Path) -> None:
    house = House(tmp_path, reactions=False).open(space_state(LIVE))
    assert react(house, ticket(house)).status == 409
    assert house.ask(f"/s/{SPACE}/status.json").json()["reactions"] == []


def test_the_status_tells_what_can_be_pressed_what_is_pinned_and_whether_music_plays(live: House) -> None:
    status = live.ask(f"/s/{SPACE}/status.json").json()
    assert (status["reactions"], status["pinned"], status["hold"]) == (list(KINDS), None, False)
    pinned = Pinned(link="https://example.org/slides", label="Slides")
    live.directory.take_state(space_state(LIVE, pinned=pinned))
    live.directory.take_report(StageReport(space=SPACE, live=True, hold=True))
    status = live.ask(f"/s/{SPACE}/status.json").json()
    assert status["pinned"] == {"link": "https://example.org/slides", "label": "Slides"}
    assert status["hold"] is True
    live.directory.take_state(space_state(LIVE, pinned=Pinned(link="javascript:alert(1)", label="x")))
    assert live.ask(f"/s/{SPACE}/status.json").json()["pinned"] is None
