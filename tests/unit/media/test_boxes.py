from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.boxes import MAX_BOXES, MalformedMedia, box, full_box, walk

kinds = st.binary(min_size=4, max_size=4)


@given(st.lists(st.tuples(kinds, st.binary(max_size=40)), max_size=20))
def test_boxes_are_found_as_they_were_written(written: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(box(kind, body) for kind, body in written)
    assert [(each.kind, data[each.body : each.end]) for each in walk(data)] == written


def test_a_full_box_states_version_and_flags() -> None:
    assert full_box(b"tfdt", 1, 2) == bytes.fromhex("0000000c") + b"tfdt" + bytes.fromhex("01000002")


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\7free",
        b"\0\0\0\x09free",
        b"\0\0\0\0mdat____",
        b"\0\0\0\1mdat\0\0\0\0\0\0\0\x10",
        b"\0\0\0",
        box(b"free") * (MAX_BOXES + 1),
    ],
    ids=["below its header", "beyond the end", "open-ended", "64 bits", "no header", "too many"],
)
def test_a_size_that_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMedia):
        list(walk(data))


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_or_refused(data: bytes) -> None:
    try:
        found = list(walk(data))
    except MalformedMedia:
        return
    assert sum(each.end - each.start for each in found) == len(data)
