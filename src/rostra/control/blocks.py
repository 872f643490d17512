"""Who may not come to a stage: rows only. A guest is known by their browser and their invitation."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.core.errors import NotAllowed
from rostra.store.tables import BlockRow, SpaceRow


class Blocked(NotAllowed):
    """You are blocked from this stage. For guests that holds for this browser and the invitation."""

    code = "blocked"


async def find_block(
    session: AsyncSession, space: SpaceRow, *, person: str, account: str | None, browser: str = ""
) -> BlockRow | None:
    """The block that keeps somebody from the stage of ``space``; ``browser`` is a hash, or empty."""
    theirs = [BlockRow.person == person]
    if account is not None:
        theirs.append(BlockRow.account == account)
    if browser:
        theirs.append(and_(BlockRow.browser == browser, BlockRow.account.is_(None)))
    here = or_(BlockRow.space == space.id, and_(BlockRow.everywhere, BlockRow.host == space.host))
    return await session.scalar(select(BlockRow).where(here, or_(*theirs)).limit(1))


async def need_not_blocked(
    session: AsyncSession, space: SpaceRow, *, person: str, account: str | None, browser: str = ""
) -> None:
    """Raise Blocked when somebody is."""
    if await find_block(session, space, person=person, account=account, browser=browser) is not None:
        raise Blocked
