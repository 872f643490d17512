"""Reminders: kept for whoever asks at the door, confirmed by who owns a mail address, forgotten at a word.

Nobody needs an account. Secrets are not stored: they are made of a reminder's id and a key in the data
folder. A mail address gets nothing but one question until its owner says yes. :mod:`.reminder_round` sends.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import structlog
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
from rostra.control import letters
from rostra.control.mail import Letter, Mailer
from rostra.control.reminder_policy import CONFIRM_MS, SPOTS, is_over
from rostra.control.site import Site
from rostra.control.spaces import find, title_for_anyone
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.control.web_push import Vapid, read_subscription, text
from rostra.core import moments, words
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, TooManyRequests, UnknownSpace
from rostra.core.ids import SpaceId, draw
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import ReminderRow, SpaceRow

log = structlog.get_logger()

MOST: Final = 200_000
MOST_OF_SPACE: Final = 100_000
MOST_QUESTIONS: Final = 3
"""Mails that ask one address for its yes, in a day."""
MOST_MAILS_WAITING: Final = 100
ALTOGETHER: Final = Allowance(burst=200, refill_s=0.02)
"""Taken in from all doors together."""
LONGEST_ADDRESS: Final = 254
_WAITS: Final = (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE, Lifecycle.ENDED, Lifecycle.HELD)
"""Of a space that stands there, something may still be told."""


class Reminders:
    """``await run()`` until cancelled, for the door to be answered."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        site: Site,
        mailer: Mailer,
        *,
        settings: Settings,
        clock: Clock,
        secret: str,
        vapid: Vapid | None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._site = site
        self._mailer = mailer
        self._hosts = tuple(settings.push_hosts)
        self._clock = clock
        self._secret = secret.encode()
        self._vapid = vapid
        self._throttle = Throttle(clock=clock)
        self._questions: asyncio.Queue[Letter] = asyncio.Queue(MOST_MAILS_WAITING)
        self.dropped = 0

    @property
    def means(self) -> ReminderMeans:
        """By what one can be reminded here."""
        key = text(self._vapid.public) if self._vapid is not None else ""
        return ReminderMeans(push_key=key, mail=self._mailer.enabled)

    async def run(self) -> None:
        """Answer the door, and ask owners of mail addresses, until cancelled."""
        self._bus.publish(REMINDER_MEANS, self.means, retain=True)
        async with (
            self._bus.serve(CONTROL_REMIND, Remind, self.take_in),
            self._bus.serve(CONTROL_ANSWER_REMINDER, AnswerReminder, self.answer),
        ):
            while True:
                await self._mailer.try_to_send(await self._questions.get(), sender=self._site.state.name)

    async def take_in(self, remind: Remind) -> Reminding:
        """Keep a reminder. BadRequest, UnknownSpace, TooManyRequests; Conflict where nothing is left."""
        self._throttle.spend("all", ALTOGETHER)
        self._check(remind)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            space = await find(session, remind.space)
            if space.hidden or space.hidden_reason:
                raise UnknownSpace
            if Lifecycle(space.lifecycle) not in _WAITS:
                raise Conflict("This conversation is over.")
            row = await self._kept(session, remind)
            asks = row is None and remind.by is RemindBy.MAIL
            if row is None:
                await _need_room(session, remind, now)
                row = _row(remind, space, now)
                session.add(row)
            elif row.confirmed_at is not None:
                row.language, row.p256dh, row.auth = _known(remind.language), remind.p256dh, remind.auth
            title, when = title_for_anyone(space), _when(space, row.language, now)
        if remind.by is RemindBy.PUSH:
            return Reminding(forget=self.token(row.id, Answered.FORGET))
        if asks:
            self._ask(row, title, when)
        return Reminding()

    async def answer(self, answer: AnswerReminder) -> ReminderAnswered:
        """Confirm or forget a reminder. NotFound for any other secret, and when it is over."""
        reminder = self._read(answer)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await session.get(ReminderRow, reminder)
            if row is None:
                raise NotFound("This reminder is forgotten.")
            space = await find(session, SpaceId(row.space))
            if answer.answered is Answered.FORGET:
                await session.delete(row)
            elif row.confirmed_at is None:
                if now >= row.created_at + CONFIRM_MS:
                    raise NotFound("This reminder is forgotten.")
                row.confirmed_at, row.told_start = now, space.starts_at
            return ReminderAnswered(space=SpaceId(space.id), title=title_for_anyone(space))

    def token(self, reminder: str, answered: Answered) -> str:
        """Return the secret with which its owner answers so."""
        proof = hmac.new(self._secret, f"{answered} {reminder}".encode(), sha256).digest()[:18]
        return f"{reminder}.{text(proof)}"

    def forget_url(self, row: ReminderRow) -> str:
        """The address that ends a reminder, by a press or in one step (RFC 8058)."""
        return f"{row.door}/forget?t={self.token(row.id, Answered.FORGET)}"

    async def sweep(self, states: Mapping[SpaceId, SpaceState]) -> None:
        """Delete what is over: long past, never confirmed."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            never = (ReminderRow.confirmed_at.is_(None), ReminderRow.created_at <= now - CONFIRM_MS)
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

    def _ask(self, row: ReminderRow, title: str, when: str) -> None:
        letter = letters.confirm_reminder(
            row.language,
            to=row.address,
            site=self._site.state.name,
            title=title,
            when=when,
            url=f"{row.door}/remind?t={self.token(row.id, Answered.CONFIRM)}",
            forget=self.forget_url(row),
        )
        try:
            self._questions.put_nowait(letter)
        except asyncio.QueueFull:
            self.dropped += 1
            log.warning("reminder_question_dropped", dropped=self.dropped)

    def _read(self, answer: AnswerReminder) -> str:
        reminder = answer.token.partition(".")[0]
        if not hmac.compare_digest(self.token(reminder, answer.answered).encode(), answer.token.encode()):
            raise NotFound("This reminder is forgotten.")
        return reminder

    @staticmethod
    async def _kept(session: AsyncSession, remind: Remind) -> ReminderRow | None:
        same = (ReminderRow.space == remind.space, ReminderRow.address_hash == hash_of(remind.address))
        found: ReminderRow | None = await session.scalar(select(ReminderRow).where(*same))
        return found


def is_mail_address(address: str) -> bool:
    """Whether something may be a mail address; only its owner's yes proves it."""
    name, at, host = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and not set(address) & set(' <>"(),:;[]\\')
    return (
        bool(at and name and "@" not in name)
        and plain
        and "." in host.strip(".")
        and len(address) <= LONGEST_ADDRESS
    )


