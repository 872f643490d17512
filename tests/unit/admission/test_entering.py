"""Who floods a draw neither spoils it nor keeps anybody else out of it."""

from __future__ import annotations

from rostra.admission.drawn import MOST_ENTRIES
from rostra.admission.entering import MOST_OF_PREFIX, MOST_SECOND, is_drawn, line_of
from rostra.admission.room import Kind


def test_beyond_a_few_of_one_network_the_others_stand_in_the_second_line() -> None:
    assert [line_of(before, per_prefix=2) for before in range(4)] == [
        Kind.FIRST,
        Kind.FIRST,
        Kind.SECOND,
        Kind.SECOND,
    ]


def test_one_network_has_so_many_entries_in_a_draw_and_no_more() -> None:
    assert is_drawn(Kind.SECOND, before=MOST_OF_PREFIX - 1, first=0, second=MOST_OF_PREFIX)
    assert not is_drawn(Kind.SECOND, before=MOST_OF_PREFIX, first=0, second=0)


def test_a_full_second_line_leaves_room_in_the_draw_for_the_first() -> None:
    assert not is_drawn(Kind.SECOND, before=100, first=0, second=MOST_SECOND)
    assert is_drawn(Kind.FIRST, before=0, first=0, second=MOST_SECOND)


def test_no_draw_is_larger_than_what_can_be_checked() -> None:
    assert is_drawn(Kind.FIRST, before=0, first=MOST_ENTRIES - 1, second=0)
    assert not is_drawn(Kind.FIRST, before=0, first=MOST_ENTRIES - MOST_SECOND, second=MOST_SECOND)
