"""Who may not come to a stage: rows only, inside a transaction. Never tells the stage.

A guest is known by the browsers they came with and their invitation, somebody signed in by their account. The
browsers of a blocked account are kept too: signing out makes nobody somebody else.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Asking, Role
from rostra.control.aliases import Aliases, Someone, aliases_of, theirs
from rostra.control.announcer import touch
from rostra.control.epochs import end_passes
from rostra.control.floor import Place
from rostra.control.lifecycle import UNFINISHED
from rostra.control.seats import LISTENER, seat
from rostra.core.errors import BadRequest, NotAllowed
from rostra.core.ids import SpaceId, SpeakerId, draw
from rostra.store.tables import BlockRow, RequestRow, SpaceRow


class Blocked(NotAllowed):
    """You are blocked from this stage. For guests that holds for this browser and the invitation."""

    code = "blocked"


def need_browser(browser: str) -> None:
    """Raise BadRequest when a guest brings none."""
    if not browser:
        raise BadRequest("“browser” is missing: by what is a block to know this browser?")


async def find_block(
    session: AsyncSession,
    space: SpaceRow,
    *,
    person: str,
    account: str | None,
    browsers: Collection[str] = (),
) -> BlockRow | None:
    """The block that keeps somebody from the stage of ``space``; ``browsers`` are the hashes of a guest's."""
    known = [BlockRow.person == person]
    if account is not None:
        known.append(BlockRow.account == account)
    known += [BlockRow.browsers.contains(browser) for browser in browsers if browser]
    here = or_(BlockRow.space == space.id, and_(BlockRow.everywhere, BlockRow.host == space.host))
    return await session.scalar(select(BlockRow).where(here, or_(*known)).limit(1))


async def need_not_blocked(
    session: AsyncSession,
    space: SpaceRow,
    *,
    person: str,
    account: str | None,
    browsers: Collection[str] = (),
) -> None:
    """Raise Blocked when somebody is."""
    if await find_block(session, space, person=person, account=account, browsers=browsers) is not None:
        raise Blocked


async def add_block(
    session: AsyncSession,
    row: SpaceRow,
    whom: Someone,
    here: Aliases,
    *,
    name: str,
    by: str,
    everywhere: bool,
    at: int,
) -> tuple[BlockRow, set[SpaceId]]:
    """Block somebody: their seats are taken back, passes end, and that answers whatever they still ask.

    Return in which spaces they asked, too: this one, or any of the owner's where they are blocked
    ``everywhere``.
    """
    block = BlockRow(
        id=draw(10),
        space=row.id,
        host=row.host,
        everywhere=everywhere,
        person=whom.person,
        account=whom.account,
        browsers=" ".join(sorted(whom.browsers)),
        took={},
        name=name,
        by=by,
        at=at,
    )
    session.add(block)
    await _unseat(session, row, here, block, at=at)
    spaces = SpaceRow.host == row.host if everywhere else SpaceRow.id == row.id
    return block, await _answer(session, select(SpaceRow.id).where(spaces), whom, at=at)


async def lift(session: AsyncSession, block: BlockRow, *, at: int) -> set[SpaceId]:
    """Lift a block: the seats that it took are theirs again, a speaker's each; return on which stages.

    Not where something else keeps them off: another block, or a seat that was given up meanwhile.
    """
    await session.delete(block)
    await session.flush()
    changed: set[SpaceId] = set()
    stages = SpaceRow.id.in_(block.took), SpaceRow.lifecycle.in_(UNFINISHED)
    for row in (await session.scalars(select(SpaceRow).where(*stages))).all():
        for person in block.took[row.id]:
            if row.seats.get(person) != LISTENER:
                continue
            account, browsers = block.account, block.browsers.split()
            if await find_block(session, row, person=person, account=account, browsers=browsers) is None:
                await seat(session, row, person, Role.SPEAKER, at=at)
                changed.add(SpaceId(row.id))
    return changed


async def unseat_elsewhere(
    session: AsyncSession, here: SpaceRow, whom: Someone, block: BlockRow, *, at: int
) -> tuple[set[SpeakerId], list[SpaceId]]:
    """Take somebody's seats on the owner's other stages back; return whom they were there, and where.

    Whoever is the owner or an operator there too keeps it.
    """
    others = select(SpaceRow).where(
        SpaceRow.host == here.host, SpaceRow.id != here.id, SpaceRow.lifecycle.in_(UNFINISHED)
    )
    speakers: set[SpeakerId] = set()
    changed: list[SpaceId] = []
    for row in (await session.scalars(others)).all():
        there = await aliases_of(session, row, whom)
        if there.highest in (Place.OWNER, Place.OPERATOR):
            continue
        if there.speakers or there.highest is not Place.LISTENER:
            await _unseat(session, row, there, block, at=at)
            speakers |= there.speakers
            changed.append(SpaceId(row.id))
    return speakers, changed


async def _unseat(session: AsyncSession, row: SpaceRow, whom: Aliases, block: BlockRow, *, at: int) -> None:
    """Passes end for everybody, so they do only where somebody had a way in to lose."""
    if whom.highest is Place.LISTENER and not whom.speakers:
        return
    for person in whom.seated:
        await seat(session, row, person, LISTENER, at=at)
    block.took = {**block.took, row.id: list(whom.seated)}
    touch(row, at=at)
    end_passes(row)


async def _answer(session: AsyncSession, spaces: Select[str], whom: Someone, *, at: int) -> set[SpaceId]:
    """Answer whatever they still ask in ``spaces`` with the block; return where they did."""
    if not (whom.account or whom.browsers):
        return set()
    waits = RequestRow.space.in_(spaces), RequestRow.state == Asking.WAITING.value
    blocked = await session.scalars(
        update(RequestRow)
        .where(*waits, theirs(RequestRow, whom))
        .values(state=Asking.BLOCKED.value, decided_at=at)
        .returning(RequestRow.space)
        .execution_options(synchronize_session=False)
    )
    return {SpaceId(space) for space in blocked}
