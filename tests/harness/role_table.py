"""A table of who may do what: read from text, one row a line. Knows nothing of sites.

Columns are visitors, cells the status of the answer: ``method place path [body] status…``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from harness import addresses
from harness.visitors import VISITORS


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    method: str
    place: str
    path: str
    body: str
    answers: tuple[int, ...]

    @classmethod
    def read(cls, line: str) -> Row:
        method, place, path, *rest = line.split()
        body = rest.pop(0) if len(rest) > len(VISITORS) else ""
        return cls(method, place, path, body, tuple(int(status) for status in rest))

    @property
    def name(self) -> str:
        """What no other row asks for."""
        return " ".join((self.method, self.place, self.path, self.body)).rstrip()

    @property
    def space(self) -> str:
        """The space that it asks for, by its name in a house; empty where it asks for none."""
        found = re.match(r"(?:/s)?/?\{(\w+)\}", self.path)
        return found[1] if found else ""

    def is_of_share(self, share: int) -> bool:
        """Whether it is one of those that a ``share``-th of all are: by its name, wherever it stands."""
        return crc32(self.name.encode()) % share == 0


def rows(table: str) -> list[Row]:
    head, *lines = (line for line in table.splitlines() if line.strip())
    assert tuple(head.split()) == VISITORS
    found = [Row.read(line) for line in lines]
    assert all(len(row.answers) == len(VISITORS) for row in found)
    return found


def asked(table: Iterable[Row], *places: str) -> list[addresses.Address]:
    """What rows ask for in some places."""
    return [
        (row.method, ("/api/v1" if row.place == "api" else "") + row.path.partition("?")[0])
        for row in table
        if row.place in places
    ]
