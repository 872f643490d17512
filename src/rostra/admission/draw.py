"""The draw among all who were there before the start: by commit and reveal, so that anyone can check it.

When the waiting room opens, SHA-256 of a random *seed* is published. Each entry gets the id
SHA-256(client nonce ‖ server nonce), logged in order; the server's nonce follows from the seed and the index
in the log, so that nobody's is picked for them. When the room closes, the log's Merkle root (RFC 6962)
is published, over each id and the line that it stood in, and some time later the seed. The *rank* of an entry
is HMAC-SHA256(seed, root ‖ id), so that nobody knows one before the log is closed; in each line numbers are
dealt by ascending rank. What that proves by itself is :data:`PROVES`, what nothing can
:data:`PROVES_NOT`. Pure.
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
_RANK_BYTES: Final = 8
PROVES: Final = (
    "The numbers follow from this seed and this list alone: nobody in it was ranked again or moved."
)
PROVES_NOT: Final = (
    "That no entry was invented: whoever runs the door knows the seed, and can enter as often as they like.",
    "That entries were logged in the order in which people came, or that everybody stood in the right line.",
    "That nobody steered it at the end: whoever knows the seed could add entries until the order suits them.",
    "That the door let people in in this order afterwards: only those who were there can say so.",
    "That others were shown the same fingerprints: compare yours with theirs.",
    "Of which conversation it is, and when its room was open: the document alone says so.",
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
    """Over the log and its lines."""
    seed: bytes
    log: Sequence[bytes]
    """Ids in the order of entering."""
    lines: Sequence[int]
    """Which line each of them stood in: 0 first, 1 second."""


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

    Of HMAC-SHA256(seed, index as eight bytes), RFC 2104; a rank is one over 64, so the two never meet.
    """
    return hmac.digest(seed, index.to_bytes(8, "big"), "sha256")[:NONCE_BYTES]


def place_id(client_nonce: bytes, server_nonce: bytes) -> bytes:
    """Return the id of an entry. NonceUnusable.

    Whoever knows the seed can look for one that they like, but not for its rank.
    """
    if not (16 <= len(client_nonce) <= 64 and 16 <= len(server_nonce) <= 64):
        raise NonceUnusable
    return sha256(client_nonce + server_nonce).digest()


def leaf(place: bytes, line: int) -> bytes:
    """Return an entry as the log's root covers it: its id, and in one byte the line that it stood in."""
    return place + bytes((line,))


def root_of(log: Sequence[bytes], lines: Sequence[int]) -> bytes:
    """Return the root over ids and their lines."""
    return root(leaf(place, line) for place, line in zip(log, lines, strict=True))


def rank(seed: bytes, root: bytes, place: bytes) -> int:
    """Return the rank of an entry: the first 64 bits of HMAC-SHA256(seed, root ‖ id), RFC 2104."""
    return int.from_bytes(hmac.digest(seed, root + place, "sha256")[:_RANK_BYTES], "big")


def ranks(seed: bytes, root: bytes, places: bytes) -> NDArray[np.uint64]:
    """Return the ranks of entries whose ids stand in ``places``, one by one; a million take seconds."""
    each = (root + places[at : at + ID_BYTES] for at in range(0, len(places), ID_BYTES))
    found = b"".join(hmac.digest(seed, entry, "sha256")[:_RANK_BYTES] for entry in each)
    return np.frombuffer(found, ">u8").astype(np.uint64)


def deal(ranks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of each entry, from 0, by ascending rank; equal ranks in the order of entering."""
    numbers = np.empty(len(ranks), np.int64)
    numbers[np.argsort(ranks, kind="stable")] = np.arange(len(ranks), dtype=np.int64)
    return numbers


def verify(published: Published) -> NDArray[np.int64]:
    """Check a draw offline; return the number of each entry of the log in its line. DrawNotAsPublished."""
    if commit(published.seed) != published.commitment:
        raise DrawNotAsPublished("The seed is not the one that was promised.")
    if any(len(place) != ID_BYTES for place in published.log):
        raise DrawNotAsPublished("The log holds an entry that is no place.")
    if len(set(published.log)) != len(published.log):
        raise DrawNotAsPublished("The log holds a place twice.")
    if root_of(published.log, published.lines) != published.root:
        raise DrawNotAsPublished("The log is not the one whose root is published with it.")
    lines = np.asarray(published.lines, np.uint8)
    dealt = ranks(published.seed, published.root, b"".join(published.log))
    numbers = np.empty(len(dealt), np.int64)
    for line in np.unique(lines):
        numbers[lines == line] = deal(dealt[lines == line])
    return numbers


def check_receipt(seed: bytes, index: int, receipt: Receipt) -> None:
    """Check that the entry at ``index`` is its owner's alone. DrawNotAsPublished, NonceUnusable."""
    if place_id(receipt.client_nonce, receipt.server_nonce) != receipt.entry:
        raise DrawNotAsPublished("Your entry is not made of these nonces.")
    if receipt.server_nonce != server_nonce(seed, index):
        raise DrawNotAsPublished("The door's nonce does not follow from the seed: it was picked.")
