"""Sends what reminders promise, a few a second: looks what is due, hands it on.

Decides nothing: when and to whom is :mod:`.reminder_policy`. :mod:`.reminder_notes` writes down what became
of it. What was handed on and is not yet written when backstage dies is sent again: a push under the same
topic, so that it stands there once; a mail comes twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import RemindBy, SpaceState
from rostra.control import letters
from rostra.control.announcer import Announcer
from rostra.control.mail import MailLine
from rostra.control.push_sender import Fate, Outcome, PushSender
from rostra.control.reminder_due import DueReminders
from rostra.control.reminder_mail import ReminderMail
from rostra.control.reminder_notes import ReminderNotes
from rostra.control.reminder_policy import Occasion, Sending, portions, seconds_good
from rostra.control.reminder_secrets import ReminderSecrets
from rostra.control.reminder_words import told
from rostra.control.reminders import Reminders
from rostra.control.site import Site
from rostra.control.times import now_ms
from rostra.control.web_push import read_subscription
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, RostraError
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import ReminderRow

log = structlog.get_logger()

TURN_S: Final = 1.0
LONGEST_TURN_S: Final = 2.0
"""What more time than that would have allowed for is not caught up with."""
COUNT_EVERY_S: Final = 5.0
SWEEP_EVERY_S: Final = 3_600.0
AT_A_TIME: Final = 8


class Message(msgspec.Struct, frozen=True):
    """What a browser gets; ``gateway/push_worker.js`` shows it."""

    title: str
    body: str
    url: str
    tag: str
    lang: str
    dir: str


class ReminderRound:
    """``await run()`` until cancelled."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        reminders: Reminders,
        secrets: ReminderSecrets,
        site: Site,
        mail: ReminderMail,
        sender: PushSender | None,
        *,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._announcer = announcer
        self._reminders = reminders
        self._secrets = secrets
        self._site = site
        self._mail = mail
        self._sender = sender
        self._hosts = tuple(settings.push_hosts)
        self._rate = settings.reminder_rate
        self._clock = clock
        self._due = DueReminders(database, announcer, rate=settings.reminder_rate, clock=clock)
        self._budget = 0.0
        self._earned_s = self._monotonic_s() - TURN_S
        self._notes = ReminderNotes(database, clock=clock)

    async def run(self) -> None:
        """Turn and turn, one a second unless the servers take longer."""
        counted_s = swept_s = float("-inf")
        try:
            while True:
                began_s = self._monotonic_s()
                if began_s - swept_s >= SWEEP_EVERY_S:
                    swept_s = began_s
                    with _logged():
                        await self._reminders.sweep(self._announcer.states)
                if began_s - counted_s >= COUNT_EVERY_S:
                    counted_s = began_s
                    with _logged():
                        await self.count()
                with _logged():
                    await self.turn()
                await asyncio.sleep(max(0.0, TURN_S - (self._monotonic_s() - began_s)))
        finally:
            if self._sender is not None:
                await self._sender.close()

    async def count(self) -> None:
        """Learn of how many reminders there are, by space."""
        await self._due.count()

    async def turn(self) -> None:
        """Send what is due, within the rate. What cannot be noted of one space keeps no other waiting."""
        self._earn()
        with _logged():
            await self._notes.write()
        most = min(int(self._budget), self._notes.room)
        due = await self._due.look(most, by=self._means(), but=self._notes.unwritten)
        parts = portions([(each.sending, len(each.rows)) for each in due], most)
        async with self._mail.line() as line:
            for each, part in zip(due, parts, strict=True):
                if part:
                    with _logged(space=each.state.space):
                        await self._tell(each.state, each.sending, each.rows[:part], line)

    def _earn(self) -> None:
        """Time that has passed allows for more; a long time not for much more at once."""
        present_s = self._monotonic_s()
        passed_s = min(present_s - self._earned_s, LONGEST_TURN_S)
        self._budget = min(self._budget + self._rate * passed_s, self._rate * max(TURN_S, passed_s))
        self._earned_s = present_s

    def _means(self) -> list[RemindBy]:
        mails = [] if self._mail.waits else [RemindBy.MAIL]
        return mails if self._sender is None else [*mails, RemindBy.PUSH]

    def _monotonic_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9

    async def _tell(
        self, state: SpaceState, sending: Sending, rows: list[ReminderRow], line: MailLine | None
    ) -> None:
        self._budget -= len(rows)
        places = asyncio.Semaphore(AT_A_TIME)

        async def one(row: ReminderRow) -> tuple[ReminderRow, Outcome]:
            async with places:
                return row, await self._hand_on(state, sending, row, line)

        outcomes = await asyncio.gather(*map(one, rows))
        log.info("reminded", space=state.space, occasion=sending.occasion.value, people=len(rows))
        await self._notes.take(state, sending, outcomes)

    async def _hand_on(
        self, state: SpaceState, sending: Sending, row: ReminderRow, line: MailLine | None
    ) -> Outcome:
        target = self._announcer.states.get(SpaceId(str(sending.value)))
        subject, body = told(row.language, state, sending, target, now_ms=now_ms(self._clock))
        page = f"/s/{sending.value if sending.occasion is Occasion.MOVED else state.space}"
        if row.by == RemindBy.MAIL:
            letter = letters.reminder(
                row.language,
                to=row.address,
                site=self._site.state.name,
                subject=subject,
                said=body,
                url=row.door + page,
                forget=self._secrets.forget_url(row),
            )
            return await self._mail.send(letter, line)
        if self._sender is None:
            return Outcome(Fate.LATER)
        message = Message(subject, body, page, state.space, row.language, words.direction(row.language))
        try:
            to = read_subscription(row.address, row.p256dh, row.auth, hosts=self._hosts)
        except BadRequest:
            return Outcome(Fate.GONE)
        return await self._sender.send(
            msgspec.json.encode(message),
            to,
            ttl_s=seconds_good(sending, state, now_ms(self._clock)),
            topic=state.space,
            urgent=sending.occasion in (Occasion.SOON, Occasion.BEGUN, Occasion.RESCHEDULED),
        )


@contextmanager
def _logged(**of: str) -> Iterator[None]:
    """What cannot be done now is said in the log, and done in a later turn."""
    try:
        yield
    except (RostraError, SQLAlchemyError) as error:
        log.warning("reminders_wait", reason=str(error), **of)
