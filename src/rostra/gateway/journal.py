"""What a waiting room must know again after a kill -9 of the door: one file for each space, appended to.

Records of 33 bytes: a letter and 32 bytes. A torn one at the end is cut off. Nothing is synced to disk: what
was written outlives the process, and a machine that loses power has lost its listeners too. What a full disk
does not take is kept, in order, for the next write. Decides nothing.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.admission.moving import Block

_RECORD: Final = struct.Struct(">c32s")
_OPENED: Final = struct.Struct(">Q24x")
_ENDED: Final = struct.Struct(">QQ16x")
_NUMBERS: Final = struct.Struct(">B7xQ16x")
_USE: Final = struct.Struct(">B7x8s8s8x")
_NUMBER_AT: Final = struct.Struct(">B7xQQ8x")
_LINK: Final = struct.Struct(">Q8s16x")
_BLOCK: Final = struct.Struct(">B8sQQI3x")
_CLOSED: Final = b"X"
_SEED, _OPEN, _ENTRY, _SECOND, _DRAWN, _GIVEN, _CALLED, _IN = b"S", b"O", b"E", b"F", b"D", b"G", b"C", b"I"
_BY_LINK, _OWED, _UNHEARD, _LINK_USE, _TAKEN_IN, _KEY = b"L", b"W", b"U", b"P", b"M", b"K"
_OF_THE_DRAW: Final = frozenset({_SEED, _OPEN, _CLOSED, _DRAWN, _ENTRY, _SECOND})


@dataclass(slots=True)
class Remembered:
    """What a journal says."""

    key: bytes = b""
    """What signs places."""
    seed: bytes = b""
    opened_ms: int = 0
    entries: list[tuple[int, bytes]] = field(default_factory=list)
    """Line and id of each entry before the draw, in order."""
    root: bytes = b""
    """Of the log; empty before the draw."""
    closed_ms: int = 0
    seed_after_ms: int = 0
    """How long after the root the seed is told."""
    given: dict[int, int] = field(default_factory=dict)
    """By line: numbers below may have been given out."""
    called: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """By line: when numbers below which were called; the last is the serving number."""
    owed: dict[int, set[int]] = field(default_factory=dict)
    """By line: numbers that claimed and found no place; some were let in afterwards."""
    let_in: dict[int, dict[int, int]] = field(default_factory=dict)
    """By line: numbers that were let in and came, as far as it is known, and when."""
    links: dict[int, bytes] = field(default_factory=dict)
    """By number in the reserved line: the link that it came by."""
    inside_by_link: dict[bytes, bytes] = field(default_factory=dict)
    """Who was inside by a reserved link, by listener's id: the link."""
    taken_in: list[tuple[bytes, int, Block]] = field(default_factory=list)
    """Of spaces that moved here: the space's tag, and which numbers of which line have which here."""


class Journal:
    """One space's journal, open for appending."""

    def __init__(self, path: Path) -> None:
        """Read what it says; the first write makes the file where there is none. OSError."""
        self.remembered = remembered(path)
        self.failing = False
        """Whether the last write failed: what was added since the one before is in memory alone."""
        self._path = path
        self._file: int | None = None
        self._pending = bytearray()

    def keyed(self, key: bytes) -> None:
        """Places are signed with this key."""
        self._add(_KEY, key)

    def opened(self, seed: bytes, at_ms: int) -> None:
        """The room opens with this seed."""
        self._add(_SEED, seed)
        self._add(_OPEN, _OPENED.pack(at_ms))

    def entered(self, line: int, entry: bytes) -> None:
        """Somebody entered before the draw."""
        self._add(_SECOND if line else _ENTRY, entry)

    def drawn(self, root: bytes, at_ms: int, seed_after_ms: int) -> None:
        """The room is closed and drawn: the root of its log, and how long after it the seed is told."""
        self._add(_CLOSED, _ENDED.pack(at_ms, seed_after_ms))
        self._add(_DRAWN, root)

    def give(self, line: int, below: int) -> None:
        """Numbers below this are about to be given out."""
        self._add(_GIVEN, _NUMBERS.pack(line, below))

    def call(self, line: int, below: int, at_ms: int) -> None:
        """Numbers below this are called."""
        self._add(_CALLED, _NUMBER_AT.pack(line, below, at_ms))

    def owe(self, line: int, number: int) -> None:
        """This number has claimed and found no place."""
        self._add(_OWED, _NUMBERS.pack(line, number))

    def let_in(self, line: int, number: int, at_ms: int) -> None:
        """This number has had its place."""
        self._add(_IN, _NUMBER_AT.pack(line, number, at_ms))

    def unheard(self, line: int, number: int) -> None:
        """Whoever was let in by this number never came."""
        self._add(_UNHEARD, _NUMBERS.pack(line, number))

    def by_link(self, number: int, link: bytes) -> None:
        """This number of the reserved line came by this link."""
        self._add(_BY_LINK, _LINK.pack(number, link))

    def use_link(self, listener: bytes, link: bytes, *, inside: bool) -> None:
        """This listener came in by this link, or has left."""
        self._add(_LINK_USE, _USE.pack(inside, listener, link))

    def take_in(self, tag: bytes, line: int, block: Block) -> None:
        """Those who wait in a line of another space, which its tag names, have these numbers from now on."""
        self._add(_TAKEN_IN, _BLOCK.pack(line, tag, block.first, block.here, block.count))

    def flush(self) -> None:
        """Write what was added; before anybody is told of it. OSError: the next call goes on from there.

        A record that was written in part is completed by the next call, before any other.
        """
        if not self._pending:
            return
        self.failing = True
        if self._file is None:
            self._file = _opened(self._path)
        while self._pending:
            del self._pending[: os.write(self._file, self._pending)]
        self.failing = False

    def close(self) -> None:
        """Write what is left and close the file. OSError: it is closed all the same."""
        try:
            self.flush()
        finally:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _add(self, letter: bytes, value: bytes) -> None:
        self._pending += _RECORD.pack(letter, value)


