"""Pushes: a service that wants to be left alone is, for all its browsers, and the others go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.clock import ManualClock
from harness.push_service import PushService, Receiver, push_service
from rostra.control.push_sender import LONGEST_PAUSE_S, Fate, Outcome, PushSender, seconds_after
from rostra.control.web_push import Vapid, read_subscription

NOW_S = 1_700_000_000
IN_TWO_MINUTES = "Tue, 14 Nov 2023 22:15:20 GMT"
HOSTS = ("127.0.0.1", "127.0.0.2")


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as service:
        yield service


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(utc_ns=NOW_S * 1_000_000_000)


@pytest.fixture
async def sender(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PushSender]:
    sender = PushSender(Vapid.of(tmp_path, contact="mailto:site@example.org"), hosts=HOSTS, clock=clock)
    yield sender
    await sender.close()


async def push(sender: PushSender, endpoint: str) -> Outcome:
    to = read_subscription(endpoint, **Receiver().keys, hosts=HOSTS)
    return await sender.send(b"{}", to, ttl_s=60, topic="evening", urgent=False)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wait", ["120", IN_TWO_MINUTES])
async def test_a_service_that_wants_to_be_left_alone_is_for_all_its_browsers(
    sender: PushSender, service: PushService, clock: ManualClock, status: int, wait: str
) -> None:
    service.answers["/phone"], service.retry_after["/phone"] = status, wait
    assert await push(sender, service.endpoint("phone")) == Outcome(Fate.FAILED, 120)
    clock.advance(ms=20_000)
    assert await push(sender, service.endpoint("tablet")) == Outcome(Fate.LATER, 100)
    assert service.of("tablet") == []
    elsewhere = service.endpoint("tablet").replace("127.0.0.1", "127.0.0.2")
    assert (await push(sender, elsewhere)).fate is Fate.FAILED  # it was asked, and nobody is there
    clock.advance(ms=100_000)
    assert await push(sender, service.endpoint("tablet")) == Outcome(Fate.SENT)


async def test_a_refusal_without_a_time_is_of_one_browser_alone(
    sender: PushSender, service: PushService
) -> None:
    service.answers["/phone"] = 429
    assert await push(sender, service.endpoint("phone")) == Outcome(Fate.FAILED)
    assert await push(sender, service.endpoint("tablet")) == Outcome(Fate.SENT)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("5", 5),
        (IN_TWO_MINUTES, 120),
        ("9" * 5_000, LONGEST_PAUSE_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE_S),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("-5", 0),
        ("٣", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(said: str, seconds: int) -> None:
    assert seconds_after(said, now_s=NOW_S) == seconds
