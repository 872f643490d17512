"""Reports at the door: limits first, thanks last, and nothing said that is not so."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import CONTROL_REPORT, Grounds, Report, Reported, Subject
from rostra.core.errors import BadRequest, BodyTooLarge, NotFound, RostraError, TooManyRequests
from rostra.gateway.errors import ReportsAway
from rostra.gateway.post_pace import FAR, MOST_PREFIXES, NEAR, PostPace
from rostra.gateway.report_box import MAX_REPORT_BYTES, MOST_WAITING, ReportBox, read
from rostra.serving.request import Request
from rostra.serving.response import error_response

from .conftest import SPACE, FakeExchange, House, Reply, space_state

FOLLOW = "http://door.example:8002/report"
BODY = {"subject": "space", "grounds": "hate", "at_s": 61, "text": "Listen to that."}


def request(body: object = BODY, *, peer: str = "203.0.113.9", kind: str = "application/json") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {b"content-type": kind.encode()}
    path = f"/s/{SPACE}/report"
    return Request("POST", path, "", lines, "door.example", False, True, peer=peer, body=raw)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[BusClient]:
    async with Broker(tmp_path / "bus.sock"), BusClient(tmp_path / "bus.sock", name="test") as bus:
        while not bus.connected:
            await asyncio.sleep(0.01)
        yield bus


async def reply(
    bus: BusClient,
    keeps: Callable[[Report], Awaitable[Reported]] | None,
    asked: Request | None = None,
    language: str = "en",
) -> Reply:
    """Report through a box to a control that ``keeps``, or to none."""
    box, exchange = ReportBox(clock=ManualClock()), FakeExchange()
    box.deliver(space_state(), asked or request(), exchange, follow=FOLLOW, language=language)  # type: ignore[arg-type]  # sends, no more
    running = asyncio.create_task(box.run(bus))
    try:
        async with asyncio.timeout(10):
            if keeps is None:
                await _sent(exchange)
            else:
                async with bus.serve(CONTROL_REPORT, Report, keeps):
                    await _sent(exchange)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return Reply.parse(exchange.sent[0])


async def _sent(exchange: FakeExchange) -> None:
    while not exchange.sent:
        await asyncio.sleep(0.01)


async def test_whoever_reports_is_thanked_once_it_is_stored(bus: BusClient) -> None:
    kept: list[Report] = []

    async def keep(report: Report) -> Reported:
        kept.append(report)
        return Reported(token="secret")

    answer = await reply(bus, keep)
    assert (answer.status, answer.json()) == (201, {"follow": f"{FOLLOW}#secret"})
    assert answer.headers["cache-control"] == "no-store"
    said = Report(space=SPACE, subject=Subject.SPACE, grounds=Grounds.HATE, at_s=61, text="Listen to that.")
    assert kept == [said]


async def test_without_backstage_the_door_says_that_nothing_was_stored(bus: BusClient) -> None:
    answer = await reply(bus, None)
    assert (answer.status, answer.json()["error"]["code"]) == (503, "reports_away")
    said = (await reply(bus, None, language="es")).json()["error"]["message"]
    assert said.startswith("Ahora mismo no se pueden recibir denuncias.")


async def test_what_control_refuses_is_told_as_it_said(bus: BusClient) -> None:
    async def refuse(_: Report) -> Reported:
        raise NotFound("There is no such notice.")

    answer = await reply(bus, refuse)
    assert (answer.status, answer.json()["error"]["message"]) == (404, "There is no such notice.")
    spanish = await reply(bus, refuse, language="es")
    assert spanish.json()["error"]["message"] == NotFound("There is no such notice.").said("es")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grounds": "dislike"}, BadRequest),
        ({"subject": "door"}, BadRequest),
        ({"at_s": -1}, BadRequest),
        ({"at_s": 10**9}, BadRequest),
        ({"at_s": "61"}, BadRequest),
        ({"text": "x" * 1001}, BadRequest),
        ({"speaker": "s" * 27}, BadRequest),
        ({"account": "ada"}, BadRequest),
        ({"token": "guessed"}, BadRequest),
        ({"token": "x" * 40 + "\n"}, BadRequest),
        ({"text": "x" * MAX_REPORT_BYTES}, BodyTooLarge),
    ],
)
def test_a_report_out_of_bounds_is_refused(changes: dict[str, Any], error: type[RostraError]) -> None:
    with pytest.raises(error):
        read(space_state(), request(BODY | changes))


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_form_of_another_sites_page_reports_nothing(kind: str) -> None:
    with pytest.raises(BadRequest):
        read(space_state(), request(kind=kind))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_whatever_comes_is_a_report_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadRequest):
        read(space_state(), request(body))


def test_a_page_that_may_not_be_seen_takes_no_report(house: House) -> None:
    house.open(space_state())
    asked = {"method": "POST", "body": json.dumps(BODY).encode(), "content_type": "application/json"}
    assert house.ask("/s/nothinghere/report", **asked).status == 404  # type: ignore[arg-type]  # by name
    assert house.ask(f"/s/{SPACE}/report").status == 405
    assert house.ask(f"/s/{SPACE}/report", method="POST", body=b"{}").status == 400


def test_one_address_and_one_network_report_so_much_and_no_more() -> None:
    clock = ManualClock()
    pace = PostPace(clock=clock)
    for _ in range(NEAR.burst):
        pace.spend("198.51.100.7")
    with pytest.raises(TooManyRequests):
        pace.spend("198.51.100.7")
    pace.spend("203.0.113.7")
    clock.advance(ms=round(NEAR.refill_s * 1000))
    pace.spend("198.51.100.7")
    for last in range(8, 8 + FAR.burst):
        try:
            pace.spend(f"198.51.100.{last}")
        except TooManyRequests:
            break
    else:
        pytest.fail("a whole network reports without end")


def test_who_reported_too_much_hears_when_the_next_report_is_taken() -> None:
    clock = ManualClock()
    pace = PostPace(clock=clock)
    for _ in range(NEAR.burst):
        pace.spend("198.51.100.7")
    clock.advance(ms=17_500)
    with pytest.raises(TooManyRequests) as told:
        pace.spend("198.51.100.7")
    assert b"\r\nRetry-After: 43\r\n" in error_response(told.value)
    clock.advance(ms=43_000)
    pace.spend("198.51.100.7")


def test_what_is_remembered_of_prefixes_is_bounded() -> None:
    pace = PostPace(clock=ManualClock())
    for number in range(MOST_PREFIXES):
        pace.spend(f"10.{number >> 8}.{number & 255}.1")
    assert len(pace._buckets) <= MOST_PREFIXES


def test_a_pile_of_reports_that_nobody_takes_is_bounded_and_counted() -> None:
    box = ReportBox(clock=ManualClock())

    def deliver(number: int) -> None:
        asked = request(peer=f"10.{number}.0.1")
        box.deliver(space_state(), asked, FakeExchange(), follow=FOLLOW)  # type: ignore[arg-type]  # never answered

    for number in range(MOST_WAITING):
        deliver(number)
    with pytest.raises(ReportsAway):
        deliver(MOST_WAITING)
    assert box.errands.refused == 1
