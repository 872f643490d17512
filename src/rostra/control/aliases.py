"""Everybody on one floor who is one and the same: by account, or by the browser they came with. Reads only.

Somebody may be there as several people: by account and by link, or as a guest in two tabs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control.floor import Place
from rostra.control.places import Target, places_of
from rostra.core.ids import SpeakerId
from rostra.store.tables import ConsentRow, RequestRow, SpaceRow, SpeakerLinkRow

_STRONGEST_FIRST: Final = tuple(Place)
_UNMOVED: Final = (Place.OPERATOR, Place.OWNER, Place.LISTENER)


@dataclass(frozen=True, slots=True)
class Someone:
    """Whom one means. ``person``: as consents name them; ``browsers``: the hashes of those they came with."""

    person: str
    account: str | None
    browsers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, target: Target) -> Someone:
        """Whom an act is done to, whatever browser they came with."""
        link = target.person.startswith("link:")
        return cls(
            target.person, target.account or (None if link else target.person.removeprefix("account:"))
        )


@dataclass(frozen=True, slots=True)
class Aliases:
    """As whom somebody is on a floor. ``speakers``: whom they were on stage, however often they came."""

    places: Mapping[str, Place]
    """By person."""
    speakers: frozenset[SpeakerId]

    @property
    def highest(self) -> Place:
        """The strongest of their places."""
        return min(self.places.values(), key=_STRONGEST_FIRST.index)

    @property
    def seated(self) -> tuple[str, ...]:
        """As whom they have a place that may be taken back; owners and operators keep theirs."""
        return tuple(person for person, place in self.places.items() if place not in _UNMOVED)


async def aliases_of(session: AsyncSession, row: SpaceRow, whom: Someone) -> Aliases:
    """As whom ``whom`` is on the floor of ``row``, come there yet or not; ``whom.person`` is among them."""
    people = {whom.person}
    if whom.account:
        people.add(f"account:{whom.account}")
    if whom.account or whom.browsers:
        consents = select(ConsentRow.person).where(ConsentRow.space == row.id, theirs(ConsentRow, whom))
        people.update(await session.scalars(consents))
        asked = select(RequestRow.request).where(RequestRow.space == row.id, theirs(RequestRow, whom))
        let: list[ColumnElement[bool]] = [SpeakerLinkRow.token_hash.in_(asked)]
        if whom.account:
            let.append(SpeakerLinkRow.account == whom.account)
        links = select(SpeakerLinkRow.id).where(SpeakerLinkRow.space == row.id, or_(*let))
        people.update(f"link:{link}" for link in await session.scalars(links))
    came = select(ConsentRow.speaker).where(ConsentRow.space == row.id, ConsentRow.person.in_(people))
    return Aliases(
        await places_of(session, row, people),
        frozenset(SpeakerId(speaker) for speaker in await session.scalars(came)),
    )


async def browsers_of(
    session: AsyncSession, row: SpaceRow, person: str, account: str | None = None
) -> frozenset[str]:
    """The browsers in which somebody accepted to be heard on the stage of ``row``, or asked for a link."""
    given = ConsentRow.person == person
    if account:
        given = or_(given, ConsentRow.account == account)
    accepted = select(ConsentRow.browser).where(ConsentRow.space == row.id, given)
    asked = (
        select(RequestRow.browser)
        .join(SpeakerLinkRow, SpeakerLinkRow.token_hash == RequestRow.request)
        .where(SpeakerLinkRow.space == row.id, SpeakerLinkRow.id == person.removeprefix("link:"))
    )
    return frozenset(filter(None, [*await session.scalars(accepted), *await session.scalars(asked)]))


def theirs(table: type[ConsentRow | RequestRow], whom: Someone) -> ColumnElement[bool]:
    """Rows of somebody whose account or browsers are known; another account in one of these is its own."""
    same: list[ColumnElement[bool]] = []
    if whom.account:
        same.append(table.account == whom.account)
    if whom.browsers:
        same.append(and_(table.browser.in_(whom.browsers), table.account.is_(None)))
    return or_(*same)
