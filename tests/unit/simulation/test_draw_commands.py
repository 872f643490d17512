"""``rostra draw verify`` on the files that a door publishes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from rostra.admission.draw import commit, place_id
from rostra.admission.drawn import Document, write_log
from rostra.core.ids import SpaceId
from rostra.core.merkle import root
from rostra.simulation.draw_commands import draw_app

SEED = sha256(b"a seed").digest()
IDS = [place_id(sha256(bytes([n])).digest(), b"s" * 16) for n in range(20)]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """``draw.json`` with its log beside it."""
    stated = Document(
        space=SpaceId("abcdefghjk"),
        commitment=commit(SEED).hex(),
        root=root(IDS).hex(),
        seed=SEED.hex(),
        opened_at=1_700_000_000_000,
        closed_at=1_700_000_900_000,
        entries=len(IDS),
    )
    (tmp_path / "draw.log").write_bytes(write_log((0, each) for each in IDS))
    file = tmp_path / "draw.json"
    file.write_bytes(msgspec.json.encode(stated))
    return file


def verify(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(draw_app, ["verify", *arguments])
    return done.exit_code, done.output


def test_a_draw_that_holds_says_what_it_proves_and_what_it_cannot(files: Path) -> None:
    code, said = verify(str(files))
    assert code == 0
    assert "The draw holds: 20 entries" in said
    assert "It proves:" in said
    assert "no entry was invented" in said.partition("It cannot prove:")[2]


def test_a_receipt_is_compared_with_what_was_dealt(files: Path) -> None:
    found = msgspec.json.decode(verify(str(files), "--id", IDS[3].hex(), "--json")[1])
    number = found["number"]
    assert verify(str(files), "--id", IDS[3].hex(), "--number", str(number))[0] == 0
    code, said = verify(str(files), "--id", IDS[3].hex(), "--number", str(number + 1))
    assert (code, f"the number {number}, not {number + 1}" in said) == (1, True)
    assert verify(str(files), "--id", sha256(b"a stranger").hexdigest())[0] == 1
    assert verify(str(files), "--id", "nonsense")[0] == 1


def test_what_was_tampered_with_does_not_hold(files: Path) -> None:
    log = files.with_suffix(".log")
    log.write_bytes(write_log((0, each) for each in [*IDS[:-1], sha256(b"a friend").digest()]))
    code, said = verify(str(files))
    assert (code, "published before the seed" in said) == (1, True)
    log.unlink()
    assert verify(str(files))[0] == 1
