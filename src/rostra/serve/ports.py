"""The listening sockets of all roles, opened before any role starts and kept until the last has gone.

A queue outlives a worker, because the supervisor holds its socket too.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from rostra.core.settings import Settings
from rostra.serve.roles import Seat
from rostra.serve.sockets import listen, listen_locally, most_queued
from rostra.serve.steering import Steering
from rostra.serving.backlog import GONE_AFTER_MS, SEND_BUFFER_BYTES

log = structlog.get_logger()

PORT_SETTINGS = {"gateway": "door_port", "edge": "edge_port", "control": "control_port"}
"""Which setting changes a role's port."""


class Ports:
    """A public socket for every seat that has a port; a Unix socket per role where one is set."""

    def __init__(self, public: dict[Seat, socket.socket], local: dict[str, socket.socket]) -> None:
        self._public = public
        self._local = local
        edges = sorted((seat for seat in public if seat.role == "edge"), key=lambda seat: seat.index)
        self._steering = Steering([public[seat] for seat in edges])

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: Settings, seats: Sequence[Seat]) -> Iterator[Ports]:
        """Listen on everything; close it when the block is left. PortInUse, AddressUnusable."""
        most = most_queued()
        if most is not None and most < settings.backlog:
            log.warning("backlog_cut", backlog=settings.backlog, somaxconn=most)
        paths = {"gateway": settings.door_socket, "edge": settings.edge_socket}
        with contextlib.ExitStack() as stack:
            yield cls(
                {seat: stack.enter_context(_public(seat, settings)) for seat in seats if seat.port},
                {
                    role: stack.enter_context(_local(role, path, settings))
                    for role, path in paths.items()
                    if path is not None
                },
            )

    def descriptors(self, seat: Seat) -> tuple[int, ...]:
        """What the seat's process listens on."""
        return (self._public[seat].fileno(),) if seat in self._public else ()

    def trusted(self, seat: Seat) -> tuple[int, ...]:
        """What it listens on for proxies of ours; all workers of a role share it."""
        return (self._local[seat.role].fileno(),) if seat.role in self._local else ()

    def steer(self, seat: Seat, open_: bool) -> None:
        """Send newcomers to an edge seat too, or no longer."""
        if seat.role == "edge" and seat in self._public:
            self._steering.steer(seat.index, open_=open_)


def _public(seat: Seat, settings: Settings) -> socket.socket:
    return listen(
        settings.bind,
        seat.port,
        backlog=settings.backlog,
        setting=PORT_SETTINGS[seat.role],
        send_buffer=_send_buffer(seat.role),
        gone_after_ms=GONE_AFTER_MS if seat.role == "edge" else 0,
    )


def _local(role: str, path: Path, settings: Settings) -> socket.socket:
    return listen_locally(path, backlog=settings.backlog, send_buffer=_send_buffer(role))


def _send_buffer(role: str) -> int:
    return SEND_BUFFER_BYTES if role == "edge" else 0
