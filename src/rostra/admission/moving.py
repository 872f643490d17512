"""A space that goes on in another: what its tickets and places are worth there.

Whoever is inside comes straight in, for their seat comes along. Whoever stands in line gets, at the moment at
which both are on the air, the next numbers there in the order of those here: a *block*, behind those who
wait there already and before all who come later. Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

from rostra.admission.places import Place
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, Ticket, check, space_tag
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId


def ticket_from(
    keyring: Keyring, text: str, sources: Iterable[tuple[SpaceId, int]], *, now_s: int
) -> Ticket | None:
    """Return what a ticket to one of ``sources`` states; None for whatever admits to none of them.

    ``sources``: spaces, each with its present epoch.
    """
    for space, epoch in sources:
        with suppress(RostraError):
            ticket = check(keyring, text, space=space, now_s=now_s)
            return None if ticket.has_ended(epoch) else ticket
    return None


def listener_in(space: SpaceId, listener: bytes) -> bytes:
    """Return the id, in the space where theirs goes on, of a listener: another, and always the same.

    So the edge counts them in both as long as it writes to them in both, and the door knows which is over.
    """
    return blake2b(listener, digest_size=8, key=space_tag(space), person=b"rostra.moved").digest()


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers of one line that have become numbers of another."""

    first: int
    """There, where they came from."""
    count: int
    here: int
    """What the first has become."""

    def number(self, theirs: int) -> int | None:
        """Return what a number of theirs has become; None where it did not come along."""
        at = theirs - self.first
        return self.here + at if 0 <= at < self.count else None


class TakenIn:
    """The lines that one space has taken in."""

    def __init__(self) -> None:
        self.sources: dict[SpaceId, Callable[[Place], int | None]] = {}
        """By space: what says which number one of its places has there."""
        self.keys: dict[SpaceId, bytes] = {}
        """By space: what its places are signed with."""
        self._blocks: dict[tuple[bytes, Kind], Block] = {}

    def add(self, tag: bytes, line: Kind, block: Block) -> None:
        """Take in a block of the space that ``tag`` names (:func:`.tickets.space_tag`)."""
        self._blocks[tag, line] = block

    def has(self, space: SpaceId) -> bool:
        """Whether a line of ``space`` was taken in."""
        return any(tag == space_tag(space) for tag, _ in self._blocks)

    def block(self, space: SpaceId, line: Kind) -> Block | None:
        """Return what has come from a line of ``space``; None where it was not taken in."""
        return self._blocks.get((space_tag(space), line))

    def number(self, place: Place) -> int | None:
        """Return which number here a place of another space has; None where it has none."""
        block, number_of = self.block(place.space, place.line), self.sources.get(place.space)
        number = number_of(place) if number_of is not None else None
        return block.number(number) if block is not None and number is not None else None
