"""Sends what reminders promise, a few a second: looks what is due, hands it on.

Decides nothing: when and to whom is :mod:`.reminder_policy`. :mod:`.reminder_notes` writes down what became
of it. What was handed on and is not yet written when backstage dies is sent again, under the same topic, so
that it stands there once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import RemindBy, SpaceState
from rostra.control import letters
from rostra.control.announcer import Announcer
from rostra.control.push_sender import Fate, Outcome, PushSender
from rostra.control.reminder_mail import ReminderMail
from rostra.control.reminder_notes import ReminderNotes
from rostra.control.reminder_policy import (
    Occasion,
    Sending,
    reached_spot,
    seconds_good,
    sendings,
    spread_ms,
)
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
        self._database = database
        self._announcer = announcer
        self._reminders = reminders
        self._secrets = secrets
        self._site = site
        self._mail = mail
        self._sender = sender
        self._hosts = tuple(settings.push_hosts)
        self._rate = settings.reminder_rate
        self._clock = clock
        self._people: dict[SpaceId, int] = {}
        """By space: how many asked to be told."""
        self._begun: dict[tuple[SpaceId, Occasion, int | str], int] = {}
        """When a sending was first seen, of those whose beginning nothing else says."""
        self._budget = 0.0
        self._notes = ReminderNotes(database, clock=clock)

    async def run(self) -> None:
        """Turn and turn."""
        counted_s = swept_s = float("-inf")
        try:
            while True:
                present_s = self._clock.monotonic_ns() / 1e9
                if present_s - swept_s >= SWEEP_EVERY_S:
                    swept_s = present_s
                    with _logged():
                        await self._reminders.sweep(self._announcer.states)
                if present_s - counted_s >= COUNT_EVERY_S:
                    counted_s = present_s
                    with _logged():
                        await self.count()
                with _logged():
                    await self.turn()
                await asyncio.sleep(TURN_S)
        finally:
            if self._sender is not None:
                await self._sender.close()

    async def turn(self) -> None:
        """Send what is due, within the rate. What cannot be noted of one space keeps no other waiting."""
        self._budget = min(self._rate * TURN_S, self._budget + self._rate * TURN_S)
        with _logged():
            await self._notes.write()
        for space, people in list(self._people.items()):
            state = self._announcer.states.get(space)
            if state is not None:
                with _logged(space=space):
                    await self._of_space(state, spread_ms(people, rate=self._rate))

    async def _of_space(self, state: SpaceState, spread: int) -> None:
        now, keys = now_ms(self._clock), set()
        target = self._announcer.states.get(state.moved_to) if state.moved_to else None
        for sending in sendings(state, now, spread_ms=spread, target=target):
            key = (state.space, *sending.key)
            keys.add(key)
            begun = self._begun.setdefault(key, now) if sending.begins_ms is None else sending.begins_ms
            rows = await self._due(state.space, sending, reached_spot(begun, now, spread_ms=spread), now)
            if rows:
                await self._tell(state, sending, rows)
        for key in [key for key in self._begun if key[0] == state.space and key not in keys]:
            del self._begun[key]

    async def _due(self, space: SpaceId, sending: Sending, spot: int, now: int) -> list[ReminderRow]:
        most = min(int(self._budget), self._notes.room)
        if most < 1:
            return []
        query = (
            select(ReminderRow)
            .where(
                ReminderRow.space == space,
                ReminderRow.confirmed_at.is_not(None),
                ReminderRow.spot < spot,
                ReminderRow.not_before <= now,
                getattr(ReminderRow, sending.column) != sending.value,
            )
            .order_by(ReminderRow.not_before, ReminderRow.spot)
            .limit(most + len(self._notes.unwritten))
        )
        if self._sender is None:
            query = query.where(ReminderRow.by != RemindBy.PUSH.value)
        if self._mail.waits:
            query = query.where(ReminderRow.by != RemindBy.MAIL.value)
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        return [row for row in rows if row.id not in self._notes.unwritten][:most]

    async def _tell(self, state: SpaceState, sending: Sending, rows: list[ReminderRow]) -> None:
        self._budget -= len(rows)
        places = asyncio.Semaphore(AT_A_TIME)

        async def one(row: ReminderRow) -> tuple[ReminderRow, Outcome]:
            async with places:
                return row, await self._hand_on(state, sending, row)

        outcomes = await asyncio.gather(*map(one, rows))
        log.info("reminded", space=state.space, occasion=sending.occasion.value, people=len(rows))
        await self._notes.take(state, sending, outcomes)

    async def _hand_on(self, state: SpaceState, sending: Sending, row: ReminderRow) -> Outcome:
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
            return await self._mail.send(letter)
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

    async def count(self) -> None:
        """Learn of how many reminders there are, by space."""
        counted = select(ReminderRow.space, func.count()).where(ReminderRow.confirmed_at.is_not(None))
        async with self._database.reading() as session:
            rows = await session.execute(counted.group_by(ReminderRow.space))
            self._people = {SpaceId(space): people for space, people in rows}


@contextmanager
def _logged(**of: str) -> Iterator[None]:
    """What cannot be done now is said in the log, and done in a later turn."""
    try:
        yield
    except (RostraError, SQLAlchemyError) as error:
        log.warning("reminders_wait", reason=str(error), **of)
