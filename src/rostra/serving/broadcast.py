"""Write the same bytes to many exchanges, by one system call where the system has it and nobody encrypts."""

from __future__ import annotations

from typing import Final

import structlog

from rostra.serving.exchange import Exchange
from rostra.serving.ring import Ring, RingUnavailable
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

    def write(self, exchanges: list[Exchange], data: bytes) -> list[Exchange]:
        """Write ``data`` to those of up to :data:`~rostra.serving.ring.ENTRIES` who can take it now.

        Return the others, to be written to one by one: who has not taken all of before, who is over;
        everyone where they are few, or the system has no such call.
        """
        ring = self._ring
        if ring is None or ring.closed or len(exchanges) < _FEW:
            return exchanges
        transports = [each.transport for each in exchanges]
        descriptors = [each.descriptor for each in transports]
        if min(descriptors) < 0:
            others, plain = _by_themselves(exchanges, data)
            return others + self.write(plain, data)
        results = ring.send(descriptors, data)
        if ring.closed:
            log.warning("writes_one_by_one", reason="the ring broke")
        for number in (results != len(data)).nonzero()[0].tolist():
            transports[number].took(data, int(results[number]))
        return []

    def close(self) -> None:
        """Give back what it took of the system."""
        if self._ring is not None:
            self._ring.close()


def _by_themselves(exchanges: list[Exchange], data: bytes) -> tuple[list[Exchange], list[Exchange]]:
    """Write to those that speak TLS; return those who can take nothing now, and those without TLS."""
    others: list[Exchange] = []
    plain: list[Exchange] = []
    for exchange in exchanges:
        transport = exchange.transport
        if transport.descriptor == ENCRYPTS:
            transport.write(data)
        else:
            (plain if transport.descriptor >= 0 else others).append(exchange)
    return others, plain


ONE_BY_ONE: Final = Broadcast()
"""For where few are written to."""
