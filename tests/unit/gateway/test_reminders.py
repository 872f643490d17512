"""Reminders at the door: limits first, nothing promised that is not kept, and no link that acts by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_ANSWER_REMINDER,
    CONTROL_REMIND,
    Answered,
    AnswerReminder,
    Lifecycle,
    Remind,
    RemindBy,
    ReminderAnswered,
    ReminderMeans,
    Reminding,
)
from rostra.core.errors import BadRequest, BodyTooLarge, NotFound, RostraError, TooManyRequests
from rostra.gateway.errors import RemindersAway
from rostra.gateway.post_pace import NEAR
from rostra.gateway.reminder_box import MAX_BYTES, MOST_WAITING, ReminderBox, read
from rostra.serving.request import Request

from .conftest import SPACE, START_MS, House, Reply, space_state

ADDRESS = f"/s/{SPACE}/remind"
BODY = {"by": "mail", "address": " ada@example.org", "language": "en"}


def request(body: object = BODY, *, kind: str = "application/json") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {b"content-type": kind.encode()}
    return Request("POST", ADDRESS, "", lines, "door.example", False, True, peer="203.0.113.9", body=raw)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.open(space_state())
    house.reminders.learn(ReminderMeans(push_key="key", mail=True))
    return house


@asynccontextmanager
async def control(tmp_path: Path, box: ReminderBox, seen: list[Any]) -> AsyncIterator[None]:
    """A control that keeps all it is asked, and knows one reminder."""

    async def keep(remind: Remind) -> Reminding:
        seen.append(remind)
        return Reminding(forget="secret")

    async def answer(answer: AnswerReminder) -> ReminderAnswered:
        seen.append(answer)
        if answer.token not in ("known", "private"):
            raise NotFound
        return ReminderAnswered(space=SPACE, title="The <evening>" if answer.token == "known" else "")

    path = tmp_path / "bus.sock"
    async with Broker(path), BusClient(path, name="control") as bus, BusClient(path, name="door") as door:
        async with (
            bus.serve(CONTROL_REMIND, Remind, keep),
            bus.serve(CONTROL_ANSWER_REMINDER, AnswerReminder, answer),
        ):
            while not door.connected:
                await asyncio.sleep(0.01)
            running = asyncio.create_task(box.run(door))
            try:
                yield
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def told(box: ReminderBox, asked: Remind | AnswerReminder) -> Any:
    heard: list[Any] = []
    box.hand_on(asked, "203.0.113.9", heard.append)
    async with asyncio.timeout(10):
        while not heard:
            await asyncio.sleep(0.01)
    return heard[0]


async def test_who_asks_is_promised_it_once_it_is_kept(tmp_path: Path) -> None:
    box, seen = ReminderBox(clock=ManualClock()), []
    remind = read(space_state(), request(), door="http://door.example")
    async with control(tmp_path, box, seen):
        assert await told(box, remind) == Reminding(forget="secret")
    assert (seen[0].address, seen[0].by, seen[0].door) == (
        "ada@example.org",
        RemindBy.MAIL,
        "http://door.example",
    )


async def test_without_control_nobody_is_promised_anything(tmp_path: Path) -> None:
    box = ReminderBox(clock=ManualClock())
    path = tmp_path / "bus.sock"
    async with Broker(path), BusClient(path, name="door") as door:
        while not door.connected:
            await asyncio.sleep(0.01)
        running = asyncio.create_task(box.run(door))
        answer = await told(box, AnswerReminder(answered=Answered.FORGET, token="t"))
        assert isinstance(answer, RemindersAway)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        BODY | {"by": "pigeon"},
        BODY | {"address": 1},
        BODY | {"address": "x" * 1_001},
        BODY | {"more": 1},
        BODY | {"p256dh": "x" * 101},
        b"\xff",
    ],
)
def test_what_is_no_reminder_is_refused_before_anybody_is_asked(body: object) -> None:
    with pytest.raises(BadRequest):
        read(space_state(), request(body), door="")


def test_only_json_within_its_size_is_read() -> None:
    with pytest.raises(BadRequest):
        read(space_state(), request(kind="text/plain"), door="")
    with pytest.raises(BodyTooLarge):
        read(space_state(), request(b" " * (MAX_BYTES + 1)), door="")


@settings(max_examples=200)
@given(st.binary(max_size=500))
def test_no_bytes_break_the_door(body: bytes) -> None:
    with suppress(RostraError):
        read(space_state(), request(body), door="")


def test_so_many_wait_and_so_many_come_from_one_place() -> None:
    box = ReminderBox(clock=ManualClock())
    asked = AnswerReminder(answered=Answered.FORGET, token="t")
    remind = read(space_state(), request(), door="")
    for _ in range(NEAR.burst):
        box.hand_on(remind, "203.0.113.1", lambda _: None)
    with pytest.raises(TooManyRequests):
        box.hand_on(remind, "203.0.113.1", lambda _: None)
    for _ in range(MOST_WAITING - NEAR.burst):
        box.hand_on(asked, "203.0.113.1", lambda _: None)
    with pytest.raises(RemindersAway):
        box.hand_on(asked, "192.0.2.1", lambda _: None)
    assert box.errands.refused == 1


def test_pages_are_told_what_can_be_had_and_mail_only_under_a_certain_address(house: House) -> None:
    assert house.ask("/remind/means.json", host="localhost").json() == {"push_key": "key", "mail": True}
    assert house.ask("/remind/means.json", host="door.example").json() == {"push_key": "key", "mail": False}


def test_the_worker_s_scope_holds_no_page_and_it_may_load_nothing(house: House) -> None:
    answer = house.ask("/remind/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert "service-worker-allowed" not in answer.headers
    assert "fetch" not in answer.text.replace("fetches nothing", "")


@pytest.mark.parametrize("path", ["/remind", "/forget"])
def test_a_link_from_a_mail_only_asks(house: House, path: str) -> None:
    answer = house.ask(f"{path}?t=a.b%22%3E", accept="text/html")
    assert answer.status == 200
    assert f'<form method="post" action="{path}?t=a.b%22%3E"><button' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert house.reminders.errands._waiting.empty()
    assert house.ask(path).status == 404
    assert house.ask(f"{path}?t=" + "x" * 81).status == 404


async def test_a_press_does_it_and_says_so(house: House, tmp_path: Path) -> None:
    seen: list[Any] = []
    async with control(tmp_path, house.reminders, seen):
        for token, status, words in (
            ("known", 200, "The &lt;evening&gt;"),
            ("private", 200, "about this conversation"),
            ("other", 404, "forgotten already"),
        ):
            exchange = house.ask_later(f"/forget?t={token}", b"List-Unsubscribe=One-Click")
            async with asyncio.timeout(10):
                while not exchange.sent:
                    await asyncio.sleep(0.01)
            answer = Reply.parse(exchange.sent[0])
            assert answer.status == status
            assert words in answer.text
    assert [each.answered for each in seen] == [Answered.FORGET] * 3


def test_a_press_for_which_there_is_no_room_just_now_may_be_tried_again(house: House) -> None:
    while house.reminders.errands.add((AnswerReminder(answered=Answered.FORGET, token="t"), lambda _: None)):
        pass
    answer = Reply.parse(house.ask_later("/forget?t=abc", b"").sent[0])
    assert answer.status == 503
    assert "It could not be done. Please try again in a moment." in answer.text
    assert (
        '<form method="post" action="/forget?t=abc"><button class="button">Try again</button>' in answer.text
    )


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "*/*"])
def test_a_form_that_is_refused_is_told_so_in_words_and_a_program_in_json(house: House, accept: str) -> None:
    answer = house.ask("/forget", method="POST", accept=accept)
    assert answer.status == 404
    kind = "text/html; charset=utf-8" if "html" in accept else "application/json"
    assert answer.headers["content-type"] == kind


def test_the_page_says_in_words_that_it_begins_at_another_time(house: House) -> None:
    half = START_MS + 30 * 60_000
    house.open(space_state(starts_at=half, starts_before=START_MS, revision=4))
    assert "Moved from 11:23 pm to 11:53 pm." in house.ask(f"/s/{SPACE}", accept="text/html").text
    assert house.ask(f"/s/{SPACE}/status.json").json()["starts_before"] == START_MS
    spanish = house.ask(f"/s/{SPACE}", accept="text/html", accept_language="es").text
    assert "Cambio de hora: de 23:23 a 23:53." in spanish
    house.open(space_state(starts_at=START_MS + 86_400_000, starts_before=START_MS, revision=5))
    page = house.ask(f"/s/{SPACE}", accept="text/html").text
    assert "Moved from Tue 14 Nov, 11:23 pm to Wed 15 Nov, 11:23 pm." in page
    house.open(space_state(Lifecycle.LIVE, starts_before=START_MS, revision=6))
    assert "Moved from" not in house.ask(f"/s/{SPACE}", accept="text/html").text
