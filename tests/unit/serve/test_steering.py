"""Newcomers go to sockets whose worker has room; whoever waits already is not reset."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from rostra.serve.sockets import listen
from rostra.serve.steering import Steering, program

NEWCOMERS = 60


@pytest.fixture
def group() -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(listen("127.0.0.1", 0, backlog=256, setting="edge_port"))
        port = first.getsockname()[1]
        others = [
            stack.enter_context(listen("127.0.0.1", port, backlog=256, setting="edge_port")) for _ in range(2)
        ]
        yield [first, *others]


def come(group: list[socket.socket]) -> list[socket.socket]:
    clients = [socket.create_connection(group[0].getsockname()) for _ in range(NEWCOMERS)]
    for each in clients:
        each.sendall(b"GET")
    return clients


def waiting(group: list[socket.socket]) -> list[int]:
    """Take everybody off the queues; how many waited in each."""
    counts = []
    for each in group:
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                each.accept()[0].close()
                count += 1
        counts.append(count)
    return counts


def test_newcomers_share_the_open_sockets_only(group: list[socket.socket]) -> None:
    steering = Steering(group)
    for place in (0, 2):
        steering.steer(place, open_=True)
    clients = come(group)
    first, second, third = waiting(group)
    assert second == 0
    assert first > 0 < third
    for each in clients:
        each.close()


def test_who_waits_when_a_socket_is_shut_is_still_answered(group: list[socket.socket]) -> None:
    steering = Steering(group)
    steering.steer(1, open_=True)
    early = come(group)
    steering.steer(2, open_=True)
    steering.steer(1, open_=False)
    late = come(group)
    assert waiting(group) == [0, NEWCOMERS, NEWCOMERS]
    for each in (*early, *late):
        each.close()


def test_with_all_shut_everybody_shares(group: list[socket.socket]) -> None:
    steering = Steering(group)
    steering.steer(0, open_=True)
    steering.steer(0, open_=False)
    clients = come(group)
    assert all(waiting(group))
    for each in clients:
        each.close()


def test_a_program_for_many_sockets_stays_within_what_the_kernel_takes() -> None:
    assert len(program(range(64))) < 4096
