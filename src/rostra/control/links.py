"""Links to a stage: made for one person each, listed, taken back.

A link that is taken back opens nothing from that moment on, and whoever is on stage by it is hung
up on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Off, Role
from rostra.control import lifecycle
from rostra.control.aliases import Someone, aliases_of
from rostra.control.announcer import Announcer, touch
from rostra.control.epochs import end_passes
from rostra.control.floor import Act, require
from rostra.control.guard import Guard
from rostra.control.identity import Actor
from rostra.control.keys import draw_token, token_hash
from rostra.control.names import normalised
from rostra.control.recorded_names import REQUEST_LETTERS
from rostra.control.seats import LISTENER, forget, room_for_link, seat
from rostra.control.stage_desk import StageDesk
from rostra.core.errors import Conflict, StageUnavailable
from rostra.core.ids import SpaceId, SpeakerId, draw
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, RequestRow, SpaceRow, SpeakerLinkRow

INVITING: Final[Mapping[Role, Act]] = {
    Role.HOST: Act.INVITE_HOST,
    Role.COHOST: Act.INVITE_COHOST,
    Role.SPEAKER: Act.INVITE,
    Role.CAPTIONER: Act.INVITE,
}
"""What making a link for a role is on the floor."""


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link without its secret. ``used``: its holder has accepted to be heard, as ``used_by``."""

    id: str
    role: Role
    name: str
    created_at: int
    used: bool
    used_by: str


class Links:
    """The links of spaces. At most ``most_cohosts`` of one space are a co-host's."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        desk: StageDesk,
        guard: Guard,
        *,
        most_cohosts: int,
    ) -> None:
        self._database = database
        self._guard = guard
        self._most_cohosts = most_cohosts
        self._announcer = announcer
        self._desk = desk

    async def create(self, actor: Actor, space: SpaceId, role: Role, name: str) -> tuple[str, str]:
        """Make a link that brings one person to the stage; return its id and, once only, its token.

        FloorRefused, BadName; Conflict when there are as many links, or co-hosts, as there may be.
        """
        token, name = draw_token(), normalised(name) if name else ""
        async with self._guard.acting(actor, space, INVITING[role]) as scene:
            scene.act = "link.create"
            lifecycle.on_stage_possible(Lifecycle(scene.row.lifecycle))
            if role is Role.COHOST:
                await need_room_for_cohost(scene.session, scene.row, most=self._most_cohosts)
            link = await add_link(
                scene.session,
                scene.row,
                role,
                name,
                secret_hash=token_hash(token),
                by=actor.maker,
                at=scene.at,
                on_stage=self._desk.present(space),
            )
            scene.detail |= {"link": link.id, "role": role.value, "name": name}
        await self._announcer.announce(space)
        return link.id, token

    async def held(self, actor: Actor, space: SpaceId) -> list[HeldLink]:
        """The links of a space, oldest first, for whoever may see its floor."""
        await self._guard.permit(actor, space, Act.SEE_FLOOR)
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(SpeakerLinkRow)
                .where(SpeakerLinkRow.space == space)
                .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
            )
            given = select(ConsentRow.person, ConsentRow.name).where(ConsentRow.space == space)
            said = await session.execute(given.order_by(ConsentRow.id))
            names = dict(said.all())
            return [_held(row, names.get(f"link:{row.id}")) for row in rows]

    async def take_back(self, actor: Actor, space: SpaceId, link: str) -> None:
        """Make a link worthless, and hang up on whoever is on stage by it. FloorRefused, NotFound.

        What counts is what its holder is now, not what it was made for. Whoever asked for it signed in goes
        as everybody they are by the same account.
        """
        async with self._guard.acting(actor, space, Act.TAKE_LINK_BACK, link=link) as scene:
            session, row, person = scene.session, scene.row, f"link:{link}"
            scene.act, scene.detail["link"] = "link.take-back", link
            held = await session.get_one(SpeakerLinkRow, link)
            asked, account = await session.get(RequestRow, held.token_hash), held.account
            if asked is not None:
                scene.detail["request"] = asked.request[:REQUEST_LETTERS]
            elif held.name:
                scene.detail["name"] = held.name
            here = await aliases_of(
                session, row, Someone(person, None if account == actor.whose else account)
            )
            require(Act.TAKE_LINK_BACK, scene.place, here.highest)
            for other in here.seated:
                if other != person:
                    await seat(session, row, other, LISTENER, at=scene.at)
            await forget(session, row, [person])
            touch(row, at=scene.at)
            end_passes(row)
        await self._announcer.announce(space)
        if here.speakers:
            with suppress(StageUnavailable):  # It is told again once it reports them.
                await self._desk.take_off(set(here.speakers), Off.LINK, space=space)


def _held(row: SpeakerLinkRow, used_by: str | None) -> HeldLink:
    """``used_by``: the name that its holder took last; None where nobody came by it."""
    used = used_by is not None
    return HeldLink(row.id, Role(row.role), row.name, row.created_at, used, used_by or "")


async def add_link(
    session: AsyncSession,
    row: SpaceRow,
    role: Role,
    name: str,
    *,
    secret_hash: str,
    by: str | None,
    at: int,
    on_stage: Collection[SpeakerId],
    account: str | None = None,
) -> SpeakerLinkRow:
    """Add a link inside a transaction; Conflict when there are as many as there may be."""
    await room_for_link(session, row, on_stage)
    link = SpeakerLinkRow(
        id=draw(10),
        space=row.id,
        role=role.value,
        name=name,
        account=account,
        token_hash=secret_hash,
        created_by=by,
        created_at=at,
    )
    session.add(link)
    touch(row, at=at)
    return link


async def need_room_for_cohost(
    session: AsyncSession, row: SpaceRow, *, most: int, with_owner: bool = False
) -> None:
    """Raise Conflict when a space has as many co-hosts as it may, on stage or not.

    An owner who is not the host any more counts ``with_owner``, or once they have come to the stage.
    """
    links = await session.scalars(
        select(SpeakerLinkRow.id).where(SpeakerLinkRow.space == row.id, SpeakerLinkRow.role == Role.COHOST)
    )
    by_link = {f"link:{link}" for link in links}
    became = {person for person, role in row.seats.items() if role == Role.COHOST}
    owner = f"account:{row.host}"
    came = select(ConsentRow.id).where(ConsentRow.space == row.id, ConsentRow.person == owner).limit(1)
    if owner in became and not with_owner and await session.scalar(came) is None:
        became.remove(owner)
    if len(became | (by_link - row.seats.keys())) >= most:
        raise Conflict("This stage has as many co-hosts as it may. Make one of them a speaker first.")
