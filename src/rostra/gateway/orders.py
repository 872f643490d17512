"""What the operator orders of the door, for all spaces and for each, and how limits that were raised open.

Holds the decisions of :mod:`rostra.admission.opening`; takes what was measured, decides nothing. What was
ordered before this process began holds at once.
"""

from __future__ import annotations

from typing import Final

from rostra.admission import opening
from rostra.admission.capacity import Budget, Limit
from rostra.admission.opening import Opening
from rostra.admission.reserved import Reserved, read
from rostra.bus.messages import DoorOrder, SpaceOrder
from rostra.core.ids import SpaceId

_NONE: Final = SpaceOrder(space=SpaceId(""))


class Orders:
    """Of one door process. Ticks are 100 ms."""

    def __init__(self, budget: Budget, *, by_hand: int | None) -> None:
        self.site = DoorOrder()
        self._by_setting = by_hand
        self._measured = budget
        self._opening = opening.standing(budget.places if by_hand is None else by_hand)
        self._spaces: dict[SpaceId, SpaceOrder] = {}
        """As many as control keeps: of spaces that are hidden too, for they may be shown again."""
        self._openings: dict[SpaceId, Opening] = {}
        self._heard = False

    @property
    def by_hand(self) -> int | None:
        """The number that somebody set, here or in the settings."""
        return self._by_setting if self.site.places is None else self.site.places

    @property
    def limit(self) -> Budget:
        """How many may listen to all spaces together now, and what says so."""
        why = self._measured.limit if self.by_hand is None else Limit.HAND
        return Budget(self._opening.limit, why)

    @property
    def places(self) -> int:
        """The same, as a number alone: every join asks for it."""
        return self._opening.limit

    def of(self, space: SpaceId) -> SpaceOrder:
        """Return what was ordered for one space."""
        return self._spaces.get(space, _NONE)

    def ordered(self, space: SpaceId) -> int | None:
        """How many may listen to a space by what was ordered of it or of the site; None: nothing was."""
        given = (self.site.places, self.of(space).places)
        return min((places for places in given if places is not None), default=None)

    def at_most(self, space: SpaceId) -> int | None:
        """How many may listen to one space now, whatever others do; None: no limit of its own."""
        found = self._openings.get(space)
        return None if found is None else found.limit

    def opening(self, space: SpaceId) -> int:
        """How many places of a space open in the next steps."""
        site, own = self._opening, self._openings.get(space, self._opening)
        return max(0, min(own.to, site.to) - min(own.limit, site.limit))

    def reserved(self, space: SpaceId, text: str) -> Reserved | None:
        """Return what a reserved link states, while it counts."""
        order = self.of(space)
        found = read(order.key, text, space=space) if text and order.reserved else None
        return found if found is not None and found.link in order.links else None

    def take(self, value: DoorOrder, *, tick: int) -> bool:
        """The operator orders something for all spaces; say whether that lowers the limit."""
        before, self.site = self._opening.limit, value
        self._follow(tick, at_once=not self._heard)
        self._heard = True
        return self._opening.limit < before

    def take_space(self, value: SpaceOrder, *, tick: int) -> None:
        """The operator or the host orders something for one space."""
        known = self._openings.get(value.space)
        first = value.space not in self._spaces
        self._spaces[value.space] = value
        if value.places is None and known is None:
            return
        if known is None:
            now = value.places if first or value.places is None else min(value.places, self._opening.limit)
            known = opening.standing(now or 0)
        self._openings[value.space] = opening.towards(known, self._wanted(value), tick)

    def measure(self, measured: Budget, *, tick: int) -> None:
        """Follow what the machine is measured to carry."""
        self._measured = measured
        self._follow(tick, at_once=self.by_hand is None and not self._opening.left)

    def reopen(self, inside: int, *, tick: int) -> None:
        """The door was closed, whatever was ordered: from those inside on, places open in steps again."""
        self._opening = opening.towards(
            opening.standing(min(inside, self._opening.limit)), self._opening.to, tick
        )

    def step(self, tick: int) -> None:
        """Let a tenth of a second pass."""
        self._opening = opening.after(self._opening, tick)
        for space, before in list(self._openings.items()):
            order = self._spaces[space]
            now = opening.after(opening.towards(before, self._wanted(order), tick), tick)
            if order.places is None and not now.left:
                del self._openings[space]
            else:
                self._openings[space] = now

    def _wanted(self, order: SpaceOrder) -> int:
        return self._opening.to if order.places is None else order.places

    def _follow(self, tick: int, *, at_once: bool) -> None:
        to = self._measured.places if self.by_hand is None else self.by_hand
        self._opening = opening.standing(to) if at_once else opening.towards(self._opening, to, tick)
