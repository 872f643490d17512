"""The rung that the door stands on: no swinging while the crowd is steady, and none forgotten by a kill."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from harness.door_reports import told_by_door
from rostra.admission.capacity import Machine, Policy
from rostra.admission.ladder import RUNGS, Name
from rostra.bus.messages import DoorOrder, DoorReport, Measured
from rostra.gateway.edge_load import EdgeLoad
from rostra.gateway.rungs import Rungs

BOTH = Machine(cpus=2, bits_per_s=0, memory_bytes=0, descriptors=190_000)
LONGER_S, SHORTER_S = 27, 8
"""After so long another cadence holds."""


class Edge:
    """An edge worker that tells every five seconds what a crowd costs at the cadence that holds."""

    def __init__(self, policy: Policy = Policy(machine=BOTH)) -> None:  # noqa: B008 (frozen)
        self.clock = ManualClock()
        self.load = EdgeLoad(tls=False, clock=self.clock)
        self.rungs = Rungs(self.load, policy)
        self.late = 0
        """Of a hundred writes."""
        self._cadence = RUNGS[0].cadence
        self._wanted_s = 0
        self._cpu_ms = self._writes = self._late = self._seconds = 0

    def listen(self, listeners: int, seconds: int, *, by_hand: int | None = None) -> list[tuple[Name, int]]:
        """So many listen for so long; return rung and places of each second."""
        seen = []
        for _ in range(seconds):
            self._second(listeners)
            self.rungs.measure(listeners)
            for _ in range(10):
                self.rungs.step(listeners, by_hand=by_hand)
            seen.append((self.rungs.rung.name, self.rungs.measured.places))
        return seen

    def _second(self, listeners: int) -> None:
        self.clock.advance(ms=1_000)
        self._seconds += 1
        wanted = self.rungs.rung.cadence
        self._wanted_s = 0 if wanted == self._cadence else self._wanted_s + 1
        if self._wanted_s > (LONGER_S if wanted > self._cadence else SHORTER_S):
            self._cadence = wanted
        self._cpu_ms += round(listeners * (2 + 32 / self._cadence) / 1_000)
        self._writes, self._late = self._writes + 100, self._late + self.late
        if self._seconds % 5 == 0:
            samples = (
                ("cpu_ms", self._cpu_ms, ""),
                ("writes_late_ms", self._writes - self._late, "320"),
                ("writes_late_ms", self._writes, "+Inf"),
            )
            self.load.take(Measured(worker=0, samples=samples))


def report(rung: Name = Name.GROUND, *, memory_bytes: int = 0) -> DoorReport:
    """What a door told last."""
    return told_by_door(rate=700.0, rung=rung, memory_bytes=memory_bytes)


@pytest.mark.parametrize("listeners", [20_000, 30_000, 38_000, 44_000, 60_000, 120_000])
@pytest.mark.parametrize("killed", [False, True])
def test_while_the_crowd_is_steady_the_rung_stays_and_the_places_swing_by_less_than_a_fifth(
    listeners: int, killed: bool
) -> None:
    edge = Edge()
    edge.listen(20_000, 60)
    edge.listen(listeners, 300)
    if killed:
        before, edge.rungs = edge.rungs.rung.name, Rungs(edge.load, Policy(machine=BOTH))
        edge.rungs.recall(report(before))
        edge.listen(listeners, 300)
    seen = edge.listen(listeners, 1_200)
    places = [each for _, each in seen]
    assert len({rung for rung, _ in seen}) == 1
    assert max(places) - min(places) < 0.2 * max(places)


def test_a_rung_is_left_once_the_crowd_has_gone_that_the_milder_one_would_not_have_carried() -> None:
    edge = Edge()
    edge.listen(20_000, 60)
    assert edge.listen(36_000, 600)[-1][0] is Name.CADENCE
    assert edge.listen(15_000, 120)[-1][0] is Name.GROUND


def test_a_door_killed_with_many_listeners_counts_the_memory_that_they_use_as_theirs() -> None:
    each = Policy().price.memory_bytes
    whole, left = (
        Policy(machine=Machine(cpus=64, bits_per_s=0, memory_bytes=each * count, descriptors=190_000))
        for count in (40_000, 12_000)
    )
    before = Edge(whole).rungs
    after = Edge(left)
    after.rungs.recall(report(memory_bytes=before.memory_bytes))
    seen = after.listen(22_000, 120)
    assert {rung for rung, _ in seen} == {Name.GROUND}
    assert seen[-1][1] == before.measured.places == 30_000


def test_a_number_set_by_hand_beyond_what_is_measured_takes_nobody_up_the_ladder_by_itself() -> None:
    narrow = Machine(cpus=64, bits_per_s=0, memory_bytes=24_000 * 1_000, descriptors=190_000)
    edge = Edge(Policy(machine=narrow))
    assert {rung for rung, _ in edge.listen(1_500, 60, by_hand=5_000)} == {Name.GROUND}
    edge.late = 10
    assert edge.listen(1_500, 60, by_hand=5_000)[-1][0] is Name.DOOR, "late audio does"


def test_a_moment_of_late_audio_takes_nobody_up_the_ladder_and_a_rung_has_time_to_help() -> None:
    edge = Edge()
    edge.listen(2_000, 20)
    edge.late = 10
    edge.listen(2_000, 5)
    edge.late = 0
    assert {rung for rung, _ in edge.listen(2_000, 30)} == {Name.GROUND}, "one measurement was late"
    edge.late = 10
    rungs = [rung for rung, _ in edge.listen(2_000, 60)]
    assert list(dict.fromkeys(rungs)) == [Name.GROUND, Name.CADENCE, Name.LOW, Name.QUIET, Name.DOOR]
    assert all(rungs.count(rung) >= 10 for rung in (Name.CADENCE, Name.LOW, Name.QUIET)), (
        "one after the other"
    )


def test_a_door_killed_while_it_was_closed_for_late_audio_stays_closed_and_goes_back_step_by_step() -> None:
    edge = Edge()
    edge.rungs.recall(report(Name.DOOR))
    assert (edge.rungs.rung.closed, edge.rungs.held) == (True, False)
    edge.late = 10
    assert {rung for rung, _ in edge.listen(2_000, 120)} == {Name.DOOR}
    edge.late = 0
    rungs = [rung for rung, _ in edge.listen(2_000, 400)]
    assert list(dict.fromkeys(rungs)) == [Name.DOOR, Name.QUIET, Name.LOW, Name.CADENCE, Name.GROUND]


def test_what_the_operator_holds_by_hand_is_not_what_a_door_before_stood_on() -> None:
    edge = Edge()
    edge.rungs.order(DoorOrder(rung="low"))
    edge.rungs.recall(report(Name.DOOR))
    assert (edge.rungs.rung.name, edge.rungs.held) == (Name.LOW, True)
    again = Edge()
    again.rungs.recall(report(Name.WORST))
    assert again.rungs.rung.name is Name.QUIET, "the operator took it back meanwhile, or holds it again"


def test_a_crowd_that_pours_in_is_not_taken_for_a_cheap_one() -> None:
    edge = Edge()
    edge.listen(8_000, 60)
    (_, settled), (_, carried) = edge.listen(8_000, 1)[0], edge.listen(8_000, 60)[-1]
    assert settled == carried
    poured = [edge.listen(listeners, 1)[0][1] for listeners in range(8_000, 28_000, 1_000)]
    assert max(poured) <= 1.1 * carried
