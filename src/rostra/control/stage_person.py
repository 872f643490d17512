"""Somebody at the stage's door: their place, what they accepted, their name there. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import RecordingPolicy, Role, Speaker, Visibility
from rostra.control import consent, mutes
from rostra.control.aliases import browsers_of
from rostra.control.bearers import Bearer, need_own
from rostra.control.blocks import need_not_blocked
from rostra.control.consent import Terms
from rostra.control.floor import Place
from rostra.control.identity import Actor, Credential, standing
from rostra.control.mutes import Muting, muting_of
from rostra.control.names import clipped, need_distinct, normalised
from rostra.control.permits import Doing, Standing, require
from rostra.control.places import cast_of, leaders_of, place_of, role_on_stage
from rostra.control.seats import has_lapsed
from rostra.core.errors import NotAllowed
from rostra.core.ids import SpeakerId
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the stage's door. ``speaker`` is None until they accepted what is ``due``."""

    label: str
    standing: Standing
    place: Place
    role: Role
    name: str
    speaker: SpeakerId | None
    due: Terms
    known_as: SpeakerId | None = None
    """Theirs, however often they come and whatever they accepted."""
    muting: Muting = mutes.HEARD
    hold_ms: int = 0
    """Of the space's own music for an empty stage."""
    guest: bool = False
    """No account vouches for their name."""


class OffStage(NotAllowed):
    """You were taken off this stage. You may listen, and ask to speak again."""

    code = "off_stage"


class SeatLapsed(OffStage):
    """You did not come to the stage within two minutes, so your seat is free again. You may ask once more."""

    code = "seat_lapsed"


async def person_of(session: AsyncSession, actor: Actor, row: SpaceRow) -> Person:
    """Who ``actor`` is to the stage of ``row``; OffStage, SeatLapsed, Blocked, NotAllowed."""
    is_to_space, label, due = standing(actor, row), actor.person, terms_due(row)
    guest = actor.credential is Credential.LINK and actor.whose is None
    given: Sequence[ConsentRow] = (
        await session.scalars(
            select(ConsentRow)
            .where(ConsentRow.space == row.id, ConsentRow.person == label)
            .order_by(ConsentRow.id.desc())
        )
    ).all()
    if is_to_space not in (Standing.OWNER, Standing.OPERATOR):
        browsers = await browsers_of(session, row, label) if guest else frozenset()
        await need_not_blocked(session, row, person=label, account=actor.whose, browsers=browsers)
    if is_to_space is Standing.LISTENER:
        if actor.link is not None and await has_lapsed(session, actor.link.id):
            raise SeatLapsed
        raise OffStage
    require(is_to_space, Doing.SPEAK)
    name = clipped(given[0].name) if given else own_name(actor)
    known_as = SpeakerId(given[0].speaker) if given else None
    place = place_of(actor, row)
    return Person(
        label=label,
        standing=is_to_space,
        place=place,
        role=role_on_stage(place, row.seats.get(label)),
        name=name,
        speaker=known_as if known_as in covered(given, due) else None,
        due=due,
        known_as=known_as,
        muting=await muting_of(session, row, known_as),
        hold_ms=row.hold_ms,
        guest=guest,
    )


async def fitting_name(
    session: AsyncSession,
    actor: Actor,
    row: SpaceRow,
    person: Person,
    name: str,
    *,
    on_stage: Iterable[Speaker],
) -> str:
    """Return the name that somebody may bear beside those ``on_stage``; BadName, NameTaken.

    An account's own name, and what a host called the holder of a link, are held to the same. Nobody takes
    the name of the owner, a host or a co-host above them, or of a verified account; but owners and operators
    come as their account is called. The owner may come by a host's link under their own name.
    """
    is_own = clipped(name) == own_name(actor)
    name = normalised(clipped(name) if is_own else name)
    there = await bearers(session, row, person, on_stage)
    need_own(name, person.place, [*there, *await _leaders(session, actor, row, person)], own=is_own)
    if not (is_own and person.place in (Place.OWNER, Place.OPERATOR)):
        own = [actor.whose or ""]
        if person.place is Place.HOST:
            own.append(row.host)
        verified = select(AccountRow.name).where(
            AccountRow.verified_at.is_not(None), AccountRow.id.not_in(own)
        )
        need_distinct(name, await session.scalars(verified))
    return name


async def bearers(
    session: AsyncSession, row: SpaceRow, person: Person, on_stage: Iterable[Speaker]
) -> list[Bearer]:
    """Those ``on_stage`` beside ``person``, by name and place."""
    cast = await cast_of(session, row)
    return [
        Bearer(each.name, cast.get(each.speaker, Place(each.role)), each.speaker)
        for each in on_stage
        if each.speaker != person.known_as
    ]


async def _leaders(session: AsyncSession, actor: Actor, row: SpaceRow, person: Person) -> list[Bearer]:
    return [
        Bearer(each.name, each.place)
        for each in await leaders_of(session, row)
        if each.person != person.label
        and (each.account is None or each.account != actor.whose)
        and not (each.place is Place.OWNER and person.place is Place.HOST)
    ]


def terms_due(row: SpaceRow) -> Terms:
    """What everyone on this stage must accept."""
    return consent.due(Visibility(row.visibility), RecordingPolicy(row.recording_policy))


def covered(given: Iterable[ConsentRow], due: Terms) -> set[SpeakerId]:
    """Those among ``given`` who have accepted ``due``, or more."""
    read = ((row.speaker, consent.read(row.text_id)) for row in given)
    return {SpeakerId(speaker) for speaker, accepted in read if accepted and accepted[0].cover(due)}


def own_name(actor: Actor) -> str:
    """What ``actor`` is called who chose no name for this stage, clipped; empty where nobody knows."""
    if actor.link is not None:
        return clipped(actor.link.name)
    return clipped(actor.account.name) if actor.account is not None else ""
