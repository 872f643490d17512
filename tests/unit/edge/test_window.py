"""What of a rendition is in memory."""

from __future__ import annotations

from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.window import END_SEGMENTS, KEPT_SEGMENTS, Window


def filled(chunks: int, *, first: int = 0) -> Window:
    window = Window(first)
    for number in range(chunks):
        window.append(b"%d;" % number)
    return window


def test_ten_whole_segments_and_the_open_one_are_kept() -> None:
    window = filled(CHUNKS_PER_SEGMENT * 15 + 3)
    assert [each.number for each in window.listing] == list(range(5, 16))
    assert len(window.listing) == KEPT_SEGMENTS + 1
    assert window.chunks(4) is None


def test_a_part_is_there_once_both_its_chunks_are() -> None:
    assert filled(1).part(0, 0) is None
    assert filled(2).part(0, 0) == b"0;1;"
    assert filled(3).part(0, 1) is None


def test_the_last_part_of_an_ended_tape_may_be_short() -> None:
    window = filled(3)
    window.end()
    assert window.part(0, 1) == b"2;"
    assert window.is_complete(0)


def test_a_tape_that_ends_with_a_segment_has_no_empty_one_behind_it() -> None:
    window = filled(CHUNKS_PER_SEGMENT)
    window.end()
    assert [each.number for each in window.listing] == [0]
    assert not window.is_complete(1)


def test_of_what_is_for_nobody_any_more_the_end_alone_is_kept() -> None:
    for chunks in (1, CHUNKS_PER_SEGMENT * 3, CHUNKS_PER_SEGMENT * 15, CHUNKS_PER_SEGMENT * 15 + 1):
        window = filled(chunks)
        window.end()
        held = [each.number for each in window.listing]
        window.shorten()
        assert [each.number for each in window.listing] == held[-END_SEGMENTS:]
        assert window.oldest == held[-END_SEGMENTS:][0]
