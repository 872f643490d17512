"""The draw among all who were there before the start: by commit and reveal, so that anyone can check it.

When the waiting room opens, SHA-256 of a random *seed* is published. Each entry gets the id
SHA-256(client nonce ‖ server nonce), logged in order. When the room closes, the log's Merkle root (RFC 6962)
is published, and only then the seed. The *rank* of an entry is HMAC-SHA256(seed, id); numbers are dealt by
ascending rank. What that proves and what it cannot is :data:`PROVES` and :data:`PROVES_NOT`. Pure.
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
PROVES: Final = (
    "The seed was fixed before anybody entered: it is the one that was promised.",
    "Every entry of the log was ranked by that seed alone; nobody was ranked again, moved or left out.",
)
PROVES_NOT: Final = (
    "That no entry was invented: whoever runs the door can enter as often as they like.",
    "That an entry stood in the right line, first or second: only its owner can compare a receipt.",
    "That the door let people in in this order afterwards: only those who were there can say so.",
)


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
    """SHA-256 of the seed, from when the room opened."""
    root: bytes
    """Over the log, from when the room closed, before the seed."""
    seed: bytes
    log: Sequence[bytes]
    """Ids in the order of entering."""


def commit(seed: bytes) -> bytes:
    """Return what is published of a seed beforehand."""
    return sha256(seed).digest()


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
        raise DrawNotAsPublished("The log is not the one whose root was published before the seed.")
    ranks = np.fromiter((rank(published.seed, place) for place in published.log), np.uint64)
    return deal(ranks)
