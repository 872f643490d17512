"""Notices: one line to the audience, by whoever hosts or operates. Newest twenty are kept.

Announced like any other change of a space, so that pages, the status file and the tape tell them.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.allowance import Allowance
from rostra.bus.messages import Notice
from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.identity import Actor, Credential, standing
from rostra.control.notice_template import Template
from rostra.control.permits import Doing, require
from rostra.control.space_states import MAX_NOTICES
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, NotFound, TooManyRequests
from rostra.core.ids import SpaceId, draw
from rostra.store.database import Database
from rostra.store.tables import NoticeRow

LONGEST: Final = 280
LONGEST_LINK: Final = 500
_UNSAFE: Final = frozenset(" \\")
PER_AUTHOR: Final = Allowance(burst=6, refill_s=10)
"""Notices of one person in one space: six at once, six more in a minute."""


class Notices:
    """Writes and withdraws notices."""

    def __init__(self, database: Database, announcer: Announcer, desk: StageDesk, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._desk = desk
        self._clock = clock
        self._throttle = Throttle(clock=clock)

    async def post(
        self, actor: Actor, space: SpaceId, *, text: str, link: str, template: Template | None, language: str
    ) -> Notice:
        """Tell the audience ``text``, or what the template says where there is none."""
        text = text or (words.say(language, f"notice.{template}") if template is not None else "")
        if not text:
            raise BadRequest("The text is missing: what should the audience read?", field="text")
        if link:
            check_link(link)
        author, now = await self._author(actor, space), now_ms(self._clock)
        self._slow_down(actor, space)
        posted = NoticeRow(
            id=draw(8), space=space, text=text, link=link, author=author, account=actor.whose, at=now
        )
        async with self._database.session() as session:
            row = await find(session, space)
            session.add(posted)
            await session.flush()
            await _keep_newest(session, space)
            touch(row, at=now)
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="notice.post",
                space=space,
                notice=posted.id,
                text=text,
                link=link,
            )
        await self._announcer.announce(space)
        return Notice(notice=posted.id, text=text, at=now, author=author, link=link)

    async def withdraw(self, actor: Actor, space: SpaceId, notice: str) -> None:
        """Take a notice back; what the tape has told stays told."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.NOTIFY)
        if not await self.withdraw_by_site(actor, space, notice):
            raise NotFound("There is no such notice.")

    async def withdraw_by_site(self, actor: Actor, space: SpaceId, notice: str) -> bool:
        """Take a notice back over its host's head; False for one that is gone already.

        Whoever calls has checked that ``actor`` may, by :mod:`.permits`.
        """
        now = now_ms(self._clock)
        async with self._database.session() as session:
            posted = await session.get(NoticeRow, notice)
            if posted is None or posted.space != space:
                return False
            await session.delete(posted)
            touch(await find(session, space), at=now)
            audit.record(
                session, at=now, actor=actor.label, act="notice.withdraw", space=space, notice=notice
            )
        await self._announcer.announce(space)
        return True

    def _slow_down(self, actor: Actor, space: SpaceId) -> None:
        """Nobody pushes others' notices out by a flood of their own; the data folder's key is free to."""
        if actor.credential is Credential.LOCAL:
            return
        try:
            self._throttle.spend(f"{space} {actor.person}", PER_AUTHOR)
        except TooManyRequests as error:
            raise TooManyRequests("Too many notices in a minute. Please wait a moment.") from error

    async def _author(self, actor: Actor, space: SpaceId) -> str:
        """The name that a notice bears; NotAllowed for whoever may write none."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.NOTIFY)
        person = await self._desk.person(actor, space)
        return person.name or (await self._announcer.state(space)).host_name


async def _keep_newest(session: AsyncSession, space: SpaceId) -> None:
    kept = select(NoticeRow.id).where(NoticeRow.space == space)
    kept = kept.order_by(NoticeRow.at.desc(), NoticeRow.id).limit(MAX_NOTICES)
    await session.execute(delete(NoticeRow).where(NoticeRow.space == space, NoticeRow.id.not_in(kept)))


def check_link(link: str) -> None:
    """Raise BadRequest unless ``link`` is an http(s) address that a page may offer.

    It leads where it seems to: what stands before an ``@`` is no host, and browsers read a backslash as a
    slash (WHATWG URL).
    """
    try:
        parts = urlsplit(link)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fine = False
    if not fine or len(link) > LONGEST_LINK or not link.isprintable() or not _UNSAFE.isdisjoint(link):
        raise BadRequest(
            "The link must be a whole address that begins with https:// or http://.", field="link"
        )
