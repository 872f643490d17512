"""Reminders and who sends them, in virtual time: the database is real, the site around it is made up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import create_engine, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from harness.clock import ManualClock
from harness.push_service import Receiver
from rostra.bus.messages import Lifecycle, Remind, RemindBy, Reminding, SpaceState
from rostra.control.mail import Mailer
from rostra.control.push_sender import Fate, Outcome
from rostra.control.reminder_mail import ReminderMail
from rostra.control.reminder_policy import SPOTS
from rostra.control.reminder_questions import ReminderQuestions
from rostra.control.reminder_round import ReminderRound
from rostra.control.reminder_secrets import ReminderSecrets
from rostra.control.reminders import Reminders
from rostra.control.times import now_ms
from rostra.control.web_push import Subscription, Vapid
from rostra.core.ids import AccountId, SpaceId, draw
from rostra.core.settings import Settings
from rostra.store.database import Database, DatabaseUnavailable, database_path
from rostra.store.tables import AccountRow, ReminderRow, SpaceRow, Table

MINUTE_MS = 60_000
_SITE: Any = SimpleNamespace(state=SimpleNamespace(name="Casa Lola"))


class SmallDisk(Database):
    """A database whose disk is full while ``full``."""

    full = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        if self.full:
            raise DatabaseUnavailable
        async with super().session() as session:
            yield session


class Pushes:
    """A push service that takes everything, unless it is told what becomes of an endpoint's."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        """Who got which title, in order."""
        self.fates: dict[str, Outcome] = {}

    async def send(self, message: bytes, to: Subscription, **_: Any) -> Outcome:
        name = to.endpoint.rpartition("/")[2]
        outcome = self.fates.get(name, Outcome(Fate.SENT))
        if outcome.fate is Fate.SENT:
            self.shown.append((name, msgspec.json.decode(message)["title"]))
        return outcome

    async def close(self) -> None: ...


class ReminderDesk:
    """``async with reminder_desk(folder) as desk:``."""

    def __init__(self, data: Path, database: SmallDisk, *, mail_url: str, rate: int) -> None:
        self.clock = ManualClock()
        self.database = database
        self.states: dict[SpaceId, SpaceState] = {}
        self.pushes = Pushes()
        settings = Settings(
            data=data,
            smtp_url=mail_url,
            mail_from="site@example.org",
            push_hosts=["127.0.0.1"],
            reminder_rate=rate,
        )
        mailer, nobody, announcer = Mailer(settings), SimpleNamespace(), SimpleNamespace(states=self.states)
        secrets = ReminderSecrets("secret")
        self.mail = ReminderMail(mailer, _SITE, clock=self.clock)
        self.questions = ReminderQuestions(database, self.mail, secrets, _SITE, clock=self.clock)
        self.reminders = Reminders(
            database,
            nobody,
            mailer,
            secrets,
            self.questions,
            settings=settings,
            clock=self.clock,
            vapid=Vapid.of(data, contact="mailto:site@example.org"),
        )
        self.round = ReminderRound(
            database,
            announcer,
            self.reminders,
            secrets,
            _SITE,
            self.mail,
            self.pushes,
            settings=settings,
            clock=self.clock,
        )

    async def space(self, title: str, *, in_minutes: float = 60) -> SpaceId:
        """Announce a space that begins then."""
        space, starts_at = SpaceId(draw(10)), now_ms(self.clock) + round(in_minutes * MINUTE_MS)
        async with self.database.session() as session:
            session.add(
                SpaceRow(
                    id=space,
                    revision=1,
                    lifecycle="scheduled",
                    updated_at=0,
                    title=title,
                    description="",
                    host="ada",
                    starts_at=starts_at,
                    time_zone="UTC",
                    anchor_utc_ns=0,
                    renditions=[],
                    live_at=0,
                    ended_at=0,
                    ended_reason="",
                    created_at=0,
                )
            )
        self.states[space] = SpaceState(
            space=space,
            revision=1,
            lifecycle=Lifecycle.SCHEDULED,
            title=title,
            description="",
            host=AccountId("ada"),
            host_name="Ada",
            starts_at=starts_at,
            time_zone="UTC",
        )
        return space

    async def change(self, space: SpaceId, **changes: Any) -> None:
        """Have a space stand otherwise, in the database and in what is announced."""
        self.states[space] = msgspec.structs.replace(self.states[space], **changes)
        async with self.database.session() as session:
            await session.execute(update(SpaceRow).where(SpaceRow.id == space).values(changes))

    async def push(self, space: SpaceId, name: str, **more: Any) -> Reminding:
        """Ask, as the browser of that name does."""
        more |= Receiver().keys
        return await self.ask(space, RemindBy.PUSH, f"http://127.0.0.1:9/{name}", **more)

    async def ask(self, space: SpaceId, by: RemindBy, address: str, **more: Any) -> Reminding:
        """Ask, as the door does."""
        asked = Remind(
            space=space, by=by, address=address, language="en", door="http://127.0.0.1:8000", **more
        )
        return await self.reminders.take_in(asked)

    async def confirm_all(self) -> None:
        """Have every owner of a mail address say yes."""
        async with self.database.session() as session:
            await session.execute(update(ReminderRow).values(confirmed_at=now_ms(self.clock)))

    async def rows(self, space: SpaceId) -> list[ReminderRow]:
        """Who is to be told of a space."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(ReminderRow).where(ReminderRow.space == space)))

    async def spots(self, *names: str) -> None:
        """Have these be told in that order, as far apart as can be."""
        async with self.database.session() as session:
            for number, name in enumerate(names):
                of_name = ReminderRow.address.endswith(name)
                spot = number * SPOTS // len(names)
                await session.execute(update(ReminderRow).where(of_name).values(spot=spot))

    async def turns(self, count: int) -> None:
        """Let the round do its work for so many seconds."""
        for _ in range(count):
            await self.round.count()
            await self.round.turn()
            self.clock.advance(ms=1000)


@asynccontextmanager
async def reminder_desk(data: Path, *, mail_url: str = "", rate: int = 20) -> AsyncIterator[ReminderDesk]:
    """With a fresh database, in which Ada hosts."""
    database_path(data).write_bytes(_empty())
    async with SmallDisk(database_path(data)) as database:
        yield ReminderDesk(data, database, mail_url=mail_url, rate=rate)


@cache
def _empty() -> bytes:
    engine = create_engine("sqlite://")
    Table.metadata.create_all(engine)
    ada = {"id": "ada", "handle": "ada", "name": "Ada", "role": "member", "password_hash": "-"}
    with engine.begin() as connection:
        connection.execute(insert(AccountRow).values(**ada, created_at=0))
    with closing(engine.raw_connection()) as connection:
        made: bytes = connection.driver_connection.serialize()
    engine.dispose()
    return made
