"""The door never takes a place for free that somebody has, whatever it has heard of the edge last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.messages import Audience, Lifecycle
from rostra.edge.census import Census, more_first
from rostra.gateway.directory import Directory
from rostra.gateway.tickets_out import TicketsOut

from .conftest import SPACE, space_state

LISTENERS = [bytes([number]) * 8 for number in range(10)]
SECONDS = st.lists(
    st.tuples(st.frozensets(st.sampled_from(LISTENERS)), st.frozensets(st.sampled_from(LISTENERS))),
    min_size=1,
    max_size=12,
)
"""Who is given a ticket in each, and who is at the edge at its end, if their ticket was ever given."""


@given(SECONDS)
def test_between_two_messages_of_the_edge_nobodys_place_is_free(
    seconds: list[tuple[frozenset[bytes], frozenset[bytes]]],
) -> None:
    clock = ManualClock()
    directory, tickets = Directory(clock=clock), TicketsOut(clock=clock)
    census = Census(worker=0, clock=clock)
    directory.take_state(space_state(Lifecycle.LIVE))
    given, told = set[bytes](), 0
    for newcomers, at_the_edge in seconds:
        for listener in newcomers - given:
            tickets.give(listener, SPACE, until_s=2_000_000_000)
        given |= newcomers
        here = at_the_edge & given
        present = census.tell({SPACE: here})
        count = Audience(space=SPACE, worker=0, listeners=len(here))
        more, others = more_first([count] if len(here) != told else [], {SPACE: told})
        told = len(here)
        for value in (*more, present, *others):
            if isinstance(value, Audience):
                directory.take_audience(value)
            else:
                tickets.take(value)
            inside = directory.listeners(directory.entry(SPACE)) + tickets.unused(SPACE)
            unused = sum(tickets.until_s(listener) is not None for listener in given - here)
            assert inside + tickets.kept[SPACE] >= len(here) + unused
