"""Somebody who was answered on the doorstep and may ask for more: a socket, until they say something.

Of a page's connection nearly all are asked one thing more, a moment later. A connection is made of whoever
says what cannot be answered at once; nobody else needs a transport, a protocol and a turn of the loop to go.
"""

from __future__ import annotations

import socket
from typing import Any, Protocol

from rostra.serving.backlog import unacknowledged
from rostra.serving.host import Host
from rostra.serving.wires import Wires


class Step(Protocol):
    """Where a guest was answered."""

    def asks(self, guest: Guest) -> None:
        """Somebody says more, or is gone: hear them together with others."""

    def hears(self, guest: Guest) -> bool:
        """Whether somebody says more, or is gone; who does is heard at once."""


class Guest:
    """For its server one of the connections; for its wires, one of those that are watched."""

    __slots__ = ("_host", "_step", "_wires", "client", "deadline_ns", "peer")

    write_paused = False
    """Nothing waits for a guest."""

    def __init__(self, client: socket.socket, host: Host, wires: Wires, step: Step, *, peer: str) -> None:
        self.client = client
        self.peer = peer
        self.deadline_ns = 0
        self._step = step
        self._host = host
        self._wires = wires

    def stay(self) -> None:
        """They were answered, and may ask for more from now on."""
        self.deadline_ns = self._host.clock.monotonic_ns() + self._host.idle_ns
        self._host.timed[self] = None

    def let_in(self) -> None:
        """A connection is made of them, and is counted in their place."""
        self.deadline_ns = 0
        self._host.left(self)

    def leave(self) -> None:
        """They were answered, and that is all."""
        self._wires.forget(self.client)
        self._host.left(self)
        self.client.close()

    # What the wires call.

    def ready(self, _events: int) -> None:
        """They say something, or are gone."""
        self._step.asks(self)

    def abort(self) -> None:
        """It is over."""
        self.deadline_ns = 0
        self._wires.drop(self.client, self, None)

    def over(self, _error: Exception | None) -> None:
        """Count them out."""
        self._host.left(self)
        self.client.close()

    # What the server calls.

    @property
    def untaken_bytes(self) -> int:
        """What the client has not taken: all that is, is in the kernel."""
        return unacknowledged(self)

    def get_extra_info(self, name: str) -> Any:
        """The socket, if that is asked for."""
        return self.client if name == "socket" else None

    def expire(self, now_ns: int) -> None:
        """Go, where the deadline has passed and nothing was said that waits to be heard."""
        if 0 < self.deadline_ns <= now_ns and not self._step.hears(self):
            self.abort()

    def drain(self, *, newcomers: bool) -> None:
        """Go: no guest is a newcomer."""
        self.abort()

    def cut(self) -> None:
        """Go."""
        self.abort()
