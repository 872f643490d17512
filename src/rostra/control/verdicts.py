"""What comes of a report: dismissed, or what was said removed, its author suspended, the space hidden.

Which verdicts there can be is a table; who may give them is in :mod:`.permits`. The act itself is done
by whoever owns it, with its own line in the record; then the report is closed, once. Until it is, nobody else
decides on it; where the act fails, or backstage does not outlive it, it is open still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Subject
from rostra.control import audit
from rostra.control.floor_desk import FloorDesk
from rostra.control.hiding import Hiding
from rostra.control.identity import Actor
from rostra.control.lifecycle import UNFINISHED
from rostra.control.notices import Notices
from rostra.control.permits import MEMBER, Ruling
from rostra.control.reports import OPEN, find_report
from rostra.control.spaces import find
from rostra.control.suspension import Suspensions
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ReportRow


class Verdict(StrEnum):
    """What is done about a report; the value is also the state that the report is then in."""

    DISMISSED = "dismissed"
    REMOVED = "removed"
    """The notice is withdrawn, or the speaker has no seat on the stage any more, while there is a stage."""
    SUSPENDED = "suspended"
    HIDDEN = "hidden"


VERDICTS: Final[Mapping[Subject, frozenset[Verdict]]] = {
    Subject.SPACE: frozenset({Verdict.DISMISSED, Verdict.SUSPENDED, Verdict.HIDDEN}),
    Subject.RECORDING: frozenset({Verdict.DISMISSED, Verdict.SUSPENDED, Verdict.HIDDEN}),
    Subject.SPEAKER: frozenset(Verdict),
    Subject.NOTICE: frozenset(Verdict),
}
RULING: Final[Mapping[Verdict, Ruling]] = {
    Verdict.DISMISSED: Ruling.REPORTS,
    Verdict.REMOVED: Ruling.REMOVE,
    Verdict.SUSPENDED: Ruling.SUSPEND,
    Verdict.HIDDEN: Ruling.HIDE,
}


def possible(
    actor: Actor, report: ReportRow, *, author: str | None, host: str, space: Lifecycle
) -> frozenset[Verdict]:
    """The verdicts that ``actor`` can give on an open report, while its space is in the state ``space``.

    ``author`` is the role of the account whose it is, if it is anybody's; ``host`` that of the host.
    """
    if report.state != OPEN:
        return frozenset()
    over = {Verdict.SUSPENDED: author, Verdict.HIDDEN: host, Verdict.REMOVED: author or MEMBER}
    mine = actor.account is not None and report.account == actor.account.id
    return frozenset(
        verdict
        for verdict in VERDICTS[Subject(report.subject)]
        if (role := over.get(verdict, MEMBER)) is not None
        and not _has_left(report, verdict, space)
        and actor.may(RULING[verdict], role)
        and not (mine and verdict is Verdict.SUSPENDED)
    )


def _has_left(report: ReportRow, verdict: Verdict, space: Lifecycle) -> bool:
    """Whether there is no stage any more from which a speaker could be removed."""
    return verdict is Verdict.REMOVED and report.subject == Subject.SPEAKER and space not in UNFINISHED


class Verdicts:
    """Decides on reports."""

    def __init__(
        self,
        database: Database,
        notices: Notices,
        floor: FloorDesk,
        suspensions: Suspensions,
        hiding: Hiding,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._notices = notices
        self._floor = floor
        self._suspensions = suspensions
        self._hiding = hiding
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def give(self, actor: Actor, report: str, verdict: Verdict, note: str) -> ReportRow:
        """Do what the verdict says and close the report; ``note`` is told to its author.

        NotAllowed, NotFound; Conflict for a report that was handled, or a verdict that does not fit it. While
        another is given on the same report, this one waits for what comes of it.
        """
        actor.need(Ruling.REPORTS)
        async with self._locks.setdefault(report, asyncio.Lock()):
            async with self._database.reading() as session:
                row = await find_report(session, report)
                author, host = await roles(session, row)
                space = Lifecycle((await find(session, SpaceId(row.space))).lifecycle)
            _need(actor, row, verdict, author=author, host=host.role, space=space)
            await self._act(actor, row, verdict, author, note)
            return await self._close(actor, report, verdict, note)

    async def _act(
        self, actor: Actor, row: ReportRow, verdict: Verdict, author: AccountRow | None, note: str
    ) -> None:
        match verdict:
            case Verdict.REMOVED if row.subject == Subject.NOTICE:
                await self._notices.withdraw_by_site(actor, SpaceId(row.space), row.notice)
            case Verdict.REMOVED:
                await self._floor.remove_by_site(actor, SpaceId(row.space), SpeakerId(row.speaker))
            case Verdict.SUSPENDED if author is not None:
                await self._suspensions.suspend(actor, author.handle, note)
            case Verdict.HIDDEN:
                await self._hiding.hide(actor, SpaceId(row.space), note)

    async def _close(self, actor: Actor, report: str, verdict: Verdict, note: str) -> ReportRow:
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find_report(session, report)
            row.state, row.note, row.handled_at, row.handled_by = verdict.value, note, now, actor.label
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act=f"report.{verdict.value}",
                space=SpaceId(row.space),
                report=row.id,
                subject=row.subject,
                about=row.about,
                note=note,
                **({"speaker": row.speaker} if row.speaker else {}),
            )
        return row


async def roles(session: AsyncSession, row: ReportRow) -> tuple[AccountRow | None, AccountRow]:
    """Whose it is, if an account's that is still there, and who hosts the space."""
    space = await find(session, SpaceId(row.space))
    host = await session.get_one(AccountRow, space.host)
    author = await session.get(AccountRow, row.account) if row.account else None
    return (author if author is not None and author.deleted_at is None else None), host


def _need(
    actor: Actor,
    row: ReportRow,
    verdict: Verdict,
    *,
    author: AccountRow | None,
    host: str,
    space: Lifecycle,
) -> None:
    if row.state != OPEN:
        raise Conflict("Somebody has handled this report already.", state=row.state)
    if verdict not in VERDICTS[Subject(row.subject)]:
        raise Conflict("There is nothing to remove here. Hide the conversation instead.")
    if _has_left(row, verdict, space):
        raise Conflict(
            "This conversation is over: nobody is on its stage any more. Hide it, and its recording with it."
        )
    if verdict is Verdict.SUSPENDED and author is None:
        raise Conflict("No account is behind this: whoever it was came by a link, or has left.")
    over = {Verdict.SUSPENDED: author, Verdict.REMOVED: author}.get(verdict)
    role = host if verdict is Verdict.HIDDEN else over.role if over is not None else MEMBER
    actor.need(RULING[verdict], role)
