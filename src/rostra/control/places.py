"""What somebody is on a space's floor: of whoever asks, and of whom they mean. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Role
from rostra.control.floor import Place
from rostra.control.identity import Actor, acts_as_host, standing
from rostra.control.permits import OPERATOR, Standing
from rostra.core.errors import NotFound
from rostra.core.ids import SpeakerId
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow, SpeakerLinkRow

_PLACES: Final[Mapping[Standing, Place]] = {
    Standing.OPERATOR: Place.OPERATOR,
    Standing.OWNER: Place.OWNER,
    Standing.HOST: Place.HOST,
    Standing.ACTING: Place.ACTING,
    Standing.COHOST: Place.COHOST,
    Standing.SPEAKER: Place.SPEAKER,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is, or was, on a stage."""

    speaker: SpeakerId
    person: str
    """As consents and seats name them."""
    place: Place
    name: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody above the speakers of a stage."""

    person: str
    place: Place
    name: str
    account: str | None


def role_on_stage(place: Place, seat: str | None) -> Role:
    """What somebody of that place is on the stage; ``seat`` is what they became there, if anything."""
    if place in (Place.OWNER, Place.OPERATOR) and seat in set(Role):
        return Role(seat)
    if place in (Place.OWNER, Place.HOST):
        return Role.HOST
    return Role.SPEAKER if place in (Place.SPEAKER, Place.LISTENER) else Role.COHOST


def place_of(actor: Actor, row: SpaceRow) -> Place:
    """What ``actor`` is on the floor of ``row``."""
    return _PLACES.get(standing(actor, row), Place.LISTENER)


def place_of_account(account: AccountRow, row: SpaceRow) -> Place:
    """What somebody is on the floor of ``row`` who came by no link."""
    if account.id == row.host:
        return Place.OWNER
    if account.role == OPERATOR:
        return Place.OPERATOR
    return Place(row.seats.get(f"account:{account.id}", Place.LISTENER))


async def target_of(session: AsyncSession, row: SpaceRow, speaker: SpeakerId) -> Target:
    """Whom a speaker's id means; NotFound for somebody who was never on this stage."""
    consent = await session.scalar(
        select(ConsentRow)
        .where(ConsentRow.space == row.id, ConsentRow.speaker == speaker)
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
    if consent is None:
        raise NotFound("This person is not on stage.")
    place = (await _cast(session, row, [consent]))[speaker]
    return Target(speaker, consent.person, place, consent.name, consent.account)


async def place_of_link(session: AsyncSession, row: SpaceRow, link: str) -> Place:
    """What whoever holds a link is by now, or will be once they come; NotFound. A captioner listens."""
    held = await session.get(SpeakerLinkRow, link)
    if held is None or held.space != row.id:
        raise NotFound("This conversation has no such link.")
    person = f"link:{link}"
    return (await places_of(session, row, {person}))[person]


async def cast_of(session: AsyncSession, row: SpaceRow) -> dict[SpeakerId, Place]:
    """What everybody is who ever accepted to be heard there."""
    consents = await session.scalars(
        select(ConsentRow).where(ConsentRow.space == row.id).order_by(ConsentRow.id)
    )
    return await _cast(session, row, list(consents))


async def leaders_of(session: AsyncSession, row: SpaceRow) -> list[Leader]:
    """Owner, hosts, co-hosts and operators of a stage, whether they have come yet or not."""
    owner = await session.get_one(AccountRow, row.host)
    found = [Leader(f"account:{owner.id}", Place.OWNER, owner.name, owner.id)]
    consents = await session.scalars(
        select(ConsentRow).where(ConsentRow.space == row.id).order_by(ConsentRow.id)
    )
    latest = {consent.person: consent for consent in consents}
    cast = await _cast(session, row, list(latest.values()))
    found += [
        Leader(person, cast[SpeakerId(each.speaker)], each.name, each.account)
        for person, each in latest.items()
    ]
    links = await session.scalars(
        select(SpeakerLinkRow).where(
            SpeakerLinkRow.space == row.id, SpeakerLinkRow.role.in_((Role.HOST, Role.COHOST))
        )
    )
    for link in links:
        person = f"link:{link.id}"
        if link.name and person not in latest:
            place = Place(row.seats.get(person, link.role))
            found.append(Leader(person, place, link.name, link.account))
    return [each for each in found if each.place not in (Place.SPEAKER, Place.LISTENER)]


async def places_of(session: AsyncSession, row: SpaceRow, people: Collection[str]) -> dict[str, Place]:
    """What each of ``people`` is, by the names that consents give them, whether they have come yet or not."""
    links = [person.removeprefix("link:") for person in people if person.startswith("link:")]
    accounts = [person.removeprefix("account:") for person in people if person.startswith("account:")]
    held = await session.scalars(
        select(SpeakerLinkRow).where(
            SpeakerLinkRow.id.in_(links),
            SpeakerLinkRow.space == row.id,
            SpeakerLinkRow.role != Role.CAPTIONER,
        )
    )
    roles = {f"link:{link.id}": link.role for link in held}
    operators = await session.scalars(
        select(AccountRow.id).where(AccountRow.id.in_(accounts), AccountRow.role == OPERATOR)
    )
    known = {f"account:{account}": Place.OPERATOR for account in operators}
    known[f"account:{row.host}"] = Place.OWNER
    return {person: _place(person, row, known, roles) for person in people}


async def _cast(session: AsyncSession, row: SpaceRow, consents: list[ConsentRow]) -> dict[SpeakerId, Place]:
    places = await places_of(session, row, {consent.person for consent in consents})
    return {SpeakerId(consent.speaker): places[consent.person] for consent in consents}


def _place(person: str, row: SpaceRow, known: Mapping[str, Place], roles: Mapping[str, str]) -> Place:
    if person in known:
        return known[person]
    if person == "local":
        return Place.OPERATOR
    became = row.seats.get(person) if not person.startswith("link:") or person in roles else None
    place = Place(became or roles.get(person, Place.LISTENER))
    return Place.ACTING if place is Place.COHOST and acts_as_host(person, row) else place
