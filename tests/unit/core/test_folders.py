"""What Rostra makes on disk is for its own user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.folders import make_private
from rostra.store.database import database_path
from rostra.store.migrate import migrate
from rostra.tape import TapeWriter


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _modes(*folders: Path) -> list[str]:
    return [oct(folder.stat().st_mode & 0o777) for folder in folders]


def test_all_that_is_missing_is_made_for_one_user_and_what_is_there_stays(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    make_private(there / "data" / "keys")
    make_private(there / "data" / "keys")
    assert _modes(there, there / "data", there / "data" / "keys") == ["0o755", "0o700", "0o700"]


def test_neither_the_data_folder_nor_the_tapes_are_open_to_other_users(tmp_path: Path) -> None:
    data = tmp_path / "data"
    migrate(database_path(data))
    tape = data / "tapes" / "space23456" / "run23456"
    TapeWriter.create(tape, programme.genesis(), clock=ManualClock()).close()
    assert _modes(data, data / "tapes", tape.parent, tape) == ["0o700"] * 4
