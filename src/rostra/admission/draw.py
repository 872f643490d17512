"""The draw among all who were there before the start: by commit and reveal, so that anyone can check it.

When the waiting room opens, SHA-256 of a random *seed* is published. Each entry gets the id
SHA-256(client nonce ‖ server nonce), logged in order; the server's nonce follows from the seed and the index
in the log, so that nobody's is picked for them. When the room closes, the log's Merkle root (RFC 6962)
is published, and some time later the seed. The *rank* of an entry is HMAC-SHA256(seed, id); numbers are dealt
by ascending rank. What that proves by itself is :data:`PROVES`, what nothing can :data:`PROVES_NOT`. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.core.errors import BadRequest, RostraError
from rostra.core.merkle import root

ID_BYTES: Final = 32
NONCE_BYTES: Final = 16
"""Of the server's nonce."""
PROVES: Final = (
    "The numbers follow from this seed and this list alone: nobody in it was ranked again or moved."
)
PROVES_NOT: Final = (
    "That no entry was invented: whoever runs the door knows the seed, and can enter as often as they like.",
    "That entries were logged in the order in which people came: the index of each decides its number.",
    "That an entry stood in the right line, first or second: only its owner can compare a receipt.",
    "That the door let people in in this order afterwards: only those who were there can say so.",
)
"""Whatever is brought from outside."""


class DrawNotAsPublished(RostraError):
    """The draw does not hold: what is published does not fit together."""

    code = "draw_not_as_published"
    status = 422


class NonceUnusable(BadRequest):
    """A nonce is 16 to 64 bytes."""

    code = "nonce_unusable"


@dataclass(frozen=True, slots=True)
class Published:
    """What a door publishes of one draw, once it is over."""

    commitment: bytes
    """SHA-256 of the seed."""
    root: bytes
    """Over the log."""
    seed: bytes
    log: Sequence[bytes]
    """Ids in the order of entering."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody was told as they entered, with the nonce that they had brought."""

    entry: bytes
    client_nonce: bytes
    server_nonce: bytes


def commit(seed: bytes) -> bytes:
    """Return what is published of a seed beforehand."""
    return sha256(seed).digest()


def server_nonce(seed: bytes, index: int) -> bytes:
    """Return the server's nonce for the entry at ``index`` of the log.

    Of HMAC-SHA256(seed, index as eight bytes), RFC 2104; a rank is one over 32, so the two never meet.
    """
    return hmac.digest(seed, index.to_bytes(8, "big"), "sha256")[:NONCE_BYTES]


def place_id(client_nonce: bytes, server_nonce: bytes) -> bytes:
    """Return the id of an entry. Neither side chooses it alone. NonceUnusable."""
    if not (16 <= len(client_nonce) <= 64 and 16 <= len(server_nonce) <= 64):
        raise NonceUnusable
    return sha256(client_nonce + server_nonce).digest()


def rank(seed: bytes, place: bytes) -> int:
    """Return the rank of an entry: the first 64 bits of HMAC-SHA256(seed, id), RFC 2104."""
    return int.from_bytes(hmac.digest(seed, place, "sha256")[:8], "big")


def deal(ranks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of each entry, from 0, by ascending rank; equal ranks in the order of entering."""
    numbers = np.empty(len(ranks), np.int64)
    numbers[np.argsort(ranks, kind="stable")] = np.arange(len(ranks), dtype=np.int64)
    return numbers


def verify(published: Published) -> NDArray[np.int64]:
    """Check a draw offline; return the number of each entry of the log. DrawNotAsPublished."""
    if commit(published.seed) != published.commitment:
        raise DrawNotAsPublished("The seed is not the one that was promised.")
    if any(len(place) != ID_BYTES for place in published.log):
        raise DrawNotAsPublished("The log holds an entry that is no place.")
    if len(set(published.log)) != len(published.log):
        raise DrawNotAsPublished("The log holds a place twice.")
    if root(published.log) != published.root:
        raise DrawNotAsPublished("The log is not the one whose root is published with it.")
    ranks = np.fromiter((rank(published.seed, place) for place in published.log), np.uint64)
    return deal(ranks)


def check_receipt(seed: bytes, index: int, receipt: Receipt) -> None:
    """Check that the entry at ``index`` is its owner's alone. DrawNotAsPublished, NonceUnusable."""
    if place_id(receipt.client_nonce, receipt.server_nonce) != receipt.entry:
        raise DrawNotAsPublished("Your entry is not made of these nonces.")
    if receipt.server_nonce != server_nonce(seed, index):
        raise DrawNotAsPublished("The door's nonce does not follow from the seed: it was picked.")
