"""Who is muted on which stage, by themselves or by a host. Rows only; never asks the stage.

Kept in the database, because the stage forgets everything when it dies: whoever comes back is as
muted as before. A page opens its microphone when it hears that nobody keeps it silent, so each side
takes back only what it did: no host opens a microphone that its speaker closed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.core.errors import NotAllowed, NotFound
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.tables import ConsentRow, MuteRow


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


async def muting_of(session: AsyncSession, space: SpaceId, speaker: SpeakerId | None) -> Muting:
    """How a speaker is to be on stage."""
    row = await session.get(MuteRow, (space, speaker)) if speaker is not None else None
    return Muting(row.own, row.by_host) if row is not None else HEARD


async def mute(session: AsyncSession, space: SpaceId, speaker: SpeakerId, *, own: bool, at: int) -> Muting:
    """Mute a speaker, ``own``: as they wish themselves. NotFound for somebody who was never on stage."""
    await _must_be_known(session, space, speaker)
    row = await session.get(MuteRow, (space, speaker))
    if row is None:
        row = MuteRow(space=space, speaker=speaker, own=False, by_host=False, at=at)
        session.add(row)
    row.own, row.by_host = row.own or own, row.by_host or not own
    return Muting(row.own, row.by_host)


async def unmute(
    session: AsyncSession, space: SpaceId, speaker: SpeakerId, *, own: bool, as_host: bool
) -> Muting:
    """Take back what a speaker wished (``own``), what a host did (``as_host``), or both.

    What the other wishes holds. MutedByHost for a speaker whom a host muted and who is none.
    """
    await _must_be_known(session, space, speaker)
    row = await session.get(MuteRow, (space, speaker))
    if row is None:
        return HEARD
    if row.by_host and not as_host:
        raise MutedByHost
    row.own, row.by_host = row.own and not own, False
    if not row.own:
        await session.delete(row)
    return Muting(row.own)


async def _must_be_known(session: AsyncSession, space: SpaceId, speaker: SpeakerId) -> None:
    known = select(ConsentRow.id).where(ConsentRow.space == space, ConsentRow.speaker == speaker).limit(1)
    if await session.scalar(known) is None:
        raise NotFound("This person is not on stage.")
