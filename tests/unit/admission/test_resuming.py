"""Whoever drops out finds room when they come back; whoever stays away keeps it from nobody for long."""

from __future__ import annotations

from rostra.admission.resuming import HALF_S, LAST_S, Resuming


def listeners(count: int, *, first: int = 0) -> list[bytes]:
    return [number.to_bytes(8, "big") for number in range(first, first + count)]


def test_after_a_drop_all_places_are_kept_at_first_and_half_of_them_every_ten_seconds() -> None:
    resuming = Resuming()
    resuming.leave(listeners(1_000), 0)
    assert [resuming.kept(each * HALF_S) for each in range(4)] == [1_000, 500, 250, 125]
    assert resuming.kept(LAST_S + 1) == 0


def test_for_whoever_is_back_no_place_is_kept_beside_their_own() -> None:
    resuming = Resuming()
    resuming.leave(listeners(100), 0)
    resuming.back(listeners(60))
    assert resuming.kept(0) == 40
    resuming.leave(listeners(60), 5)
    assert resuming.kept(5) == 60 + int(40 * 0.5**0.5)


def test_one_who_leaves_alone_frees_their_place_within_a_second() -> None:
    resuming = Resuming()
    resuming.leave(listeners(1), 0)
    assert resuming.kept(1) == 0


def test_a_room_of_which_one_in_a_thousand_leaves_each_second_stays_almost_full() -> None:
    resuming = Resuming()
    for second in range(300):
        resuming.leave(listeners(5, first=5 * second), second)
    assert resuming.kept(299) < 0.02 * 5_000
