"""The door never takes a place for free that somebody has, whatever it has heard of the edge last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.messages import Audience, Lifecycle, Present
from rostra.edge.census import Census, more_first
from rostra.gateway.directory import Directory
from rostra.gateway.tickets_out import TicketsOut

from .conftest import SPACE, space_state

LISTENERS = [bytes([number]) * 8 for number in range(8)]
WORKERS = 2
SOME = st.frozensets(st.sampled_from(LISTENERS))
SECONDS = st.lists(
    st.tuples(SOME, st.tuples(*[SOME] * WORKERS), st.tuples(*[st.booleans()] * WORKERS)),
    min_size=1,
    max_size=12,
)
"""Who is given a ticket in each; who is at which worker, if they ever had one; whose word is lost."""


class Door:
    """What it knows of one space, and the edge workers that tell it."""

    def __init__(self) -> None:
        clock = ManualClock()
        self.directory, self.tickets = Directory(clock=clock), TicketsOut(clock=clock)
        self.directory.take_state(space_state(Lifecycle.LIVE))
        self.workers = [Census(worker=number, clock=clock) for number in range(WORKERS)]
        self._told = [0] * WORKERS
        self._here: list[frozenset[bytes]] = [frozenset()] * WORKERS

    def messages(self, worker: int, here: frozenset[bytes], *, lost: bool) -> list[Present | Audience]:
        """What one worker tells in a second, in order; where it is lost, the others lose it too."""
        census = self.workers[worker]
        count = len(here.difference(*census.counted_elsewhere()))
        present = census.tell({SPACE: here}, here ^ self._here[worker])
        self._here[worker] = here
        value, told = Audience(space=SPACE, worker=worker, listeners=count), self._told[worker]
        self._told[worker] = count
        more, others = more_first([value] if count != told else [], {SPACE: told})
        if lost:
            census.lost()
            return [*more, *others]
        for each in self.workers:
            each.take(present)
        return [*more, present, *others]

    def take(self, value: Present | Audience) -> None:
        if isinstance(value, Audience):
            self.directory.take_audience(value)
        else:
            self.tickets.take(value)

    @property
    def taken(self) -> int:
        """And kept for whoever may resume."""
        counted = self.directory.listeners(self.directory.entry(SPACE))
        return self.tickets.inside(SPACE, counted=counted) + self.tickets.kept[SPACE]


@given(SECONDS)
def test_between_two_messages_of_the_edge_nobodys_place_is_free(
    seconds: list[tuple[frozenset[bytes], tuple[frozenset[bytes], ...], tuple[bool, ...]]],
) -> None:
    door = Door()
    holders = set[bytes]()
    for newcomers, at_workers, lost in seconds:
        for listener in newcomers - holders:
            door.tickets.give(listener, SPACE, until_s=2_000_000_000)
        holders |= newcomers
        inside = frozenset[bytes]().union(*at_workers) & holders
        for worker, here in enumerate(at_workers):
            for value in door.messages(worker, here & holders, lost=lost[worker]):
                door.take(value)
                unused = sum(door.tickets.until_s(listener) is not None for listener in holders - inside)
                assert door.taken >= len(inside) + unused
