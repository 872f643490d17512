"""By what one account is known in the tables: its label, the links it came by, its speakers, its reports.

What is exported and what is forgotten both begin here. Reads rows; never changes one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.store.tables import (
    AccountRow,
    BlockRow,
    ConsentRow,
    NoticeRow,
    ReportRow,
    SoundCheckRow,
    SpaceRow,
    SpeakerLinkRow,
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What leads to one account."""

    account: str
    links: tuple[str, ...]
    """Those to stages by which they came while signed in, and those they got by asking to speak."""
    speakers: frozenset[str]
    """What they were called on stages."""
    reports: tuple[str, ...]
    """About them: about what they said, wrote or host."""

    @property
    def label(self) -> str:
        """How the audit names them."""
        return f"account:{self.account}"

    @property
    def came_by(self) -> tuple[str, ...]:
        """How consents name whoever came by one of the links."""
        return tuple(f"link:{link}" for link in self.links)

    @property
    def people(self) -> tuple[str, ...]:
        """Every way in which consents and the audit name them."""
        return (self.label, *self.came_by)

    def of(self, table: type[ConsentRow | SoundCheckRow | BlockRow]) -> ColumnElement[bool]:
        """Their rows of a table that names people. Those of another account by the same link are not."""
        return or_(
            table.account == self.account,
            table.person == self.label,
            and_(table.person.in_(self.came_by), table.account.is_(None)),
        )


async def traces_of(session: AsyncSession, account: str) -> Traces:
    """Find everything that leads to an account."""
    came = ConsentRow.account == account, ConsentRow.person.startswith("link:")
    people = await session.scalars(select(ConsentRow.person).where(*came))
    given = await session.scalars(select(SpeakerLinkRow.id).where(SpeakerLinkRow.account == account))
    links = tuple(sorted({*(person.removeprefix("link:") for person in people), *given}))
    known = Traces(account, links, frozenset(), ())
    speakers = frozenset(await session.scalars(select(ConsentRow.speaker).where(known.of(ConsentRow))))
    about = or_(ReportRow.account == account, ReportRow.speaker.in_(speakers))
    reports = tuple(await session.scalars(select(ReportRow.id).where(about)))
    return Traces(account, links, speakers, reports)


def notices_of(row: AccountRow) -> ColumnElement[bool]:
    """The notices that they wrote. One beside which no account stands is theirs by name, where they host."""
    hosted = select(SpaceRow.id).where(SpaceRow.host == row.id)
    by_name = NoticeRow.account.is_(None), NoticeRow.author == row.name, NoticeRow.space.in_(hosted)
    return or_(NoticeRow.account == row.id, and_(*by_name))
