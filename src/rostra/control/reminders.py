"""Reminders: kept for whoever asks at the door, confirmed by who owns a mail address, forgotten at a word.

Nobody needs an account. Secrets are not stored: they are made of a reminder's id and a key in the data
folder. A mail address gets nothing but questions, few of them, until its owner says yes:
:mod:`.reminder_questions` asks them, and :mod:`.reminder_round` sends the rest.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.allowance import Allowance
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_ANSWER_REMINDER,
    CONTROL_REMIND,
    REMINDER_MEANS,
    Answered,
    AnswerReminder,
    Lifecycle,
    Remind,
    RemindBy,
    ReminderAnswered,
    ReminderMeans,
    Reminding,
    SpaceState,
)
from rostra.control.mail import Mailer
from rostra.control.reminder_policy import CONFIRM_MS, MOST_FAILURES, SPOTS, WAITS, is_over
from rostra.control.reminder_questions import ReminderQuestions
from rostra.control.reminder_secrets import ReminderSecrets
from rostra.control.spaces import find, title_for_anyone
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.control.web_push import Vapid, read_subscription, text
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, TooManyRequests, UnknownSpace
from rostra.core.ids import SpaceId, draw
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import ReminderRow, SpaceRow

MOST: Final = 200_000
MOST_OF_SPACE: Final = 100_000
MOST_QUESTIONS: Final = 3
"""Mails that ask one address for its yes, in a day."""
ASK_AGAIN_MS: Final = 5 * 60_000
"""So long after a question whoever asks to be reminded once more is asked once more."""
ALTOGETHER: Final = Allowance(burst=200, refill_s=0.02)
"""Taken in from all doors together."""
LONGEST_ADDRESS: Final = 254


class Reminders:
    """``await run()`` until cancelled, for the door to be answered."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        mailer: Mailer,
        secrets: ReminderSecrets,
        questions: ReminderQuestions,
        *,
        settings: Settings,
        clock: Clock,
        vapid: Vapid | None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._mailer = mailer
        self._hosts = tuple(settings.push_hosts)
        self._clock = clock
        self._secrets = secrets
        self._questions = questions
        self._vapid = vapid
        self._throttle = Throttle(clock=clock)

    @property
    def means(self) -> ReminderMeans:
        """By what one can be reminded here."""
        key = text(self._vapid.public) if self._vapid is not None else ""
        return ReminderMeans(push_key=key, mail=self._mailer.enabled)

    async def run(self) -> None:
        """Answer the door until cancelled."""
        self._bus.publish(REMINDER_MEANS, self.means, retain=True)
        async with (
            self._bus.serve(CONTROL_REMIND, Remind, self.take_in),
            self._bus.serve(CONTROL_ANSWER_REMINDER, AnswerReminder, self.answer),
        ):
            await asyncio.Event().wait()

    async def take_in(self, remind: Remind) -> Reminding:
        """Keep a reminder. BadRequest, UnknownSpace, TooManyRequests; Conflict where nothing is left."""
        self._throttle.spend("all", ALTOGETHER)
        self._check(remind)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            space = await find(session, remind.space)
            if space.hidden or space.hidden_reason:
                raise UnknownSpace
            if Lifecycle(space.lifecycle) not in WAITS:
                raise Conflict("This conversation is over.")
            row = await self._kept(session, remind, now)
            if row is None:
                await _need_room(session, remind, now)
                row = _row(remind, space, now)
                session.add(row)
            else:
                await _renew(session, row, remind, space, now)
        if remind.by is RemindBy.PUSH:
            return Reminding(forget=self._secrets.token(row.id, Answered.FORGET))
        self._questions.hurry()
        return Reminding()

    async def answer(self, answer: AnswerReminder) -> ReminderAnswered:
        """Confirm or forget a reminder. NotFound for any other secret, and when it is over."""
        reminder = self._secrets.read(answer)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await session.get(ReminderRow, reminder)
            if row is None:
                raise NotFound("This reminder is forgotten.")
            space = await find(session, SpaceId(row.space))
            if answer.answered is Answered.FORGET:
                await session.delete(row)
            elif row.confirmed_at is None:
                if now >= _until(row):
                    raise NotFound("This reminder is forgotten.")
                row.confirmed_at, row.told_start = now, space.starts_at
                row.failures, row.not_before = 0, 0
            return ReminderAnswered(space=SpaceId(space.id), title=title_for_anyone(space))

    async def sweep(self, states: Mapping[SpaceId, SpaceState]) -> None:
        """Delete what is over: long past, never confirmed."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            asked_ms = func.coalesce(ReminderRow.asked_at, ReminderRow.created_at)
            never = (ReminderRow.confirmed_at.is_(None), asked_ms <= now - CONFIRM_MS)
            await session.execute(delete(ReminderRow).where(*never))
            newest = select(ReminderRow.space, func.max(ReminderRow.created_at)).group_by(ReminderRow.space)
            for space, created_ms in list(await session.execute(newest)):
                if is_over(states.get(SpaceId(space)), created_ms, now):
                    await session.execute(delete(ReminderRow).where(ReminderRow.space == space))

    def _check(self, remind: Remind) -> None:
        if remind.by is RemindBy.PUSH:
            if self._vapid is None:
                raise BadRequest("This site pushes no reminders.")
            read_subscription(remind.address, remind.p256dh, remind.auth, hosts=self._hosts)
        elif not self._mailer.enabled:
            raise BadRequest("This site mails no reminders.")
        elif not is_mail_address(remind.address):
            raise BadRequest("This is not a mail address.")

    @staticmethod
    async def _kept(session: AsyncSession, remind: Remind, now: int) -> ReminderRow | None:
        """A reminder that nobody said yes to in time is no more."""
        same = (ReminderRow.space == remind.space, ReminderRow.address_hash == hash_of(remind.address))
        found: ReminderRow | None = await session.scalar(select(ReminderRow).where(*same))
        if found is None or found.confirmed_at is not None or now < _until(found):
            return found
        await session.delete(found)
        await session.flush()
        return None


def is_mail_address(address: str) -> bool:
    """Whether something may be a mail address; only its owner's yes proves it.

    An encoded word (RFC 2047) is none: another address may come of it on the way, or nothing.
    """
    name, at, host = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and not set(address) & set(' <>"(),:;[]\\')
    return (
        bool(at and name and "@" not in name and "=?" not in address)
        and plain
        and "." in host.strip(".")
        and len(address) <= LONGEST_ADDRESS
    )


def hash_of(address: str) -> str:
    """By what an address is found again; mail addresses that differ in case only are one."""
    return sha256(address.lower().encode() if "://" not in address else address.encode()).hexdigest()


def _known(language: str) -> str:
    return language if language in words.LANGUAGES else words.ENGLISH


def _row(remind: Remind, space: SpaceRow, now: int) -> ReminderRow:
    return ReminderRow(
        id=draw(16),
        space=remind.space,
        by=remind.by.value,
        address=remind.address,
        address_hash=hash_of(remind.address),
        p256dh=remind.p256dh,
        auth=remind.auth,
        language=_known(remind.language),
        door=remind.door,
        created_at=now,
        confirmed_at=now if remind.by is RemindBy.PUSH else None,
        asked_at=now if remind.by is RemindBy.PUSH else None,
        asked=0 if remind.by is RemindBy.PUSH else 1,
        spot=secrets.randbelow(SPOTS),
        told_start=space.starts_at,
        told_soon=space.starts_at if space.lifecycle == Lifecycle.LIVE else 0,
        told_begun=_told_begun(remind, space),
        told_moved="",
        told_over=0,
        failures=0,
        not_before=0,
    )


async def _renew(session: AsyncSession, row: ReminderRow, remind: Remind, space: SpaceRow, now: int) -> None:
    """Take the later word of who asked before. Whoever has not said yes is asked again, after a while."""
    row.language, row.p256dh, row.auth = _known(remind.language), remind.p256dh, remind.auth
    row.told_begun = _told_begun(remind, space)
    waits = row.asked_at is None and row.failures < MOST_FAILURES
    if row.confirmed_at is not None or waits or now < (row.asked_at or 0) + ASK_AGAIN_MS:
        return
    if await _asked_today(session, row.address_hash, now) < MOST_QUESTIONS:
        row.asked_at, row.asked, row.failures, row.not_before = None, row.asked + 1, 0, 0
        row.created_at = now


def _until(row: ReminderRow) -> int:
    """When it is forgotten without a yes: a day after the question, which may have waited for a server."""
    return (row.asked_at or row.created_at) + CONFIRM_MS


def _told_begun(remind: Remind, space: SpaceRow) -> int:
    return 0 if remind.begun and space.lifecycle != Lifecycle.LIVE else 1


async def _need_room(session: AsyncSession, remind: Remind, now: int) -> None:
    counted = select(func.count()).select_from(ReminderRow)
    if (await session.scalar(counted) or 0) >= MOST:
        raise TooManyRequests("This site keeps no more reminders.")
    if (await session.scalar(counted.where(ReminderRow.space == remind.space)) or 0) >= MOST_OF_SPACE:
        raise TooManyRequests("This site keeps no more reminders of this conversation.")
    if remind.by is RemindBy.PUSH:
        return
    if await _asked_today(session, hash_of(remind.address), now) >= MOST_QUESTIONS:
        raise TooManyRequests("This address was asked often enough today.")


async def _asked_today(session: AsyncSession, address_hash: str, now: int) -> int:
    """How many questions an address got in a day to which there was no yes, or will get."""
    unanswered = (ReminderRow.address_hash == address_hash, ReminderRow.confirmed_at.is_(None))
    asked = select(func.sum(ReminderRow.asked)).where(*unanswered, ReminderRow.created_at > now - CONFIRM_MS)
    return await session.scalar(asked) or 0
