"""Draws that are over, for whoever asks: one journal is read at a time, however many ask for however many."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from rostra.core.errors import Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway import draws
from rostra.gateway.draws import DOCUMENT, LOG, MOST_ASKED, Draws, read
from rostra.gateway.journal import Journal, remembered

from .conftest import FakeExchange, Reply


class Reader(FakeExchange):
    """Takes a streamed answer piece by piece."""

    def stream(self, head: bytes, more: Any) -> None:
        pieces: list[bytes | Exception | None] = [head]
        while pieces[-1] is not None:
            more(pieces.append)
        self.sent.append(b"".join(piece for piece in pieces if isinstance(piece, bytes)))


def over(folder: Path, space: SpaceId, count: int) -> None:
    """Leave the journal of a draw of so many, every third in the second line."""
    journal = Journal(folder / space / "journal")
    journal.keyed(b"k" * 32)
    journal.opened(b"s" * 32, 7)
    for number in range(count):
        journal.entered(int(number % 3 == 2), number.to_bytes(32, "big"))
    journal.drawn(b"r" * 32, 9, 3_000)
    journal.give(0, count)
    journal.close()


def test_a_journal_says_the_same_of_its_draw_to_whoever_asks_as_to_the_next_process(tmp_path: Path) -> None:
    space = SpaceId("abcdefghjk")
    over(tmp_path, space, 100)
    path = tmp_path / space / "journal"
    known, drawn = remembered(path), read(path, space)
    assert [(int(row[0]), row[1:].tobytes()) for row in drawn.entries] == known.entries
    assert (drawn.document.seed, drawn.document.root) == (known.seed.hex(), known.root.hex())
    assert (drawn.document.opened_at, drawn.document.closed_at, drawn.document.entries) == (7, 9, 100)


async def test_a_log_of_several_pieces_goes_out_whole(tmp_path: Path) -> None:
    space = SpaceId("abcdefghjk")
    over(tmp_path, space, 2_500)
    shelf, reader = Draws(tmp_path), Reader()
    shelf.deliver(space, LOG, reader, kept=())  # type: ignore[arg-type]  # all that it uses of an exchange
    async with asyncio.timeout(5):
        while not reader.sent:
            await asyncio.sleep(0.001)
    assert Reply.parse(reader.sent[0]).body == read(tmp_path / space / "journal", space).log(0, 2_500)


async def test_however_many_draws_are_asked_for_one_journal_is_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, reading, at_once = threading.Lock(), 0, []

    def slowly(journal: Path, space: SpaceId) -> draws.Drawn:
        nonlocal reading
        with reads:
            reading += 1
            at_once.append(reading)
        threading.Event().wait(0.01)
        with reads:
            reading -= 1
        return read(journal, space)

    monkeypatch.setattr(draws, "read", slowly)
    spaces = [SpaceId(f"abcdefghj{number}") for number in range(2, 3 + MOST_ASKED)]
    for space in spaces:
        over(tmp_path, space, 3)
    shelf, readers = Draws(tmp_path), [Reader() for _ in spaces]
    for space, reader in zip(spaces[:-1], readers, strict=False):
        for _ in range(2):
            shelf.deliver(space, DOCUMENT, reader, kept=())  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        shelf.deliver(spaces[-1], DOCUMENT, readers[-1], kept=())  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        while not all(reader.sent for reader in readers[:-1]):
            await asyncio.sleep(0.001)
    assert at_once == [1] * MOST_ASKED
    assert {Reply.parse(sent).status for reader in readers for sent in reader.sent} == {200}
