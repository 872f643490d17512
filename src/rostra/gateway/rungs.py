"""On which rung of the ladder this door stands, and what the machine is measured to carry.

Feeds :mod:`rostra.admission.ladder` and :mod:`rostra.admission.capacity` with what the edge spends and what
the operator orders; decides nothing. A door that follows another in the same evening goes on where that one
stood. Does no I/O.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from rostra.admission import ladder
from rostra.admission.capacity import Budget, Policy
from rostra.admission.carrying import Carrying
from rostra.admission.ladder import Ladder, Name, Rung
from rostra.bus.messages import DoorOrder, DoorReport
from rostra.gateway.edge_load import EdgeLoad

log = structlog.get_logger()


class Rungs:
    """Of one door process. Listeners are of all spaces together; a tick is 100 ms."""

    def __init__(self, load: EdgeLoad, policy: Policy) -> None:
        self._load = load
        self._ladder = Ladder()
        self._carrying = Carrying(policy, load.load(0))

    @property
    def measured(self) -> Budget:
        """What the machine carries, and no more than listen while audio is late."""
        return self._carrying.measured

    @property
    def rung(self) -> Rung:
        """Where the door stands."""
        return self._ladder.rung

    @property
    def held(self) -> bool:
        """Whether that is by hand."""
        return self._ladder.held

    @property
    def memory_bytes(self) -> int:
        """What may be spent on listeners: as it was before the first came."""
        return self._carrying.policy.machine.memory_bytes

    def recall(self, report: DoorReport) -> None:
        """Go on from what the door before this one told last, with the same machine.

        What is free of memory now is what its listeners have left.
        """
        memory_bytes = max(self.memory_bytes, report.memory_bytes)
        policy = self._carrying.policy
        policy = replace(policy, machine=replace(policy.machine, memory_bytes=memory_bytes))
        self._carrying = Carrying(policy, self._load.load(0))
        if not self._ladder.held:
            self._ladder = ladder.resume(report.rung)

    def order(self, value: DoorOrder) -> None:
        """The operator orders something for all spaces."""
        if value.rung:
            self._ladder = ladder.hold(Name(value.rung))
        elif self._ladder.held:
            self._ladder = ladder.release(self._ladder)

    def measure(self, listeners: int) -> None:
        """Follow what the edge spends; once a second."""
        self._load.note(listeners)
        self._carrying.measure(self._ladder.at, self._load.load(listeners))

    def step(self, listeners: int, *, by_hand: int | None) -> None:
        """Let a tick pass."""
        late_share = self._load.load(listeners).late_share
        signs = self._carrying.signs(listeners, late_share=late_share, by_hand=by_hand)
        before, self._ladder = self._ladder.at, ladder.step(self._ladder, signs)
        if self._ladder.at != before:
            log.info("rung", rung=self.rung.name, used=round(signs.used, 3), late_share=signs.late_share)
