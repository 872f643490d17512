"""What operators order of the door by hand, kept in the database and told to it: places and the rung.

The rung is for all spaces, for they share the edge; places are for all or for one. Where nothing was ordered
the door goes by what it measures. Reserved places of a space are its host's too; links to them are
:mod:`.reserved_links`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.ladder import Name
from rostra.admission.reserved import KEY_BYTES
from rostra.bus.client import BusClient
from rostra.bus.messages import DOOR_ORDER, DoorOrder, SpaceOrder, space_order
from rostra.control import audit
from rostra.control.identity import Actor, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import DoorOrderRow, ReservedLinkRow, SpaceOrderRow

THE_ONE = 1


class ReservedPlacesMany(Conflict):
    """A host sets apart {most} places at most. Operators of this site can set apart more."""

    code = "reserved_places_many"


class ReservedPlacesPromised(Conflict):
    """Reserved links promise more places than that. Take some back first."""

    code = "reserved_places_promised"


@dataclass(frozen=True, slots=True)
class SpaceWish:
    """What is to be ordered for one space; what is None is left as it is."""

    places: int | None = None
    unlimited: bool = False
    """No number of its own any more."""
    reserved: int | None = None


class DoorOrders:
    """Published at every change and when backstage starts."""

    def __init__(self, database: Database, bus: BusClient, *, most_reserved: int, clock: Clock) -> None:
        """``most_reserved``: what a host sets apart no other space has while theirs is live."""
        self._database = database
        self._bus = bus
        self._most_reserved = most_reserved
        self._clock = clock
        self._order = DoorOrder()
        self._seen = Name.GROUND.value

    @property
    def seen(self) -> str:
        """The rung that the record told last."""
        return self._seen

    @property
    def order(self) -> DoorOrder:
        """What holds for all spaces."""
        return self._order

    async def open(self) -> None:
        """Read what was ordered, and tell the door; also that nothing was."""
        async with self._database.reading() as session:
            row = await session.get(DoorOrderRow, THE_ONE)
            orders = [await order_of(session, each) for each in await session.scalars(select(SpaceOrderRow))]
        self._seen = Name.GROUND.value if row is None else row.seen
        self._tell(DoorOrder() if row is None else DoorOrder(places=row.places, rung=row.rung))
        for order in orders:
            self.tell_space(order)

    async def change(self, actor: Actor, *, places: int | None, rung: Name | None) -> DoorOrder:
        """Order places and rung for all spaces; None: by itself. For operators.

        BadRequest for the worst case without a number of places: it would limit nothing.
        """
        actor.need_operator()
        if rung is Name.WORST and places is None:
            raise BadRequest(
                "The worst case needs a number of places: how many may listen at once?", field="places"
            )
        order = DoorOrder(places=places, rung="" if rung is None else rung.value)
        async with self._database.session() as session:
            row = await _the_row(session)
            row.places, row.rung = order.places, order.rung
            audit.record(
                session,
                at=now_ms(self._clock),
                actor=actor.label,
                act="door.order",
                rung=order.rung or "auto",
                places=_told(order.places),
            )
        self._tell(order)
        return order

    async def of(self, actor: Actor, space: SpaceId) -> SpaceOrder:
        """What holds for one space, for whoever sees it from backstage."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.SEE)
            row = await session.get(SpaceOrderRow, space)
            return SpaceOrder(space=space) if row is None else await order_of(session, row)

    async def change_space(self, actor: Actor, space: SpaceId, wish: SpaceWish) -> SpaceOrder:
        """Order places for one space (operators), or set some apart (its hosts).

        ReservedPlacesPromised, ReservedPlacesMany.
        """
        async with self._database.session() as session:
            require(standing(actor, await find(session, space)), Doing.RESERVE)
            row = await space_row(session, space)
            if wish.unlimited or wish.places is not None:
                if wish.places != row.places:
                    actor.need_operator()
                row.places = wish.places
            if wish.reserved is not None and wish.reserved != row.reserved:
                if wish.reserved < await promised(session, space):
                    raise ReservedPlacesPromised
                if wish.reserved > max(row.reserved, self._most_reserved) and not actor.operates:
                    raise ReservedPlacesMany(most=self._most_reserved)
                row.reserved = wish.reserved
            audit.record(
                session,
                at=now_ms(self._clock),
                actor=actor.label,
                act="door.space",
                space=space,
                reserved=row.reserved,
                places=_told(row.places),
            )
            order = await order_of(session, row)
        self.tell_space(order)
        return order

    def tell_space(self, order: SpaceOrder) -> None:
        """Publish what holds for one space."""
        self._bus.publish(space_order(order.space), order, retain=True)

    async def note_rung(self, rung: str, *, held: bool, used: int, places: int) -> None:
        """The door stands on another rung: a line for the record, once, also over restarts."""
        async with self._database.session() as session:
            row = await _the_row(session)
            if row.seen == rung:
                return
            before, row.seen = row.seen, rung
            audit.record(
                session,
                at=now_ms(self._clock),
                actor=audit.SYSTEM,
                act="door.rung",
                rung=rung,
                before=before,
                held=held,
                listeners=used,
                places=places,
            )
        self._seen = rung

    def _tell(self, order: DoorOrder) -> None:
        self._order = order
        self._bus.publish(DOOR_ORDER, order, retain=True)


async def space_row(session: AsyncSession, space: SpaceId) -> SpaceOrderRow:
    """Return the row of a space's order, made where there was none."""
    row = await session.get(SpaceOrderRow, space)
    if row is None:
        row = SpaceOrderRow(space=space, places=None, reserved=0, key=secrets.token_bytes(KEY_BYTES))
        session.add(row)
        await session.flush()
    return row


async def promised(session: AsyncSession, space: SpaceId) -> int:
    """How many places the reserved links of a space hold together."""
    held = await session.scalars(select(ReservedLinkRow.places).where(ReservedLinkRow.space == space))
    return sum(held)


async def order_of(session: AsyncSession, row: SpaceOrderRow) -> SpaceOrder:
    """What the door is told of a space."""
    links = await session.scalars(
        select(ReservedLinkRow.id).where(ReservedLinkRow.space == row.space).order_by(ReservedLinkRow.id)
    )
    return SpaceOrder(
        space=SpaceId(row.space),
        places=row.places,
        reserved=row.reserved,
        key=row.key,
        links=tuple(bytes.fromhex(each) for each in links),
    )


async def _the_row(session: AsyncSession) -> DoorOrderRow:
    row = await session.get(DoorOrderRow, THE_ONE)
    if row is None:
        row = DoorOrderRow(id=THE_ONE, places=None, rung="", seen=Name.GROUND.value)
        session.add(row)
    return row


def _told(places: int | None) -> int | str:
    """A number of places, for the record."""
    return "" if places is None else places
