"""Who is inside, over all spaces, and which places nobody else may take: counted at every turn of the rooms.

What is given out between two turns counts at once. Does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

from rostra.admission.room import Places
from rostra.core.ids import SpaceId
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.moves_in import MovesIn
from rostra.gateway.orders import Orders
from rostra.gateway.tickets_out import TicketsOut


class Occupancy:
    """Of one door process."""

    def __init__(
        self, directory: Directory, tickets: TicketsOut, *, moves_in: MovesIn, orders: Orders
    ) -> None:
        self._directory = directory
        self._tickets = tickets
        self._moves_in = moves_in
        self._orders = orders
        self._total = 0
        """Who is inside, over all spaces."""
        self._resuming: Counter[SpaceId] = Counter()
        """Places for those who dropped out and may resume, by space."""
        self._kept_back: Counter[SpaceId] = Counter()
        """Places that each live space keeps from all others: for those called, and those set apart."""
        self._promised = 0
        """Both, of all spaces."""

    @property
    def is_full(self) -> bool:
        """Whether the site has no place for one more: what rooms were told at their turn, all count on."""
        return self._total + self._promised >= self._orders.places

    def inside(self, entry: Entry) -> int:
        """How many of a space listen, or are about to."""
        return self._tickets.inside(entry.state.space, counted=self._directory.listeners(entry))

    def everybody(self) -> int:
        """The same, over all spaces whose listeners have a place."""
        return sum(map(self.inside, self._counting()))

    def count(self) -> None:
        """Count anew who is inside and who may resume; nobody has a place in what is over, or recorded."""
        self._total = self.everybody()
        kept = self._tickets.kept
        self._resuming = Counter({entry.state.space: kept[entry.state.space] for entry in self._counting()})
        self._promise()

    def keep_back_for(self, space: SpaceId, places: int) -> None:
        """One space keeps so many places from all others."""
        self._kept_back[space] = places
        self._promise()

    def keep_back_only(self, spaces: Container[SpaceId]) -> None:
        """No space but these keeps any."""
        for space in [each for each in self._kept_back if each not in spaces]:
            del self._kept_back[space]
        self._promise()

    def enter(self, space: SpaceId, *, by_link: bool) -> None:
        """One more is inside; whoever comes by a reserved link uses one of the places set apart."""
        self._total += 1
        if by_link:
            self.keep_back_for(space, max(0, self._kept_back[space] - 1))

    def leave(self, listeners: int) -> None:
        """So many are inside no more."""
        self._total -= listeners

    def has_own_room(self, entry: Entry) -> bool:
        """Whether a space has fewer listeners than it may have itself, whatever the others have."""
        own = self._orders.at_most(entry.state.space)
        return own is None or self.inside(entry) < own

    def places(self, entry: Entry, *, joins: int, closed: bool) -> Places:
        """Return the places that a space has, of those that no other has or keeps."""
        space = entry.state.space
        order, own = self._orders.of(space), self._orders.at_most(space)
        inside = self.inside(entry)
        reserved_inside = self._tickets.reserved_inside(space) if order.reserved else 0
        elsewhere = max(0, self._total - inside)
        for promised in (self._kept_back, self._resuming):
            elsewhere += promised.total() - promised[space]
        places = max(0, self._orders.places - elsewhere)
        if own is not None:
            places = min(places, own)
        return Places(
            all=places,
            reserved=order.reserved,
            inside=max(0, inside - reserved_inside),
            inside_reserved=reserved_inside,
            joins=joins,
            resuming=self._resuming[space],
            closed=closed,
        )

    def _promise(self) -> None:
        self._promised = self._resuming.total() + self._kept_back.total()

    def _counting(self) -> list[Entry]:
        """The spaces whose listeners have a place."""
        live = self._directory.live()
        return [*live, *(source for entry in live for source in self._moves_in.on_the_way(entry))]
