"""``rostra draw verify`` on the files that a door publishes."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from rostra.admission.draw import commit, place_id, root_of, server_nonce
from rostra.admission.drawn import Document, write_log
from rostra.core.ids import SpaceId
from rostra.simulation.draw_commands import draw_app

SEED = sha256(b"a seed").digest()
THEIRS = [sha256(bytes([n])).digest()[:16] for n in range(20)]
IDS = [place_id(nonce, server_nonce(SEED, n)) for n, nonce in enumerate(THEIRS)]
LINES = [int(n % 4 == 3) for n in range(len(IDS))]
ROOT = root_of(IDS, LINES)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """``draw.json`` with its log beside it."""
    stated = Document(
        space=SpaceId("abcdefghjk"),
        commitment=commit(SEED).hex(),
        root=ROOT.hex(),
        seed=SEED.hex(),
        opened_at=1_700_000_000_000,
        closed_at=1_700_000_900_000,
        entries=len(IDS),
    )
    (tmp_path / "draw.log").write_bytes(write_log(zip(LINES, IDS, strict=True)))
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


def test_what_needs_something_from_outside_is_claimed_only_with_it(files: Path) -> None:
    code, said = verify(str(files))
    proved, _, open_ = said.partition("It cannot prove:")
    assert (code, "fixed before" in proved, "closed before" in proved, "yours alone" in proved) == (0,) + (
        False,
    ) * 3
    assert all(option in open_ for option in ("--commitment", "--root", "--nonces", "--line"))
    noted = ["--commitment", commit(SEED).hex(), "--root", ROOT.hex().upper()]
    code, said = verify(str(files), *noted, "--id", IDS[3].hex(), *receipt(3), "--line", "1")
    proved, _, open_ = said.partition("It cannot prove:")
    assert (code, "The seed was fixed before you noted" in proved, "The list is the one" in proved) == (
        0,
        True,
        True,
    )
    assert "yours alone" in proved
    assert "stood in the line that you noted" in proved
    assert "--" not in open_


def test_a_seed_that_was_picked_once_all_had_entered_is_found(files: Path) -> None:
    promised = commit(sha256(b"what pages were told").digest())
    code, said = verify(str(files), "--commitment", promised.hex())
    assert (code, "not the one that was promised" in said) == (1, True)
    code, said = verify(str(files), "--root", root_of(IDS[1:], LINES[1:]).hex())
    assert (code, "whose fingerprint you noted" in said) == (1, True)


def test_an_entry_that_is_somebody_elses_or_was_picked_is_found(files: Path) -> None:
    mine = ["--id", IDS[3].hex()]
    code, said = verify(str(files), *mine, *receipt(4))
    assert (code, "not made of these nonces" in said) == (1, True)
    assert verify(str(files), *mine, "--nonces", "-", "nonsense!")[0] == 1
    assert verify(str(files), *receipt(3))[0] == 2, "nonces of no entry"
    assert msgspec.json.decode(verify(str(files), *mine, *receipt(3), "--json")[1])["index"] == 3


def receipt(index: int) -> list[str]:
    """As a page shows it."""
    both = THEIRS[index], server_nonce(SEED, index)
    return ["--nonces", *(base64.urlsafe_b64encode(nonce).decode().rstrip("=") for nonce in both)]


def test_a_receipt_is_compared_with_what_was_dealt(files: Path) -> None:
    found = msgspec.json.decode(verify(str(files), "--id", IDS[3].hex(), "--json")[1])
    number = found["number"]
    assert verify(str(files), "--id", IDS[3].hex(), "--number", str(number))[0] == 0
    code, said = verify(str(files), "--id", IDS[3].hex(), "--number", str(number + 1))
    assert (code, f"the number {number}, not {number + 1}" in said) == (1, True)
    assert verify(str(files), "--id", sha256(b"a stranger").hexdigest())[0] == 1
    assert verify(str(files), "--id", "nonsense")[0] == 1


def test_an_entry_that_was_moved_to_another_line_is_found(files: Path) -> None:
    mine = ["--id", IDS[3].hex()]
    assert "in the second line" in verify(str(files), *mine, "--line", "1")[1]
    code, said = verify(str(files), *mine, "--line", "0")
    assert (code, "stands in line 1 of the log, not 0" in said) == (1, True)
    assert verify(str(files), "--line", "0")[0] == 2, "the line of no entry"
    log = files.with_suffix(".log")
    log.write_bytes(write_log((0, each) for each in IDS))
    code, said = verify(str(files))
    assert (code, "root is published with it" in said) == (1, True)


def test_what_a_document_says_by_itself_is_not_said_to_be_proved(files: Path) -> None:
    stated = msgspec.json.decode(files.read_bytes(), type=Document)
    other = msgspec.structs.replace(stated, space=SpaceId("other22222"), closed_at=stated.closed_at + 900_000)
    files.write_bytes(msgspec.json.encode(other))
    code, said = verify(str(files))
    open_ = said.partition("It cannot prove:")[2]
    assert code == 0, "neither seed nor list bears them"
    assert "by its own word from 2023-11-14" in said
    assert "Of which conversation it is, and when its room was open" in open_
    assert "That others were shown the same fingerprints" in open_


def test_what_was_tampered_with_does_not_hold(files: Path) -> None:
    log = files.with_suffix(".log")
    log.write_bytes(write_log(zip(LINES, [*IDS[:-1], sha256(b"a friend").digest()], strict=True)))
    code, said = verify(str(files))
    assert (code, "root is published with it" in said) == (1, True)
    log.unlink()
    assert verify(str(files))[0] == 1
