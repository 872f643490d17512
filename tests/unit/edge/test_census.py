"""Listeners are counted once over all workers."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.core.ids import SpaceId
from rostra.edge.census import ALL_EVERY, SILENT_NS, Census

LISTENERS = [bytes([n]) * 8 for n in range(12)]
EVERYBODY = frozenset(LISTENERS)
Here = frozenset[bytes]
A_WHILE = st.lists(
    st.tuples(*[st.frozensets(st.sampled_from(LISTENERS))] * 3, st.sets(st.integers(0, 8))),
    min_size=ALL_EVERY + 1,
    max_size=2 * ALL_EVERY,
)


def in_two(here: Here) -> dict[SpaceId, Here]:
    """Some listen to one space, some to another."""
    first = here & frozenset(LISTENERS[::2])
    return {SpaceId("one"): first, SpaceId("other"): here - first}


def counted(census: Census, here: Here) -> int:
    return len(here.difference(*census.counted_elsewhere()))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(A_WHILE)
def test_the_sum_is_of_all_listeners_once_though_messages_get_lost(
    seconds: list[tuple[Here, Here, Here, set[int]]],
) -> None:
    clock = ManualClock()
    workers = [Census(worker=number, clock=clock) for number in range(3)]
    last: tuple[Here, ...] = (frozenset(),) * 3
    for number, (*here, lost) in enumerate(seconds):
        clock.advance(ms=1_000)
        before, last = last, tuple(here)
        for teller, ids in enumerate(here):
            message = workers[teller].tell(in_two(ids), ids ^ before[teller])
            for hearer, worker in enumerate(workers):
                if teller * 3 + hearer not in lost or number == 0:
                    worker.take(message)
    clock.advance(ms=1_000)
    for _ in range(ALL_EVERY):
        for teller, ids in enumerate(last):
            message = workers[teller].tell(in_two(ids), frozenset())
            for worker in workers:
                worker.take(message)
    total = sum(counted(worker, ids) for worker, ids in zip(workers, last, strict=True))
    assert total == len(last[0] | last[1] | last[2])


def test_a_worker_that_falls_silent_no_longer_counts_anybody() -> None:
    clock = ManualClock()
    first, second = Census(worker=0, clock=clock), Census(worker=1, clock=clock)
    second.take(first.tell(in_two(EVERYBODY), EVERYBODY))
    assert counted(second, EVERYBODY) == 0
    clock.advance(ms=SILENT_NS // 1_000_000 + 1)
    assert counted(second, EVERYBODY) == len(LISTENERS)


def test_after_what_reached_nobody_all_are_told_and_a_worker_that_died_counts_nobody_any_more() -> None:
    clock = ManualClock()
    died, other = Census(worker=0, clock=clock), Census(worker=1, clock=clock)
    for _ in range(3):
        other.take(died.tell(in_two(EVERYBODY), EVERYBODY))
    begun = Census(worker=0, clock=clock)
    begun.tell({}, frozenset())
    begun.lost()
    other.take(begun.tell({}, frozenset()))
    assert counted(other, EVERYBODY) == len(LISTENERS)


def test_whoever_came_to_another_worker_counts_there_once_theirs_has_left() -> None:
    clock = ManualClock()
    leaving, other = Census(worker=0, clock=clock), Census(worker=1, clock=clock)
    other.take(leaving.tell(in_two(EVERYBODY), EVERYBODY))
    assert counted(other, EVERYBODY) == 0
    other.take(leaving.leave())
    assert counted(other, EVERYBODY) == len(LISTENERS)
