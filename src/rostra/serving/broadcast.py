"""Write the same bytes to many exchanges, by one system call where the system has it and nobody encrypts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Seats, people
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

    def write(self, seats: Sequence[Seats], data: bytes) -> list[Exchange]:
        """Write ``data`` to those of up to :data:`~rostra.serving.ring.ENTRIES` who can take it now.

        Return the others, to be written to one by one: who has not taken all of before; everyone where they
        are few, or the system has no such call.
        """
        ring = self._ring
        if ring is None or ring.closed or sum(map(len, seats)) < _FEW:
            return people(seats)
        descriptors = np.concatenate([each.descriptors for each in seats])
        waiting = UNSENT.among(descriptors)
        if not waiting.any():
            self._send(ring, seats, descriptors, range(len(descriptors)), data)
            return []
        free = (~waiting).nonzero()[0]
        if len(free):
            self._send(ring, seats, descriptors[free], free.tolist(), data)
        seated = _seated(seats)
        return _unencrypted([seated[number] for number in waiting.nonzero()[0].tolist()], data)

    def _send(
        self,
        ring: Ring,
        seats: Sequence[Seats],
        descriptors: npt.NDArray[np.int32],
        numbers: Sequence[int],
        data: bytes,
    ) -> None:
        """Send to those who are free; ``numbers``: which of all they are."""
        short = ring.send(descriptors, data)
        if ring.closed:
            log.warning("writes_one_by_one", reason="the ring broke")
        seated = _seated(seats) if short else []
        for number, result in short:
            exchange = seated[numbers[number]]
            if exchange is not None:
                exchange.transport.took(data, result)

    def close(self) -> None:
        """Give back what it took of the system."""
        if self._ring is not None:
            self._ring.close()


def _seated(seats: Sequence[Seats]) -> list[Exchange | None]:
    return [exchange for each in seats for exchange in each.seated]


def _unencrypted(exchanges: list[Exchange | None], data: bytes) -> list[Exchange]:
    """Write to those who encrypt and can take it now; return the others."""
    others: list[Exchange] = []
    for exchange in exchanges:
        if exchange is None:
            continue
        transport = exchange.transport
        if transport.descriptor == ENCRYPTS and not transport.get_write_buffer_size():
            transport.write(data)
        else:
            others.append(exchange)
    return others


ONE_BY_ONE: Final = Broadcast()
"""For where few are written to."""
