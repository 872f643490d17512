"""Exchanges that get the same bytes again and again, with their descriptors side by side.

Everybody has a *seat*. Where bytes go out to all by one system call, it is the descriptors that are read, and
no object of anybody: ten thousand of them are not in a processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from rostra.serving.exchange import Exchange

_FIRST_SEATS: Final = 8
_MOVE_UP: Final = 4
"""Once a seat of so many is empty: somebody leaves nearly always, and thousands are not soon seated anew."""
NOBODY: Final = -3
"""In the place of the descriptor of whoever sat there."""


class Recipients:
    """In the order in which they came. Whoever is over is let go of at once, and leaves an empty seat.

    A seat is somebody's as long as they stay, so that those who are written to in several turns may be
    told by theirs; only :meth:`seats` and :meth:`absorb` seat people anew.
    """

    __slots__ = ("_descriptors", "_empty", "_seated")

    changes: ClassVar[int] = 0
    """How often anybody anywhere has left their seat, or is reached otherwise."""

    def __init__(self) -> None:
        self._seated: list[Exchange | None] = []
        self._descriptors = np.empty(_FIRST_SEATS, np.int32)
        self._empty = 0

    def __len__(self) -> int:
        return len(self._seated) - self._empty

    def __iter__(self) -> Iterator[Exchange]:
        return (each for each in tuple(self._seated) if each is not None)

    def add(self, exchange: Exchange) -> None:
        """Seat somebody who is not over, and sits nowhere else."""
        seat = len(self._seated)
        if seat == len(self._descriptors):
            self._descriptors = np.resize(self._descriptors, 2 * seat)
        self._seated.append(exchange)
        self._descriptors[seat] = exchange.transport.descriptor
        exchange.sit(self, seat)

    def leave(self, seat: int) -> None:
        """Whoever sat there is over, or goes elsewhere."""
        self._seated[seat] = None
        self._descriptors[seat] = NOBODY
        self._empty += 1
        Recipients.changes += 1

    def moved(self, seat: int, descriptor: int) -> None:
        """Whoever sits there is reached by another descriptor from now on."""
        self._descriptors[seat] = descriptor
        Recipients.changes += 1

    def seats(self) -> Seats:
        """Return everybody's. Nobody may be written to by an earlier answer any more: they may move up."""
        if self._empty * _MOVE_UP > len(self._seated):
            stayed = list(self)
            self._seated, self._empty = [], 0
            for each in stayed:
                self.add(each)
        return Seats(self, 0, len(self._seated))

    def absorb(self, others: Recipients) -> Seats:
        """Take in all of the others; return their seats, which are behind everybody's who is here."""
        first = len(self._seated)
        for each in others:
            self.add(each)
        others._seated, others._empty = [], 0
        return Seats(self, first, len(self._seated))


@dataclass(frozen=True, slots=True)
class Seats:
    """Some that are side by side: from ``first`` to before ``last``. Some may be empty by now."""

    recipients: Recipients
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def descriptors(self) -> npt.NDArray[np.int32]:
        """By seat; negative for whoever takes no plain bytes."""
        return self.recipients._descriptors[self.first : self.last]

    @property
    def seated(self) -> list[Exchange | None]:
        """Who sits there now."""
        return self.recipients._seated[self.first : self.last]


class Queue:
    """All in some seats, by descriptor: about the order in which the kernel has their sockets in memory.

    Sending to one that lies beside the one before costs less than to one that lies anywhere. People may go
    while the queue is served; nobody takes a seat in it.
    """

    def __init__(self, some: Iterable[Seats]) -> None:
        self._some = tuple(some)
        self._ends = np.cumsum([len(seats) for seats in self._some])
        self._lasts = np.array([seats.last for seats in self._some])
        self._descriptors = self._now()
        taken = (self._descriptors != NOBODY).nonzero()[0]
        self._waiting = taken[np.argsort(self._descriptors[taken], kind="stable")]
        """Numbers of those who have not had their turn, of all seats one after the other."""

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, most: int) -> Turn:
        """Return up to so many whose turn it is."""
        numbers, self._waiting = self._waiting[:most], self._waiting[most:]
        if self._changes != Recipients.changes:
            self._descriptors = self._now()
        return Turn(self, numbers, self._descriptors[numbers])

    def seated(self, numbers: npt.NDArray[np.intp]) -> list[Exchange]:
        """Return who sits in these, as far as anybody does."""
        blocks = np.searchsorted(self._ends, numbers, side="right")
        seats = (self._lasts - self._ends)[blocks] + numbers
        found = (
            self._some[block].recipients._seated[seat]
            for block, seat in zip(blocks.tolist(), seats.tolist(), strict=True)
        )
        return [exchange for exchange in found if exchange is not None]

    def _now(self) -> npt.NDArray[np.int32]:
        self._changes = Recipients.changes
        return np.concatenate([seats.descriptors for seats in self._some])


class Turn(NamedTuple):
    """Some of a queue, for as long as nothing else happens."""

    queue: Queue
    numbers: npt.NDArray[np.intp]
    """Of the queue's seats."""
    descriptors: npt.NDArray[np.int32]

    def everyone(self) -> list[Exchange]:
        """Return all who sit there."""
        return self.queue.seated(self.numbers)


def people(some: Iterable[Seats]) -> list[Exchange]:
    """Return all who sit there now."""
    return [exchange for seats in some for exchange in seats.seated if exchange is not None]
