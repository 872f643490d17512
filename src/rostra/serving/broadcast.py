"""Write the same bytes to many exchanges at once, by one system call where the system has it."""

from __future__ import annotations

from typing import Final

import structlog

from rostra.serving.exchange import Exchange
from rostra.serving.ring import Ring, RingUnavailable

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

    def write(self, exchanges: list[Exchange], data: bytes) -> list[Exchange]:
        """Write ``data`` to those of up to :data:`~rostra.serving.ring.ENTRIES` who can take it so.

        Return the others, to be written to one by one: who has not taken all of before, who is over, who
        speaks TLS; everyone where the system has no such call.
        """
        ring = self._ring
        if ring is None or ring.closed or len(exchanges) < _FEW:
            return exchanges
        transports = [each.transport for each in exchanges]
        descriptors = [each.descriptor for each in transports]
        others: list[Exchange] = []
        if min(descriptors) < 0:
            others = [each for each in exchanges if each.transport.descriptor < 0]
            transports = [each for each in transports if each.descriptor >= 0]
            descriptors = [each.descriptor for each in transports]
        results = ring.send(descriptors, data)
        if ring.closed:
            log.warning("writes_one_by_one", reason="the ring broke")
        for number in (results != len(data)).nonzero()[0].tolist():
            transports[number].took(data, int(results[number]))
        return others

    def close(self) -> None:
        """Give back what it took of the system."""
        if self._ring is not None:
            self._ring.close()


ONE_BY_ONE: Final = Broadcast()
"""For where few are written to."""
