"""What the operator orders of the door, for all spaces and for each, and how limits that were raised open.

Holds the decisions of :mod:`rostra.admission.opening`; takes what was measured, decides nothing. What was
ordered before this process began holds at once.
"""

from __future__ import annotations

from typing import Final

from rostra.admission import lowering, opening
from rostra.admission.capacity import Budget, Limit
from rostra.admission.lowering import Lowered
from rostra.admission.opening import Opening
from rostra.admission.reserved import Reserved, read
from rostra.bus.messages import DoorOrder, SpaceOrder
from rostra.core.ids import SpaceId

FOUND_TICKS: Final = 300
"""What this process learns in its first half a minute was so before it: nobody is told of it as news."""
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
        self._lowered: Lowered | None = None
        """Of the limit of all spaces together."""
        self._lowered_of: dict[SpaceId, Lowered | None] = {}
        """Of those that spaces have of their own."""

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

    def opening(self, space: SpaceId, *, inside: int, everybody: int) -> int:
        """How many places of a space open in the next steps, but for those in which somebody is already.

        ``inside``: how many are in this space; ``everybody``: in all together.
        """
        site, own = self._opening, self._openings.get(space, self._opening)
        opens = min(own.to, site.to) - min(own.limit, site.limit)
        return max(0, min(opens, own.to - inside, site.to - everybody))

    def reserved(self, space: SpaceId, text: str) -> Reserved | None:
        """Return what a reserved link states, while it counts."""
        order = self.of(space)
        found = read(order.key, text, space=space) if text and order.reserved else None
        return found if found is not None and found.link in order.links else None

    @property
    def is_late(self) -> bool:
        """Whether late audio says how many may listen to all spaces together."""
        return self.by_hand is None and self._measured.limit is Limit.LATENESS

    def is_lowered(self, space: SpaceId, *, tick: int, full: bool) -> bool:
        """Whether what limits a space now was lowered lately; ``full``: none has a place left."""
        own = self.at_most(space)
        if (
            own is not None
            and own <= self.places
            and lowering.is_news(self._lowered_of.get(space), own, tick)
        ):
            return True
        return (full or not self.has_own_limit(space)) and lowering.is_news(self._lowered, self.places, tick)

    def has_own_limit(self, space: SpaceId) -> bool:
        """Whether fewer may listen to a space than to all together, whatever others do."""
        own = self.at_most(space)
        return own is not None and own < self.places

    def take(self, value: DoorOrder, *, tick: int) -> None:
        """The operator orders something for all spaces."""
        before, self.site = self._opening.limit, value
        self._follow(tick, at_once=not self._heard)
        if self._heard:
            self._lowered = lowering.after(self._lowered, before, self._opening.limit, tick)
        self._heard = True

    def take_space(self, value: SpaceOrder, *, tick: int) -> None:
        """The operator or the host orders something for one space."""
        known = self._openings.get(value.space)
        before = self._opening.limit if known is None else known.limit
        first = value.space not in self._spaces
        self._spaces[value.space] = value
        if value.places is None and known is None:
            return
        if known is None:
            now = value.places if first or value.places is None else min(value.places, self._opening.limit)
            known = opening.standing(now or 0)
        now_open = self._openings[value.space] = opening.towards(known, self._wanted(value), tick)
        if not first or tick >= FOUND_TICKS:
            found = self._lowered_of.get(value.space)
            self._lowered_of[value.space] = lowering.after(found, before, now_open.limit, tick)

    def measure(self, measured: Budget, *, tick: int) -> None:
        """Follow what the machine is measured to carry."""
        before, self._measured = self._opening.limit, measured
        self._follow(tick, at_once=self.by_hand is None and not self._opening.left)
        if tick >= FOUND_TICKS:
            self._lowered = lowering.after(self._lowered, before, self._opening.limit, tick)

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
