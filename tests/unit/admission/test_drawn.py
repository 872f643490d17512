"""The published files of a draw: checked offline, and whatever was changed in them is found."""

from __future__ import annotations

import random
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.draw import DrawNotAsPublished, commit, place_id, rank, root_of
from rostra.admission.drawn import ENTRY_BYTES, Document, check, write_log
from rostra.core.ids import SpaceId

SEED = sha256(b"a seed").digest()
ENTRIES = [(int(n % 5 == 0), place_id(sha256(bytes([n])).digest(), b"s" * 16)) for n in range(200)]
ROOT = root_of([entry for _, entry in ENTRIES], [line for line, _ in ENTRIES])


def document(**changed: object) -> bytes:
    stated = Document(
        space=SpaceId("abcdefghjk"),
        commitment=commit(SEED).hex(),
        root=ROOT.hex(),
        seed=SEED.hex(),
        opened_at=1_000,
        closed_at=2_000,
        entries=len(ENTRIES),
    )
    return msgspec.json.encode(msgspec.structs.replace(stated, **changed))


def test_each_line_is_dealt_from_zero_by_rank() -> None:
    _, published, numbers = check(document(), write_log(ENTRIES))
    for line in (0, 1):
        by_rank = sorted((rank(SEED, ROOT, entry), entry) for of, entry in ENTRIES if of == line)
        dealt = {entry: number for number, (_, entry) in enumerate(by_rank)}
        mine = [at for at, (of, _) in enumerate(ENTRIES) if of == line]
        assert {published.log[at]: int(numbers[at]) for at in mine} == dealt


def test_a_draw_of_nobody_holds() -> None:
    empty = document(entries=0, root=root_of([], []).hex())
    assert len(check(empty, b"")[2]) == 0


@pytest.mark.parametrize(
    ("changed", "log", "sentence"),
    [
        ({"seed": sha256(b"another").hexdigest()}, ENTRIES, "seed"),
        ({"seed": "zz"}, ENTRIES, "damaged"),
        ({}, ENTRIES[1:], "more or fewer"),
        ({"entries": 199}, ENTRIES[1:], "root"),
        ({}, [ENTRIES[1], ENTRIES[0], *ENTRIES[2:]], "root"),
        ({}, [*ENTRIES[:-1], ENTRIES[0]], "twice"),
        ({}, [*ENTRIES[:-1], (0, sha256(b"a friend").digest())], "root"),
        ({}, [(1 - ENTRIES[0][0], ENTRIES[0][1]), *ENTRIES[1:]], "root"),
        ({"commitment": sha256(b"x").hexdigest()}, ENTRIES, "promised"),
    ],
)
def test_tampering_is_found(changed: dict[str, object], log: list[tuple[int, bytes]], sentence: str) -> None:
    with pytest.raises(DrawNotAsPublished, match=sentence):
        check(document(**changed), write_log(log))


def test_one_changed_byte_of_the_log_is_found_wherever_it_is() -> None:
    log = write_log(ENTRIES)
    chance = random.Random(7)
    anywhere = [(chance.randrange(len(log)), chance.randrange(5)) for _ in range(200)]
    lines = [(at * ENTRY_BYTES + ENTRY_BYTES - 2, 0) for at in range(10)]
    for at, bit in anywhere + lines:
        torn = log[:at] + bytes([log[at] ^ 1 << bit]) + log[at + 1 :]
        if torn.lower() != log:
            with pytest.raises(DrawNotAsPublished):
                check(document(), torn)


@given(st.binary(max_size=300), st.binary(max_size=3 * ENTRY_BYTES))
def test_any_bytes_are_refused_in_the_words_of_the_tree(stated: bytes, log: bytes) -> None:
    with pytest.raises(DrawNotAsPublished):
        check(stated, log)


@given(st.lists(st.binary(min_size=ENTRY_BYTES, max_size=ENTRY_BYTES), max_size=3))
def test_a_log_of_any_bytes_is_refused_or_read(rows: list[bytes]) -> None:
    with pytest.raises(DrawNotAsPublished):
        check(document(entries=len(rows)), b"".join(rows))
