"""Who is sent gzip, and who is sent a body as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.serving.codings import takes_gzip

GZIP = st.sampled_from(["gzip", "GZIP", "x-gzip", "Gzip"])
SPACE = st.text(" \t", max_size=2)
WEIGHTS = st.integers(0, 1000)
OTHERS = st.sampled_from(["br", "deflate;q=0", "zstd;q=0.9", "xgzip", "gzip-like;q=0.1", ""])


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZIP", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip ;\tQ=0.", False),
        ("gzip;q=1.0", True),
        ("gzip;q=0.001", True),
        ("identity", False),
        ("", False),
        ("xgzip", False),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("*;q=0, gzip", True),
        ("identity;q=0", False),
        ("identity;q=0, *", True),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        ("identity;q=0.5, *;q=0.6", True),
        ("*;q=0.5, gzip;q=0.1", False),
        ("gzip;q=2", False),
        ("gzip;q=0.0001", False),
        ("gzip;level=9", False),
        ("gzip;q=0;q=1", False),
        (", ,gzip,", True),
    ],
)
def test_gzip_goes_to_who_accepts_it(offered: str, accepted: bool) -> None:
    assert takes_gzip({b"accept-encoding": offered.encode()}) is accepted


def test_whoever_names_no_coding_is_sent_none() -> None:
    assert not takes_gzip({})


def weighed(name: str, weight: int, before: str, after: str) -> str:
    return f"{before}{name}{after};{before}q={weight / 1000:.3f}{after}"


@given(
    gzip=GZIP,
    of=WEIGHTS,
    others=st.lists(OTHERS, max_size=3),
    spaces=st.tuples(SPACE, SPACE),
    last=st.booleans(),
    rest=WEIGHTS,
)
def test_what_is_said_of_gzip_counts_however_it_is_written_and_whatever_stands_beside_it(
    gzip: str, of: int, others: list[str], spaces: tuple[str, str], last: bool, rest: int
) -> None:
    """What is said of all others says nothing of gzip, nor of a body without a coding where that is named."""
    said = [*others, weighed("*", rest, *spaces), weighed("identity", 500, *spaces)]
    said.insert(len(said) if last else 0, weighed(gzip, of, *spaces))
    assert takes_gzip({b"accept-encoding": ",".join(said).encode()}) is (of >= 500)


@given(st.binary(max_size=60))
def test_nothing_that_is_sent_breaks_it(offered: bytes) -> None:
    assert takes_gzip({b"accept-encoding": offered}) in (True, False)
