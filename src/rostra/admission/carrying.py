"""What a machine is found to carry: on the rung where the door stands, and on the next milder one. Pure."""

from __future__ import annotations

from dataclasses import replace

from rostra.admission.capacity import Budget, Load, Policy, decide, steady
from rostra.admission.costs import Costs
from rostra.admission.ladder import Signs


class Carrying:
    """Follows what an edge tells, once a second; ``load`` is what it spends before anybody comes."""

    def __init__(self, policy: Policy, load: Load) -> None:
        self.policy = replace(policy, by_hand=None)
        self._costs = Costs()
        self.measured: Budget = decide(load, self.policy)
        """What the machine carries, and no more than listen while audio is late."""
        self._carried = self.measured
        """That by itself."""
        self._milder = self.measured.places
        """What it would carry on the next milder rung."""

    def measure(self, at: int, load: Load) -> None:
        """So much is spent in this second, on the rung ``at``."""
        self.measured = steady(self.measured.places, decide(load, self.policy))
        on_time = decide(replace(load, late_share=0), self.policy)
        self._carried = steady(self._carried.places, on_time)
        self._costs.note(at, load)
        self._milder = decide(self._costs.milder(at, load), self.policy).places

    def signs(self, listeners: int, *, late_share: float, by_hand: int | None) -> Signs:
        """What the ladder looks at. What is measured or set by hand is carried, whichever is more."""
        least = max(1, by_hand or 0)
        used = listeners / max(least, self._carried.places)
        milder_used = max(used, listeners / max(least, self._milder))
        return Signs(used=used, late_share=late_share, milder_used=milder_used)
