"""Reports of one peer are read as far as anybody sends them, and a flood of them is told."""

from __future__ import annotations

import pytest

from rostra.stage.ration import MOST_BYTES, MOST_DATAGRAMS, Ration, TooManyReports

SECOND_NS = 1_000_000_000


def test_a_hundred_reports_a_second_are_read_for_an_hour() -> None:
    ration = Ration()
    assert all(ration.admits(80, step * SECOND_NS // 100) for step in range(360_000))


def test_beyond_its_share_of_a_second_nothing_is_read_and_the_next_second_begins_anew() -> None:
    ration = Ration()
    for second in (5, 6):
        read = sum(1_340 * ration.admits(1_340, second * SECOND_NS + n) for n in range(MOST_DATAGRAMS))
        assert MOST_BYTES - 1_340 < read <= MOST_BYTES
    assert ration.admits(MOST_BYTES, 7 * SECOND_NS)
    assert not ration.admits(1, 7 * SECOND_NS)


def test_a_flood_is_told_however_small_its_datagrams_are() -> None:
    ration = Ration()
    for n in range(MOST_DATAGRAMS):
        ration.admits(8, n)
    with pytest.raises(TooManyReports):
        ration.admits(8, MOST_DATAGRAMS)
