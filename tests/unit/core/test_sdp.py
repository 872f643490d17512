"""A session description is looked at before anybody takes it apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import BadSessionDescription
from rostra.core.sdp import MAX_SDP_BYTES, check_sdp

BEGUN = "v=0\r\n"


ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line for some readers (``str.splitlines``) besides what RFC 8866 has."""


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
        *[(f"{BEGUN}a=x{end}m=video\r\n", "control characters") for end in f"{ENDS}\0\x1f\x7f\x9f"],
        (f"{BEGUN}a=x\r\r\n", "control characters"),
        (f"{BEGUN}a=x\r", "control characters"),
    ],
)
def test_what_is_none_or_huge_is_told_in_a_sentence(sdp: str, sentence: str) -> None:
    with pytest.raises(BadSessionDescription, match=sentence):
        check_sdp(sdp)


def test_words_in_any_alphabet_tabs_and_both_kinds_of_line_ends_pass() -> None:
    check_sdp("v=0\r\ns=Günther\u00a0Ω\u200d👩\u200d🚀\ta\na=x\r\n\r\n")


@given(st.lists(st.sampled_from([*ENDS, "\n", "\r\n", "a", "\t", "é"]), max_size=12).map("".join))
def test_lines_of_what_passes_are_the_same_for_every_reader(text: str) -> None:
    try:
        check_sdp(BEGUN + text)
    except BadSessionDescription:
        return
    assert list(filter(None, text.splitlines())) == list(filter(None, re.split(r"\r?\n", text)))
