"""Links to places set apart: made by a space's hosts, for press, interpreters, family.

Each holds a number of the space's reserved places; the door checks it offline and counts who uses it. One
that is taken back counts no more from that moment on; whoever is inside stays.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from rostra.admission.reserved import LINK_BYTES, Reserved, sign
from rostra.control import audit
from rostra.control.door_orders import DoorOrders, order_of, promised, space_row
from rostra.control.identity import Actor, standing
from rostra.control.permits import PERMITS, Doing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotFound
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import ReservedLinkRow

MAX_LINKS: Final = 50
"""Reserved links of one space: the door is told all of them with each change."""


class ReservedPlacesShort(Conflict):
    """Not enough places are set apart here, or other links hold them. Set more apart first."""

    code = "reserved_places_short"


@dataclass(frozen=True, slots=True)
class ReservedLink:
    """A link and what it holds. ``token`` stands after ``#r=`` in the event page's address."""

    id: str
    name: str
    places: int
    created_at: int
    token: str


class ReservedLinks:
    """The reserved links of spaces."""

    def __init__(self, database: Database, orders: DoorOrders, *, clock: Clock) -> None:
        self._database = database
        self._orders = orders
        self._clock = clock

    async def held(self, actor: Actor, space: SpaceId) -> list[ReservedLink]:
        """The links of a space, oldest first; none for those who may not make them."""
        async with self._database.reading() as session:
            if standing(actor, await find(session, space)) not in PERMITS[Doing.RESERVE]:
                return []
            rows = list(
                await session.scalars(
                    select(ReservedLinkRow)
                    .where(ReservedLinkRow.space == space)
                    .order_by(ReservedLinkRow.created_at, ReservedLinkRow.id)
                )
            )
            key = (await space_row(session, space)).key if rows else b""
        return [_link(row, key) for row in rows]

    async def make(self, actor: Actor, space: SpaceId, *, name: str, places: int) -> ReservedLink:
        """Make a link for so many of the places set apart. ReservedPlacesShort, Conflict."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            require(standing(actor, await find(session, space)), Doing.RESERVE)
            order = await space_row(session, space)
            if await promised(session, space) + places > order.reserved:
                raise ReservedPlacesShort
            count = select(func.count()).select_from(ReservedLinkRow).where(ReservedLinkRow.space == space)
            if (await session.scalar(count) or 0) >= MAX_LINKS:
                raise Conflict("This conversation has as many reserved links as are allowed.")
            row = ReservedLinkRow(
                id=secrets.token_hex(LINK_BYTES), space=space, name=name, places=places, created_at=now
            )
            session.add(row)
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="door.link",
                space=space,
                link=row.id,
                name=name,
                places=places,
            )
            await session.flush()
            told = await order_of(session, order)
        self._orders.tell_space(told)
        return _link(row, told.key)

    async def take_back(self, actor: Actor, space: SpaceId, link: str) -> None:
        """Let a link count no more. NotFound."""
        async with self._database.session() as session:
            require(standing(actor, await find(session, space)), Doing.RESERVE)
            held = await session.get(ReservedLinkRow, link)
            if held is None or held.space != space:
                raise NotFound("This conversation has no such link.")
            await session.delete(held)
            audit.record(
                session,
                at=now_ms(self._clock),
                actor=actor.label,
                act="door.link-back",
                space=space,
                link=link,
                name=held.name,
            )
            await session.flush()
            told = await order_of(session, await space_row(session, space))
        self._orders.tell_space(told)


def _link(row: ReservedLinkRow, key: bytes) -> ReservedLink:
    token = sign(key, Reserved(SpaceId(row.space), bytes.fromhex(row.id), row.places))
    return ReservedLink(row.id, row.name, row.places, row.created_at, token)