def _opened(path: Path) -> int:
    """Open for appending, without the torn record that a kill may have left. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.ftruncate(file, os.fstat(file).st_size // _RECORD.size * _RECORD.size)
    except OSError:
        os.close(file)
        raise
    return file


def remembered(path: Path) -> Remembered:
    """Read what a journal says; nothing where there is none. OSError."""
    found = Remembered()
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return found
    whole = len(raw) // _RECORD.size * _RECORD.size
    for letter, value in _RECORD.iter_unpack(raw[:whole]):
        if letter in _OF_THE_DRAW:
            _take_draw(found, letter, value)
        else:
            _take_line(found, letter, value)
    return found


def of_the_draw(path: Path) -> tuple[Remembered, NDArray[np.uint8]]:
    """Read what a journal says of its draw alone, and its entries as rows of 33 bytes: line and id. OSError.

    Nothing of one that never was. Four million take a moment.
    """
    found, raw = Remembered(), path.read_bytes()
    records = np.frombuffer(raw, np.uint8, len(raw) // _RECORD.size * _RECORD.size).reshape(-1, _RECORD.size)
    letters = records[:, 0]
    if not (letters == ord(_DRAWN)).any():
        return found, np.empty((0, _RECORD.size), np.uint8)
    entries = records[(letters == ord(_ENTRY)) | (letters == ord(_SECOND))]
    entries[:, 0] = entries[:, 0] == ord(_SECOND)
    for letter in (_SEED, _OPEN, _CLOSED, _DRAWN):
        for record in records[letters == ord(letter)]:
            _take_draw(found, letter, record[1:].tobytes())
    return found, entries


def _take_draw(found: Remembered, letter: bytes, value: bytes) -> None:
    if letter == _SEED:
        found.seed = value
    elif letter == _OPEN:
        (found.opened_ms,) = _OPENED.unpack(value)
    elif letter == _CLOSED:
        found.closed_ms, found.seed_after_ms = _ENDED.unpack(value)
    elif letter == _DRAWN:
        found.root = value
    else:
        found.entries.append((int(letter == _SECOND), value))


def _take_line(found: Remembered, letter: bytes, value: bytes) -> None:
    if letter == _GIVEN:
        line, number = _NUMBERS.unpack(value)
        found.given[line] = number
    elif letter == _CALLED:
        line, number, at_ms = _NUMBER_AT.unpack(value)
        found.called.setdefault(line, []).append((at_ms, number))
    elif letter == _IN:
        line, number, at_ms = _NUMBER_AT.unpack(value)
        found.let_in.setdefault(line, {})[number] = at_ms
    elif letter == _OWED:
        line, number = _NUMBERS.unpack(value)
        found.owed.setdefault(line, set()).add(number)
    elif letter == _UNHEARD:
        line, number = _NUMBERS.unpack(value)
        found.let_in.get(line, {}).pop(number, None)
        found.owed.get(line, set()).discard(number)
    elif letter == _BY_LINK:
        number, link = _LINK.unpack(value)
        found.links[number] = link
    elif letter == _LINK_USE:
        inside, listener, link = _USE.unpack(value)
        if inside:
            found.inside_by_link[listener] = link
        else:
            found.inside_by_link.pop(listener, None)
    elif letter == _KEY:
        found.key = value
    elif letter == _TAKEN_IN:
        line, tag, first, here, count = _BLOCK.unpack(value)
        found.taken_in.append((tag, line, Block(first=first, count=count, here=here)))
