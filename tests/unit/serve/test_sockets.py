"""What is said where a port cannot be had."""

from __future__ import annotations

import errno
import socket

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
