"""Range requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import RangeNotSatisfiable
from rostra.edge.byte_ranges import not_modified, requested

ETAG = '"run-aac64"'


def ask(value: bytes, *, if_range: bytes | None = None, size: int = 1000) -> tuple[int, int] | None:
    headers = {b"range": value} | ({} if if_range is None else {b"if-range": if_range})
    return requested(headers, etag=ETAG, size=size)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"bytes=0-0", (0, 1)),
        (b"bytes=10-19", (10, 20)),
        (b"bytes=990-", (990, 1000)),
        (b"bytes=990-5000", (990, 1000)),
        (b"bytes=-10", (990, 1000)),
        (b"bytes=-5000", (0, 1000)),
        (b"Bytes=0-", (0, 1000)),
    ],
)
def test_a_range_is_cut_to_the_file(value: bytes, expected: tuple[int, int]) -> None:
    assert ask(value) == expected


@pytest.mark.parametrize("value", [b"bytes=1000-", b"bytes=2000-3000", b"bytes=-0"])
def test_a_range_beyond_the_end_is_refused(value: bytes) -> None:
    with pytest.raises(RangeNotSatisfiable):
        ask(value)


@pytest.mark.parametrize(
    "value", [b"", b"bytes=-", b"bytes=5-4", b"items=0-1", b"bytes=0-1,5-6", b"bytes=a-b"]
)
def test_what_is_no_single_range_gets_the_whole_file(value: bytes) -> None:
    assert ask(value) is None


def test_a_range_of_another_version_gets_the_whole_file() -> None:
    assert ask(b"bytes=0-1", if_range=b'"other"') is None
    assert ask(b"bytes=0-1", if_range=ETAG.encode()) == (0, 2)


def test_a_client_that_holds_the_file_is_told_so() -> None:
    assert not_modified({b"if-none-match": b'"x", ' + ETAG.encode()}, etag=ETAG)
    assert not not_modified({b"if-none-match": b'"x"'}, etag=ETAG)
    assert not not_modified({}, etag=ETAG)


@given(st.binary(max_size=60), st.integers(0, 10**12))
def test_any_header_gives_a_range_inside_the_file_or_a_refusal(value: bytes, size: int) -> None:
    try:
        found = ask(b"bytes=" + value, size=size)
    except RangeNotSatisfiable:
        return
    assert found is None or 0 <= found[0] < found[1] <= size
