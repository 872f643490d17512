"""The question to the owner of a mail address: it gets there, and few of them do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.post_office import PostOffice, post_office
from harness.reminder_desk import MINUTE_MS, ReminderDesk, reminder_desk
from rostra.bus.messages import Answered, AnswerReminder, RemindBy
from rostra.control.reminders import MOST_QUESTIONS
from rostra.core.errors import BadRequest, TooManyRequests
from rostra.store.database import DatabaseUnavailable

LEA = "lea@example.org"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.fixture
async def desk(tmp_path: Path, office: PostOffice) -> AsyncIterator[ReminderDesk]:
    async with reminder_desk(tmp_path, mail_url=office.url) as desk:
        yield desk


async def test_a_question_goes_out_once_the_mail_server_is_back_though_backstage_restarts(
    tmp_path: Path, desk: ReminderDesk, office: PostOffice
) -> None:
    space = await desk.space("The evening")
    office.will_not_take[LEA] = b"454 4.3.0 not just now"
    await desk.ask(space, RemindBy.MAIL, LEA)
    await desk.questions.turn()
    assert office.letters == []
    office.will_not_take.clear()
    restarted = ReminderDesk(tmp_path, desk.database, mail_url=office.url, rate=20)
    restarted.clock.advance(ms=3 * MINUTE_MS)
    await restarted.questions.turn()
    await restarted.questions.turn()
    assert [letter["To"] for letter in office.letters] == [LEA]


async def test_whoever_asks_once_more_is_asked_once_more_and_not_more_often_than_that_in_a_day(
    desk: ReminderDesk, office: PostOffice
) -> None:
    space = await desk.space("The evening", in_minutes=1_000)
    for _ in range(2):
        await desk.ask(space, RemindBy.MAIL, LEA)
        await desk.questions.turn()
    assert len(office.letters) == 1  # it is on its way
    for _ in range(2 * MOST_QUESTIONS):
        desk.clock.advance(ms=6 * MINUTE_MS)
        await desk.ask(space, RemindBy.MAIL, LEA)
        await desk.questions.turn()
    assert len(office.letters) == MOST_QUESTIONS
    with pytest.raises(TooManyRequests):
        await desk.ask(await desk.space("Another evening"), RemindBy.MAIL, LEA)


async def test_whoever_said_yes_is_asked_no_more(desk: ReminderDesk, office: PostOffice) -> None:
    space = await desk.space("The evening")
    await desk.ask(space, RemindBy.MAIL, LEA)
    await desk.questions.turn()
    token = office.letters[0].get_content().partition("/remind?t=")[2].split()[0]
    desk.clock.advance(ms=10 * MINUTE_MS)
    await desk.ask(space, RemindBy.MAIL, LEA)  # and then the first mail is found
    await desk.reminders.answer(AnswerReminder(answered=Answered.CONFIRM, token=token))
    desk.clock.advance(ms=10 * MINUTE_MS)
    await desk.ask(space, RemindBy.MAIL, LEA)
    await desk.questions.turn()
    assert len(office.letters) == 1


async def test_on_a_full_disk_nobody_is_asked_twice(desk: ReminderDesk, office: PostOffice) -> None:
    await desk.ask(await desk.space("The evening"), RemindBy.MAIL, LEA)
    desk.database.full = True
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await desk.questions.turn()
    desk.database.full = False
    await desk.questions.turn()
    await desk.questions.turn()
    assert len(office.letters) == 1


async def test_an_address_that_the_server_does_not_take_keeps_nobody_else_from_their_question(
    desk: ReminderDesk, office: PostOffice
) -> None:
    space = await desk.space("The evening")
    office.will_not_take["eve@example.org"] = b"550 5.7.1 not this one"
    for address in ("eve@example.org", LEA):
        await desk.ask(space, RemindBy.MAIL, address)
    await desk.questions.turn()
    assert [letter["To"] for letter in office.letters] == [LEA]


@pytest.mark.parametrize(
    "word", ["=?utf-8?q??=@b.c", "a@=?utf-8?q?=0d=0aBcc=3a_x=40y.z?=.c", "a@=?utf-8?q?b?=.c"]
)
async def test_an_encoded_word_is_no_address(desk: ReminderDesk, word: str) -> None:
    with pytest.raises(BadRequest):
        await desk.ask(await desk.space("The evening"), RemindBy.MAIL, word)


async def test_a_question_that_waited_for_the_mail_server_can_be_answered_for_a_day(
    desk: ReminderDesk, office: PostOffice
) -> None:
    space = await desk.space("The evening", in_minutes=6_000)
    office.will_not_take[LEA] = b"454 4.3.0 not just now"
    await desk.ask(space, RemindBy.MAIL, LEA)
    await desk.questions.turn()
    office.will_not_take.clear()
    desk.clock.advance(ms=23 * 60 * MINUTE_MS)
    await desk.questions.turn()
    token = office.letters[0].get_content().partition("/remind?t=")[2].split()[0]
    desk.clock.advance(ms=23 * 60 * MINUTE_MS)
    await desk.reminders.sweep(desk.states)
    await desk.reminders.answer(AnswerReminder(answered=Answered.CONFIRM, token=token))
    (row,) = await desk.rows(space)
    assert row.confirmed_at is not None


async def test_the_later_word_counts_on_whether_to_be_told_that_it_has_begun(desk: ReminderDesk) -> None:
    space = await desk.space("The evening")
    for begun in (False, True, False):
        await desk.push(space, "phone", begun=begun)
        (row,) = await desk.rows(space)
        assert (row.told_begun == 0) is begun
