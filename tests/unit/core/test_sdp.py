"""A session description is looked at before anybody takes it apart."""

from __future__ import annotations

import pytest

from rostra.core.errors import BadSessionDescription
from rostra.core.sdp import MAX_SDP_BYTES, check_sdp

BEGUN = "v=0\r\n"


def test_one_as_large_as_allowed_passes() -> None:
    check_sdp(BEGUN + "a" * (MAX_SDP_BYTES - len(BEGUN)))


@pytest.mark.parametrize(
    ("sdp", "sentence"),
    [
        ("", "begin with v=0"),
        ("a=x\r\n", "begin with v=0"),
        (BEGUN + "a" * (MAX_SDP_BYTES - len(BEGUN) + 1), "larger than 64 kB"),
        (BEGUN + "é" * (MAX_SDP_BYTES // 2), "larger than 64 kB"),
        (BEGUN + "\ud83d", "half of a character"),
    ],
)
def test_what_is_none_or_huge_is_told_in_a_sentence(sdp: str, sentence: str) -> None:
    with pytest.raises(BadSessionDescription, match=sentence):
        check_sdp(sdp)
