"""Whoever waits at a listening socket is counted before anybody accepts them."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from rostra.serving.accept_queue import queued


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_clients_that_nobody_has_accepted_are_counted(family: socket.AddressFamily, host: str) -> None:
    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server((host, 0), family=family, backlog=64))
        for _ in range(20):
            stack.enter_context(socket.create_connection(door.getsockname()[:2]))
        assert queued([door]) == 20
        for _ in range(5):
            stack.enter_context(door.accept()[0])
        assert queued([door]) == 15


def test_a_socket_of_another_kind_and_a_closed_one_have_no_queue(tmp_path: Path) -> None:
    local, closed = socket.socket(socket.AF_UNIX), socket.socket()
    local.bind(str(tmp_path / "door.sock"))
    local.listen()
    closed.close()
    assert queued([local, closed]) == 0
    local.close()