def hash_of(address: str) -> str:
    """By what an address is found again; mail addresses that differ in case only are one."""
    return sha256(address.lower().encode() if "://" not in address else address.encode()).hexdigest()


def _known(language: str) -> str:
    return language if language in words.LANGUAGES else words.ENGLISH


def _when(space: SpaceRow, language: str, now: int) -> str:
    start = moments.local_text(space.starts_at, space.time_zone, now_ms=now, language=language)
    return f"{start} {moments.zone_text(space.starts_at, space.time_zone)}"


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
        spot=secrets.randbelow(SPOTS),
        told_start=space.starts_at,
        told_soon=0,
        told_begun=0 if remind.begun and space.lifecycle != Lifecycle.LIVE else 1,
        told_moved="",
        told_over=0,
        failures=0,
        not_before=0,
    )


async def _need_room(session: AsyncSession, remind: Remind, now: int) -> None:
    counted = select(func.count()).select_from(ReminderRow)
    if (await session.scalar(counted) or 0) >= MOST:
        raise TooManyRequests("This site keeps no more reminders.")
    if (await session.scalar(counted.where(ReminderRow.space == remind.space)) or 0) >= MOST_OF_SPACE:
        raise TooManyRequests("This site keeps no more reminders of this conversation.")
    asked = (ReminderRow.address_hash == hash_of(remind.address), ReminderRow.confirmed_at.is_(None))
    asked_today = counted.where(*asked, ReminderRow.created_at > now - CONFIRM_MS)
    if remind.by is RemindBy.MAIL and (await session.scalar(asked_today) or 0) >= MOST_QUESTIONS:
        raise TooManyRequests("This address was asked often enough today.")
