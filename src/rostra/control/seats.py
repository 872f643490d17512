"""What people became on a stage, and whose links are given up for it: rows only, inside a transaction.

Both are bounded, and an evening may be long: who was made a listener first is forgotten first, together with
their link, which opens nothing any more. Never tells the stage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Asking, Role
from rostra.control.announcer import touch
from rostra.core.errors import Conflict
from rostra.core.ids import SpeakerId
from rostra.store.tables import ConsentRow, RequestRow, SoundCheckRow, SpaceRow, SpeakerLinkRow

MOST_SEATS: Final = 300
"""People of one space who became something else than they came as."""
MAX_LINKS: Final = 200
"""Links of one space."""
ON_THEIR_WAY_MS: Final = 120_000
"""So long a seat is kept for whoever was let speak: they accept being heard and choose a microphone."""
TOLD_MS: Final = 60_000
"""So long it is said that somebody did not come."""
CAME: Final = "came"
LAPSED: Final = "lapsed"
"""What an accepted request led to."""
LISTENER: Final = "listener"
"""What somebody becomes whose place is taken back."""


@dataclass(frozen=True, slots=True)
class LetSpeak:
    """Somebody who asked and was let speak."""

    link: str
    name: str
    guest: bool
    until: int
    """UTC milliseconds: so long their seat is kept."""
    speaker: SpeakerId | None
    """Whom they are on stage; None until they accepted being heard."""
    lapsed: bool = False
    """They did not come in time; ``until``: so long that is said."""


async def seat(session: AsyncSession, row: SpaceRow, person: str, role: str, *, at: int) -> None:
    """Make somebody something else from now on. Conflict when too many are; a place is always taken back."""
    touch(row, at=at)
    full = person not in row.seats and len(row.seats) >= MOST_SEATS
    if full:
        listeners = [other for other, held in row.seats.items() if held == LISTENER]
        if not listeners and role != LISTENER:
            raise Conflict("Too many people have changed their place in this conversation.")
        await forget(session, row, listeners[:1] or [person])
        if not listeners:
            return
    row.seats = {other: held for other, held in row.seats.items() if other != person} | {person: str(role)}


async def room_for_link(session: AsyncSession, row: SpaceRow, on_stage: Collection[SpeakerId]) -> None:
    """See that a space may have one link more. Conflict.

    Links go that open nothing any more; else the oldest of somebody who asked to speak, leads nothing, and is
    not ``on_stage`` now.
    """
    links = (
        await session.scalars(
            select(SpeakerLinkRow)
            .where(SpeakerLinkRow.space == row.id)
            .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
        )
    ).all()
    if len(links) < MAX_LINKS:
        return
    given_up = [link.id for link in links if row.seats.get(f"link:{link.id}") == LISTENER]
    free = given_up or await _asked_and_gone(session, row, links, on_stage)
    if not free:
        raise Conflict("This conversation has as many links as are allowed.")
    await forget(session, row, [f"link:{free[0]}"])


async def let_speak(session: AsyncSession, row: SpaceRow, *, at: int) -> list[LetSpeak]:
    """Whom a seat is kept for at ``at``, UTC milliseconds, or who is on it already; oldest first."""
    lately = RequestRow.state == Asking.ACCEPTED.value, RequestRow.decided_at > at - ON_THEIR_WAY_MS
    asked = await session.execute(
        select(SpeakerLinkRow, RequestRow.decided_at)
        .join(RequestRow, RequestRow.request == SpeakerLinkRow.token_hash)
        .where(SpeakerLinkRow.space == row.id, *lately)
        .order_by(RequestRow.decided_at)
    )
    found = [(f"link:{link.id}", link, decided_at) for link, decided_at in asked]
    people = [person for person, _, _ in found]
    consents = await session.execute(
        select(ConsentRow.person, ConsentRow.speaker).where(
            ConsentRow.space == row.id, ConsentRow.person.in_(people)
        )
    )
    speakers = {person: SpeakerId(speaker) for person, speaker in consents}
    return [
        LetSpeak(link.id, link.name, link.account is None, decided_at + ON_THEIR_WAY_MS, speakers.get(person))
        for person, link, decided_at in found
        if row.seats.get(person) != LISTENER
    ]


async def lapsed(session: AsyncSession, row: SpaceRow, *, at: int) -> list[LetSpeak]:
    """Who did not come while their seat was kept, a little before ``at``, UTC milliseconds; oldest first."""
    lately = RequestRow.led_to == LAPSED, RequestRow.decided_at > at - ON_THEIR_WAY_MS - TOLD_MS
    asked = await session.execute(
        select(SpeakerLinkRow, RequestRow.decided_at)
        .join(RequestRow, RequestRow.request == SpeakerLinkRow.token_hash)
        .where(SpeakerLinkRow.space == row.id, *lately)
        .order_by(RequestRow.decided_at)
    )
    return [
        LetSpeak(link.id, link.name, link.account is None, at + ON_THEIR_WAY_MS + TOLD_MS, None, lapsed=True)
        for link, at in asked
    ]


async def has_lapsed(session: AsyncSession, link: str) -> bool:
    """Whether whoever holds a link was let speak and did not come in time."""
    mine = SpeakerLinkRow.token_hash == RequestRow.request
    lapsed = select(RequestRow.request).join(SpeakerLinkRow, mine)
    return (
        await session.scalar(lapsed.where(SpeakerLinkRow.id == link, RequestRow.led_to == LAPSED)) is not None
    )


async def on_their_way(
    session: AsyncSession, row: SpaceRow, on_stage: Collection[SpeakerId], *, at: int
) -> int:
    """How many were let speak who are not ``on_stage`` yet, and not given up at ``at``, UTC milliseconds."""
    return sum(each.speaker not in on_stage for each in await let_speak(session, row, at=at))


async def forget(session: AsyncSession, row: SpaceRow, people: Collection[str]) -> None:
    """Forget what these became, and delete their links with what they found before the stage."""
    links = [person.removeprefix("link:") for person in people if person.startswith("link:")]
    await session.execute(
        delete(SpeakerLinkRow).where(SpeakerLinkRow.space == row.id, SpeakerLinkRow.id.in_(links))
    )
    checks = SoundCheckRow.space == row.id, SoundCheckRow.person.in_([f"link:{link}" for link in links])
    await session.execute(delete(SoundCheckRow).where(*checks))
    row.seats = {person: held for person, held in row.seats.items() if person not in people}


async def _asked_and_gone(
    session: AsyncSession, row: SpaceRow, links: Iterable[SpeakerLinkRow], on_stage: Collection[SpeakerId]
) -> list[str]:
    asked = set(
        await session.scalars(
            select(RequestRow.request).where(
                RequestRow.space == row.id, RequestRow.state == Asking.ACCEPTED.value
            )
        )
    )
    there = await _people(session, row, on_stage)
    lead = {person for person, role in row.seats.items() if role in (Role.HOST, Role.COHOST)}
    return [link.id for link in links if link.token_hash in asked and f"link:{link.id}" not in there | lead]


async def _people(session: AsyncSession, row: SpaceRow, speakers: Collection[SpeakerId]) -> set[str]:
    mine = select(ConsentRow.person).where(ConsentRow.space == row.id, ConsentRow.speaker.in_(speakers))
    return set(await session.scalars(mine))
