"""What is said where a port cannot be had."""

from __future__ import annotations

import errno
import select
import socket
import time

import pytest

from rostra.core.listening import AddressUnusable
from rostra.serve.sockets import listen


class Guarded(socket.socket):
    """A socket of somebody who is not root."""

    def bind(self, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_port_that_only_root_may_use_is_to_be_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", Guarded)
    with pytest.raises(AddressUnusable) as refused:
        listen("127.0.0.1", 80, backlog=1, setting="door_port")
    assert refused.value.sentence == (
        "Port 80 is kept for root. Choose another with --door-port N or ROSTRA_DOOR_PORT=N."
    )


def test_whoever_is_accepted_has_asked() -> None:
    """What is accepted before it says anything costs a connection of its own, and then an answer."""
    with listen("127.0.0.1", 0, backlog=8, setting="door_port") as listening:
        with socket.create_connection(listening.getsockname()) as client:
            assert not select.select([listening], [], [], 0.2)[0]
            client.sendall(b"GET /")
            assert select.select([listening], [], [], 0.5)[0]
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.recv(16, socket.MSG_DONTWAIT) == b"GET /"


def test_whoever_says_nothing_is_accepted_in_the_end() -> None:
    """So that the server's own limits hold for them."""
    with listen("127.0.0.1", 0, backlog=8, setting="door_port") as listening:
        with socket.create_connection(listening.getsockname()):
            began_s = time.monotonic()
            assert select.select([listening], [], [], 5.0)[0]
            assert time.monotonic() - began_s > 0.5
            listening.accept()[0].close()
