"""The draw: uniform, the same for whoever computes it, and checked by anyone from what is published."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from rostra.admission.draw import (
    DrawNotAsPublished,
    NonceUnusable,
    Published,
    Receipt,
    check_receipt,
    commit,
    deal,
    place_id,
    rank,
    ranks,
    root_of,
    server_nonce,
    verify,
)
from rostra.core.merkle import Growing, root

SEED = sha256(b"a seed").digest()
LOG = [place_id(sha256(bytes([n])).digest(), b"s" * 16) for n in range(100)]
LINES = [int(n % 5 == 0) for n in range(len(LOG))]
ROOT = root_of(LOG, LINES)
PUBLISHED = Published(commitment=commit(SEED), root=ROOT, seed=SEED, log=LOG, lines=LINES)


def test_the_numbers_of_a_hundred_thousand_places_are_uniform() -> None:
    count, cells = 100_000, 100
    ids = b"".join(sha256(n.to_bytes(4, "big")).digest() for n in range(count))
    numbers = deal(ranks(SEED, ROOT, ids))
    assert sorted(numbers) == list(range(count))
    # The first thousand to enter, by the tenth of the line they were dealt into, and so each thousand.
    seen = np.histogram2d(np.arange(count), numbers, bins=(cells, 10))[0]
    expected = count / cells / 10
    chi_squared = float(((seen - expected) ** 2 / expected).sum())
    freedom = (cells - 1) * 9
    assert abs(chi_squared - freedom) < 4 * (2 * freedom) ** 0.5


def test_what_was_published_is_verified_offline_and_gives_the_numbers_that_were_dealt() -> None:
    numbers = verify(PUBLISHED)
    for line in (0, 1):
        mine = [at for at, each in enumerate(LINES) if each == line]
        by_rank = sorted(mine, key=lambda at: rank(SEED, ROOT, LOG[at]))
        assert [int(numbers[at]) for at in by_rank] == list(range(len(mine)))


def test_all_ranks_together_are_those_of_each() -> None:
    assert list(ranks(SEED, ROOT, b"".join(LOG))) == [rank(SEED, ROOT, place) for place in LOG]
    assert len(ranks(SEED, ROOT, b"")) == 0


def test_who_knows_the_seed_gains_no_number_by_trying_nonces_before_the_log_is_closed() -> None:
    """Of a hundred nonces the best under one log is no better than any other once somebody else has come."""
    tried = [place_id(sha256(bytes([n])).digest()[:16], server_nonce(SEED, 100)) for n in range(100)]
    ahead = 0
    for others in range(50):
        before = root_of([*LOG, bytes([others] * 32)], [*LINES, 0])
        after = root_of([*LOG, bytes([others] * 32), sha256(b"one more").digest()], [*LINES, 0, 0])
        best = min(tried, key=lambda place: rank(SEED, before, place))
        ahead += rank(SEED, after, best) < 2**63
    assert 12 < ahead < 38


@pytest.mark.parametrize(
    ("tampered", "sentence"),
    [
        (replace(PUBLISHED, seed=sha256(b"another").digest()), "seed"),
        (replace(PUBLISHED, log=LOG[:-1], lines=LINES[:-1]), "log"),
        (replace(PUBLISHED, log=[*LOG[1:], LOG[0]]), "log"),
        (replace(PUBLISHED, log=[*LOG, sha256(b"a friend").digest()], lines=[*LINES, 0]), "log"),
        (replace(PUBLISHED, lines=[*LINES[:3], 1, *LINES[4:]]), "log"),
        (replace(PUBLISHED, log=[*LOG, LOG[3]]), "twice"),
        (replace(PUBLISHED, log=[*LOG[:-1], b"short"]), "no place"),
        (replace(PUBLISHED, root=sha256(b"").digest()), "log"),
    ],
    ids=["seed", "dropped", "reordered", "added", "line", "twice", "no place", "root"],
)
def test_tampering_is_found(tampered: Published, sentence: str) -> None:
    with pytest.raises(DrawNotAsPublished, match=sentence):
        verify(tampered)


@pytest.mark.parametrize(("client", "server"), [(b"", b"s" * 16), (b"c" * 65, b"s" * 16), (b"c" * 16, b"s")])
def test_an_id_needs_nonces_of_both_sides(client: bytes, server: bytes) -> None:
    with pytest.raises(NonceUnusable):
        place_id(client, server)


def test_an_entry_that_was_picked_for_somebody_or_told_to_two_people_is_found() -> None:
    ann, bob = b"a" * 16, b"b" * 16
    ours = server_nonce(SEED, 7)
    check_receipt(SEED, 7, Receipt(place_id(ann, ours), ann, ours))
    picked = sha256(b"for a friend").digest()[:16]
    with pytest.raises(DrawNotAsPublished, match="picked"):
        check_receipt(SEED, 7, Receipt(place_id(ann, picked), ann, picked))
    with pytest.raises(DrawNotAsPublished, match="picked"):
        check_receipt(SEED, 8, Receipt(place_id(ann, ours), ann, ours))
    with pytest.raises(DrawNotAsPublished, match="not made of these nonces"):
        check_receipt(SEED, 7, Receipt(place_id(ann, ours), bob, ours))


def test_the_tree_is_that_of_rfc_6962() -> None:
    """The roots of the certificate transparency project's own reference tests, over their eight leaves."""
    leaves = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        bytes(range(0x50, 0x58)),
        bytes(range(0x60, 0x70)),
    ]
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_growing_tree_has_the_root_of_its_leaves_at_every_size() -> None:
    def recursive(leaves: list[bytes]) -> bytes:  # RFC 6962, 2.1, word by word
        if not leaves:
            return sha256(b"").digest()
        if len(leaves) == 1:
            return sha256(b"\x00" + leaves[0]).digest()
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return sha256(b"\x01" + recursive(leaves[:split]) + recursive(leaves[split:])).digest()

    tree = Growing()
    for size, each in enumerate(LOG[:40]):
        assert tree.root() == recursive(LOG[:size])
        tree.append(each)
