"""Who is muted on which stage, by themselves or by a host. Rows only; never asks the stage.

What a host did holds for every way in of the same account as a speaker, one not taken yet included.

Kept in the database, because the stage forgets everything when it dies: whoever comes back is as
muted as before. A page opens its microphone when it hears that nobody keeps it silent, so each side
takes back only what it did: no host opens a microphone that its speaker closed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control.aliases import Someone, aliases_of
from rostra.control.floor import Place
from rostra.control.places import target_of
from rostra.core.errors import NotAllowed, NotFound
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.tables import ConsentRow, MuteRow, SpaceRow


class MutedByHost(NotAllowed):
    """The host muted you. Only a host can let you be heard again."""

    code = "muted_by_host"


@dataclass(frozen=True, slots=True)
class Muting:
    """Who keeps somebody silent: they themselves, and a host, a co-host or an operator."""

    own: bool = False
    by_host: bool = False

    @property
    def muted(self) -> bool:
        return self.own or self.by_host


HEARD = Muting()


async def muting_of(session: AsyncSession, row: SpaceRow, speaker: SpeakerId | None) -> Muting:
    """How a speaker is to be on stage."""
    if speaker is None:
        return HEARD
    kept = await session.get(MuteRow, (row.id, speaker))
    by_host = (kept is not None and kept.by_host) or await _is_muted_elsewhere(session, row, speaker)
    return Muting(kept is not None and kept.own, by_host)


async def ways_of(session: AsyncSession, row: SpaceRow, speaker: SpeakerId) -> set[SpeakerId]:
    """Whom a speaker is or was on this stage by the accounts they came with, themselves among them."""
    query = select(ConsentRow.person, ConsentRow.account).distinct()
    came = await session.execute(query.where(ConsentRow.space == row.id, ConsentRow.speaker == speaker))
    ways = {speaker}
    for person, account in came.all():
        if account is not None or person.startswith("account:"):
            whom = Someone(person, account or person.removeprefix("account:"))
            ways |= (await aliases_of(session, row, whom)).speakers
    return ways


async def mute(session: AsyncSession, row: SpaceRow, speaker: SpeakerId, *, own: bool, at: int) -> None:
    """Mute a speaker, ``own``: as they wish themselves. NotFound for somebody who was never on stage."""
    await _must_be_known(session, SpaceId(row.id), speaker)
    kept = await session.get(MuteRow, (row.id, speaker))
    if kept is None:
        kept = MuteRow(space=row.id, speaker=speaker, own=False, by_host=False, at=at)
        session.add(kept)
    kept.own, kept.by_host = kept.own or own, kept.by_host or not own
    await session.flush()


async def unmute(
    session: AsyncSession, row: SpaceRow, speaker: SpeakerId, *, own: bool, as_host: bool
) -> None:
    """Take back what a speaker wished (``own``), what a host did (``as_host``), or both.

    What the other wishes holds. MutedByHost for a speaker whom a host muted and who is none.
    """
    await _must_be_known(session, SpaceId(row.id), speaker)
    by_host = (await muting_of(session, row, speaker)).by_host
    if by_host and not as_host:
        raise MutedByHost
    for way in await ways_of(session, row, speaker) if by_host else {speaker}:
        kept = await session.get(MuteRow, (row.id, way))
        if kept is None:
            continue
        kept.own, kept.by_host = kept.own and not (own and way == speaker), False
        if not kept.own:
            await session.delete(kept)
    await session.flush()


async def _is_muted_elsewhere(session: AsyncSession, row: SpaceRow, speaker: SpeakerId) -> bool:
    """Whether a host muted them as somebody else. Who is above the speakers would take it back themselves."""
    others = MuteRow.space == row.id, MuteRow.by_host, MuteRow.speaker != speaker
    muted = set(await session.scalars(select(MuteRow.speaker).where(*others)))
    if not muted or muted.isdisjoint(await ways_of(session, row, speaker)):
        return False
    return (await target_of(session, row, speaker)).place is Place.SPEAKER


async def _must_be_known(session: AsyncSession, space: SpaceId, speaker: SpeakerId) -> None:
    known = select(ConsentRow.id).where(ConsentRow.space == space, ConsentRow.speaker == speaker).limit(1)
    if await session.scalar(known) is None:
        raise NotFound("This person is not on stage.")
