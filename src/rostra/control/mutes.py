"""Who is muted on which stage, and whether a host did it. Rows only; never asks the stage.

Kept in the database, because the stage forgets everything when it dies: whoever comes back is as
muted as before. Whoever may mute others may undo any mute, everyone else only their own.
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
    """Whether somebody is muted, and if so, whether a host, a co-host or an operator did it."""

    muted: bool = False
    by_host: bool = False


HEARD = Muting()


async def muting_of(session: AsyncSession, space: SpaceId, speaker: SpeakerId | None) -> Muting:
    """How a speaker is to be on stage."""
    row = await session.get(MuteRow, (space, speaker)) if speaker is not None else None
    return Muting(True, row.by_host) if row is not None else HEARD


async def mute(session: AsyncSession, space: SpaceId, speaker: SpeakerId, *, own: bool, at: int) -> Muting:
    """Mute a speaker; a host's mute stays a host's. NotFound for somebody who was never on stage."""
    await _must_be_known(session, space, speaker)
    row = await session.get(MuteRow, (space, speaker))
    if row is None:
        row = MuteRow(space=space, speaker=speaker, by_host=not own, at=at)
        session.add(row)
    row.by_host = row.by_host or not own
    return Muting(True, row.by_host)


async def unmute(session: AsyncSession, space: SpaceId, speaker: SpeakerId, *, as_host: bool) -> Muting:
    """Let a speaker be heard again. MutedByHost when a host muted them and none undoes it."""
    await _must_be_known(session, space, speaker)
    row = await session.get(MuteRow, (space, speaker))
    if row is not None:
        if row.by_host and not as_host:
            raise MutedByHost
        await session.delete(row)
    return HEARD


async def _must_be_known(session: AsyncSession, space: SpaceId, speaker: SpeakerId) -> None:
    known = select(ConsentRow.id).where(ConsentRow.space == space, ConsentRow.speaker == speaker).limit(1)
    if await session.scalar(known) is None:
        raise NotFound("This person is not on stage.")
