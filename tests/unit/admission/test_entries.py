"""The entries of one draw: ranked in pieces as all at once, and each found by its id."""

from __future__ import annotations

from hashlib import sha256

import pytest

from rostra.admission.draw import Published, commit, root_of, verify
from rostra.admission.entries import Entries

SEED = sha256(b"a seed").digest()
LOG = [sha256(bytes([n])).digest() for n in range(100)]
LINES = [int(n % 5 == 0) for n in range(len(LOG))]


@pytest.fixture
def entries() -> Entries:
    """A hundred, of both lines."""
    found = Entries(SEED)
    for line, place in zip(LINES, LOG, strict=True):
        found.add(line, place)
    return found


@pytest.mark.parametrize("most", [1, 7, 100, 1_000])
def test_however_few_are_ranked_at_a_time_each_has_the_number_that_anyone_can_compute(
    entries: Entries, most: int
) -> None:
    root = entries.close()
    assert root == root_of(LOG, LINES)
    pieces = 1
    while not entries.rank(most):
        pieces += 1
    assert pieces == -(-len(LOG) // most)
    published = Published(commitment=commit(SEED), root=root, seed=SEED, log=LOG, lines=LINES)
    assert [entries.number(*each) for each in zip(LINES, LOG, strict=True)] == list(verify(published))


def test_whoever_is_not_in_the_log_or_claims_another_line_has_no_number(entries: Entries) -> None:
    entries.close()
    entries.rank(len(LOG))
    assert entries.number(0, sha256(b"a stranger").digest()) is None
    assert entries.number(0, LOG[0]) is None


def test_a_draw_of_nobody_is_ranked_at_once() -> None:
    nobody = Entries(SEED)
    nobody.close()
    assert nobody.rank(1)
    assert nobody.counts == [0, 0]
