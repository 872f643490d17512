"""Mails of reminders: what a server will not take of one keeps nobody else from theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from harness.clock import ManualClock
from harness.post_office import PostOffice, post_office
from rostra.control.mail import Letter, Mailer
from rostra.control.push_sender import Fate
from rostra.control.reminder_mail import PAUSE_S, ReminderMail
from rostra.core.settings import Settings

SITE: Any = SimpleNamespace(state=SimpleNamespace(name="Casa Lola"))


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


def reminder_mail(url: str, clock: ManualClock) -> ReminderMail:
    return ReminderMail(Mailer(Settings(smtp_url=url, mail_from="site@example.org")), SITE, clock=clock)


def to(name: str) -> Letter:
    return Letter(f"{name}@example.org", "Soon", "It begins.\n")


@pytest.mark.parametrize("refusal", [b"550 5.7.1 not this one", b"554 5.6.0 no"])
async def test_a_letter_that_is_not_taken_once_it_was_read_keeps_nobody_else_from_theirs(
    office: PostOffice, refusal: bytes
) -> None:
    office.will_not_take["eve@example.org"] = refusal
    mail = reminder_mail(office.url, ManualClock())
    fates = [(await mail.send(to(name))).fate for name in ("eve", "lea", "tom")]
    assert fates == [Fate.FAILED, Fate.SENT, Fate.SENT]
    assert [letter["To"] for letter in office.letters] == ["lea@example.org", "tom@example.org"]


async def test_a_server_that_wants_no_letters_just_now_is_left_alone_and_nobody_s_has_failed(
    office: PostOffice,
) -> None:
    clock = ManualClock()
    office.will_not_take["eve@example.org"] = b"454 4.7.0 too many just now"
    mail = reminder_mail(office.url, clock)
    outcomes = [await mail.send(to(name)) for name in ("eve", "lea")]
    assert [outcome.fate for outcome in outcomes] == [Fate.LATER, Fate.LATER]
    assert outcomes[0].pause_s > PAUSE_S > outcomes[1].pause_s == 0  # behind who was not tried
    assert office.letters == []
    clock.advance(ms=PAUSE_S * 1000)
    assert (await mail.send(to("lea"))).fate is Fate.SENT


async def test_a_server_that_is_away_is_left_alone() -> None:
    clock = ManualClock()
    mail = reminder_mail("smtp://127.0.0.1:9", clock)
    assert (await mail.send(to("lea"))).fate is Fate.LATER
    assert mail.waits
    clock.advance(ms=PAUSE_S * 1000)
    assert not mail.waits
