"""How many clients a process takes, by what its descriptor limit leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.serving.limits import Limits, reserve


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(256, 128), (1024, 624), (4096, 3696), (20_000, 19_000), (65_536, 19_000), (1_048_576, 19_000)],
)
def test_a_process_takes_19_000_clients_or_what_its_limit_leaves(descriptors: int, connections: int) -> None:
    assert Limits().within(descriptors).connections == connections


@given(st.integers(2, 2_000_000))
def test_clients_and_those_being_refused_always_leave_descriptors_for_the_rest(descriptors: int) -> None:
    limits = Limits().within(descriptors)
    assert limits.connections > 0
    assert limits.connections + limits.lingerers + reserve(descriptors) // 2 <= descriptors


def test_a_lower_limit_that_was_asked_for_stays() -> None:
    low = Limits(connections=7, lingerers=3, full=5)
    assert low.within(20_000) == low


def test_others_are_asked_to_take_newcomers_before_anybody_is_refused() -> None:
    for descriptors in (64, 1_024, 20_000, 1_000_000):
        limits = Limits().within(descriptors)
        assert limits.full < limits.connections < descriptors
    assert (Limits().within(20_000).full, Limits().within(20_000).connections) == (15_200, 19_000)
