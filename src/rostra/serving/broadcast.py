"""Write the same bytes to many exchanges, by one system call where the system has it and nobody encrypts."""

from __future__ import annotations

from typing import Final

import structlog

from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Turn
from rostra.serving.ring import Ring, RingUnavailable
from rostra.serving.unsent import UNSENT
from rostra.serving.wires import ENCRYPTS

log = structlog.get_logger()

_FEW: Final = 8
"""Exchanges for which one call costs more than one for each."""


class Broadcast:
    """Of one process, for its loop's thread; from its construction to :meth:`close`."""

    def __init__(self, ring: Ring | None = None) -> None:
        self._ring = ring

    @classmethod
    def open(cls) -> Broadcast:
        """With what the system has."""
        try:
            return cls(Ring())
        except RingUnavailable as error:
            log.info("writes_one_by_one", reason=str(error))
            return cls()

    def write(self, turn: Turn, data: bytes) -> list[Exchange]:
        """Write ``data`` to those of up to :data:`~rostra.serving.ring.ENTRIES` who can take it now.

        Return the others, to be written to one by one: who has not taken all of before; everyone where they
        are few, or the system has no such call.
        """
        ring = self._ring
        if ring is None or ring.closed or len(turn.numbers) < _FEW:
            return turn.everyone()
        waiting = UNSENT.among(turn.descriptors)
        if not waiting.any():
            self._send(ring, turn, data)
            return []
        free = ~waiting
        if free.any():
            self._send(ring, Turn(turn.queue, turn.numbers[free], turn.descriptors[free]), data)
        return _unencrypted(turn.queue.seated(turn.numbers[waiting]), data)

    def _send(self, ring: Ring, turn: Turn, data: bytes) -> None:
        short = ring.send(turn.descriptors, data)
        if ring.closed:
            log.warning("writes_one_by_one", reason="the ring broke")
        for number, result in short:
            for exchange in turn.queue.seated(turn.numbers[number : number + 1]):
                exchange.transport.took(data, result)

    def close(self) -> None:
        """Give back what it took of the system."""
        if self._ring is not None:
            self._ring.close()


def _unencrypted(exchanges: list[Exchange], data: bytes) -> list[Exchange]:
    """Write to those who encrypt and can take it now; return the others."""
    others: list[Exchange] = []
    for exchange in exchanges:
        transport = exchange.transport
        if transport.descriptor == ENCRYPTS and not transport.get_write_buffer_size():
            transport.write(data)
        else:
            others.append(exchange)
    return others


ONE_BY_ONE: Final = Broadcast()
"""For where few are written to."""
