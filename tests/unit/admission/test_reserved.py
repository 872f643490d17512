"""Reserved links hold for their space and their key, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.crowd import roughly
from rostra.admission.reserved import RESERVED_CHARS, Reserved, read, sign
from rostra.core.ids import SpaceId

KEY = b"k" * 32
LINK = Reserved(SpaceId("abcdefghjk"), b"12345678", 25)


def test_what_was_signed_is_read() -> None:
    text = sign(KEY, LINK)
    assert len(text) == RESERVED_CHARS
    assert read(KEY, text, space=LINK.space) == LINK


def test_it_opens_no_other_space_and_no_other_key_signs_for_it() -> None:
    text = sign(KEY, LINK)
    assert read(KEY, text, space=SpaceId("another22")) is None
    assert read(b"n" * 32, text, space=LINK.space) is None
    assert read(b"", text, space=LINK.space) is None


@pytest.mark.parametrize("at", range(RESERVED_CHARS))
def test_a_changed_letter_is_noticed(at: int) -> None:
    text = sign(KEY, LINK)
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    assert read(KEY, changed, space=LINK.space) is None


@given(st.text(max_size=60))
def test_any_other_text_is_none(text: str) -> None:
    assert read(KEY, text, space=LINK.space) is None


def test_more_places_cannot_be_written_in() -> None:
    assert sign(KEY, LINK)[:27] != sign(KEY, replace(LINK, places=26))[:27]


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (7, 7), (99, 99), (100, 100), (1_499, 1_400), (129_999, 120_000)]
)
def test_a_crowd_is_told_in_two_digits(count: int, told: int) -> None:
    assert roughly(count) == told
