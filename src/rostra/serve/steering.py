"""Which of the sockets that share a port gets a new connection: those whose worker has room.

A socket that is left out keeps its queue, so nobody who waits there is reset; only newcomers go elsewhere.
Done by a small program in the kernel that draws a socket (SO_ATTACH_REUSEPORT_CBPF, socket(7)); where that
cannot be had, all sockets go on sharing.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Sequence

import structlog

log = structlog.get_logger()

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, operand (linux/filter.h)."""

_ATTACH_PROGRAM = 51  # SO_ATTACH_REUSEPORT_CBPF
_LOAD, _MODULO, _JUMP_EQUAL, _RETURN = 0x20, 0x94, 0x15, 0x06
_RANDOM = 0xFFFFF000 + 56  # SKF_AD_OFF + SKF_AD_RANDOM
_ANY = 0xFFFFFFFF


def program(open_: Sequence[int]) -> list[Instruction]:
    """Return a program that draws one of the sockets ``open_``, by their place in the group.

    An answer that is no socket, as to none, lets the kernel share among all.
    """
    if not open_:
        return [(_RETURN, 0, 0, _ANY)]
    drawn = [(_LOAD, 0, 0, _RANDOM), (_MODULO, 0, 0, len(open_))]
    for number, place in enumerate(open_):
        drawn += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, place)]
    return [*drawn, (_RETURN, 0, 0, _ANY)]


class Steering:
    """Of one port. ``sockets`` in the order in which they began to listen: their place in the group."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = tuple(sockets)
        self._open: set[int] = set()

    def steer(self, place: int, *, open_: bool) -> None:
        """Send newcomers to that socket too, or no longer. With none open, all share."""
        before = set(self._open)
        (self._open.add if open_ else self._open.discard)(place)
        if self._open != before and len(self._sockets) > 1:
            self._attach(program(sorted(self._open)))

    def _attach(self, instructions: list[Instruction]) -> None:
        raw = b"".join(struct.pack("=HBBI", *each) for each in instructions)
        code = ctypes.create_string_buffer(raw)
        value = struct.pack("@HP", len(instructions), ctypes.addressof(code))
        try:
            self._sockets[0].setsockopt(socket.SOL_SOCKET, _ATTACH_PROGRAM, value)
        except OSError as error:
            log.warning("newcomers_not_steered", reason=str(error))
