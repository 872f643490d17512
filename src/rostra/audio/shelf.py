"""Packets that came and are not played yet, by when they sound. Bounded: the oldest goes. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from rostra.core.samples import TICK

CAPACITY: Final = 256
"""Packets kept: five seconds of 20 ms."""
LEAST_HELD: Final = CAPACITY * TICK // 2
"""Samples that they make up: 2.56 s of packets of 10 ms, the shortest that answers ask for."""


class Waiting(NamedTuple):
    """One packet."""

    timestamp: int
    sequence: int
    samples: int
    payload: bytes


class Shelf:
    """Each packet at its timestamp, once."""

    def __init__(self) -> None:
        self.dropped = 0
        """Packets pushed out."""
        self._packets: dict[int, Waiting] = {}

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, packet: Waiting) -> None:
        """Keep a packet; one for the same time is kept as it is."""
        if packet.timestamp in self._packets:
            return
        if len(self._packets) >= CAPACITY:
            del self._packets[min(self._packets)]
            self.dropped += 1
        self._packets[packet.timestamp] = packet

    def has(self, timestamp: int) -> bool:
        return timestamp in self._packets

    def take(self, timestamp: int) -> Waiting | None:
        """Return the packet that sounds from ``timestamp`` on, if it is here, and keep it no longer."""
        return self._packets.pop(timestamp, None)

    def first(self) -> Waiting | None:
        """Return the packet that sounds first."""
        return self._packets[min(self._packets)] if self._packets else None

    def drop_before(self, timestamp: int) -> int:
        """Drop all that begins earlier; return how many."""
        old = [each for each in self._packets if each < timestamp]
        for each in old:
            del self._packets[each]
        self.dropped += len(old)
        return len(old)

    def clear(self) -> None:
        self._packets.clear()
