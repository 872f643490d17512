"""What a door publishes of a draw that is over, as two files: a document and its log. Writes, reads, checks.

``draw.json`` names commitment, root, seed and when the room opened and closed; ``draw.log`` holds a line for
each entry in the order of entering: its id in hexadecimal, and its line (0 first, 1 second). Both may come
from anywhere: they meet limits before they are parsed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from rostra.admission.draw import ID_BYTES, DrawNotAsPublished, Published, verify
from rostra.core.ids import SpaceId

MOST_ENTRIES: Final = 4_000_000
MOST_DOCUMENT_BYTES: Final = 4_096
ENTRY_BYTES: Final = 2 * ID_BYTES + 3
"""Of one line of the log."""
LINES: Final = 2
VERSION: Final = 2


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """``draw.json``. Hexadecimal; times are UTC milliseconds."""

    v: int = VERSION
    """How rank and root are made."""
    space: SpaceId
    commitment: str
    root: str
    seed: str
    opened_at: int
    closed_at: int
    entries: int
    log: str = "draw.log"
    """Where the log is, beside this document."""


def write_log(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """Render entries, each with its line, as a piece of ``draw.log``."""
    return "".join(f"{entry.hex()} {line}\n" for line, entry in entries).encode()


def check(document: bytes, log: bytes) -> tuple[Document, Published, NDArray[np.int64]]:
    """Check a draw offline. Returns both files as they are read, and the number of each entry in its line.

    DrawNotAsPublished for whatever does not fit together, or is no such file.
    """
    stated = _document(document)
    ids, lines = _entries(log)
    if len(ids) != stated.entries:
        raise DrawNotAsPublished("The log has more or fewer entries than the document says.")
    try:
        published = Published(
            commitment=bytes.fromhex(stated.commitment),
            root=bytes.fromhex(stated.root),
            seed=bytes.fromhex(stated.seed),
            log=ids,
            lines=lines.tolist(),
        )
    except ValueError as error:
        raise DrawNotAsPublished("The document is damaged.") from error
    return stated, published, verify(published)


def _document(raw: bytes) -> Document:
    if len(raw) > MOST_DOCUMENT_BYTES:
        raise DrawNotAsPublished("The document is too large to be one.")
    try:
        document = msgspec.json.decode(raw, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DrawNotAsPublished("This is no document of a draw.") from error
    if document.v != VERSION:
        raise DrawNotAsPublished(f"This checks draws of version {VERSION}; the document is of {document.v}.")
    return document


def _entries(raw: bytes) -> tuple[list[bytes], NDArray[np.uint8]]:
    if len(raw) > MOST_ENTRIES * ENTRY_BYTES:
        raise DrawNotAsPublished("The log is too large to be checked here.")
    if len(raw) % ENTRY_BYTES:
        raise DrawNotAsPublished("The log is damaged.")
    rows = np.frombuffer(raw, np.uint8).reshape(-1, ENTRY_BYTES)
    lines = rows[:, -2] - np.uint8(ord("0"))
    if (rows[:, -1] != ord("\n")).any() or (rows[:, -3] != ord(" ")).any() or (lines >= LINES).any():
        raise DrawNotAsPublished("The log is damaged.")
    try:
        packed = bytes.fromhex(rows[:, : 2 * ID_BYTES].tobytes().decode("ascii"))
    except ValueError as error:
        raise DrawNotAsPublished("The log is damaged.") from error
    if len(packed) != len(rows) * ID_BYTES:
        raise DrawNotAsPublished("The log is damaged.")
    return [packed[at : at + ID_BYTES] for at in range(0, len(packed), ID_BYTES)], lines
