"""Whoever drops out finds room when they come back; whoever stays away keeps it from nobody for long."""

from __future__ import annotations

from collections.abc import Mapping

from rostra.admission.resuming import HALF_S, LAST_S, Resuming
from rostra.core.ids import SpaceId

SPACE, OTHER = SpaceId("abcdefghjk"), SpaceId("other22222")


def listeners(count: int, *, first: int = 0, space: SpaceId = SPACE) -> Mapping[bytes, SpaceId]:
    return {number.to_bytes(8, "big"): space for number in range(first, first + count)}


def test_after_a_drop_all_places_are_kept_at_first_and_half_of_them_every_ten_seconds() -> None:
    resuming = Resuming()
    resuming.leave(listeners(1_000), 0)
    assert [resuming.kept(each * HALF_S)[SPACE] for each in range(4)] == [1_000, 500, 250, 125]
    assert resuming.kept(LAST_S + 1).total() == 0


def test_for_whoever_is_back_no_place_is_kept_beside_their_own() -> None:
    resuming = Resuming()
    resuming.leave(listeners(100), 0)
    resuming.back(listeners(60))
    assert resuming.kept(0)[SPACE] == 40
    resuming.leave(listeners(60), 5)
    assert resuming.kept(5)[SPACE] == 60 + int(40 * 0.5**0.5)


def test_one_who_leaves_alone_frees_their_place_within_a_second() -> None:
    resuming = Resuming()
    resuming.leave(listeners(1), 0)
    assert resuming.kept(1)[SPACE] == 0


def test_a_room_of_which_one_in_a_thousand_leaves_each_second_stays_almost_full() -> None:
    resuming = Resuming()
    for second in range(300):
        resuming.leave(listeners(5, first=5 * second), second)
    assert resuming.kept(299)[SPACE] < 0.02 * 5_000


def test_a_place_is_kept_in_the_space_that_was_left_and_of_spaces_that_are_quiet_nothing_is() -> None:
    resuming = Resuming()
    resuming.leave(listeners(30), 0)
    resuming.leave(listeners(7, first=30, space=OTHER), 0)
    assert resuming.kept(0) == {SPACE: 30, OTHER: 7}
    resuming.back(listeners(7, first=30))
    assert resuming.kept(0) == {SPACE: 30}
    assert resuming.kept(LAST_S + 1) == {}
