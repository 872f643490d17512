"""Places in line: what was signed is read, and nothing else is a place."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.places import PLACE_CHARS, Place, give, named, read
from rostra.admission.room import Kind
from rostra.core.ids import SpaceId

KEY = b"k" * 32
SPACE = SpaceId("4rx52gr6pw")
DRAWN = Place(space=SPACE, line=Kind.SECOND, entered_s=1_900_000_000, entry=sha256(b"me").digest())


@given(st.sampled_from(list(Kind)), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_a_place_reads_as_it_was_given(line: Kind, entered_s: int, number: int) -> None:
    place = Place(space=SPACE, line=line, entered_s=entered_s, number=number)
    text = give(KEY, place)
    assert len(text) == PLACE_CHARS
    assert read(KEY, text, space=SPACE) == place


def test_a_place_before_the_draw_names_its_entry() -> None:
    assert read(KEY, give(KEY, DRAWN), space=SPACE) == DRAWN


def test_no_other_room_takes_a_place() -> None:
    text = give(KEY, DRAWN)
    assert read(b"o" * 32, text, space=SPACE) is None
    assert read(KEY, text, space=SpaceId("another222")) is None


def test_a_place_says_of_which_space_it_is_though_not_who_signed_it() -> None:
    other = SpaceId("another222")
    assert named(give(KEY, DRAWN), (other, SPACE)) == SPACE
    assert named(give(KEY, DRAWN), (other,)) is None


@given(st.integers(0, PLACE_CHARS - 1), st.sampled_from("Ab3_-"))
def test_any_other_character_makes_it_none(at: int, other: str) -> None:
    text = give(KEY, DRAWN)
    forged = text[:at] + other + text[at + 1 :]
    assert forged == text or read(KEY, forged, space=SPACE) is None


@pytest.mark.parametrize("text", ["", "x", "A" * PLACE_CHARS, "é" * PLACE_CHARS, "A" * 97, "+" * PLACE_CHARS])
def test_what_is_no_place_is_none(text: str) -> None:
    assert named(text, (SPACE,)) is None
    assert read(KEY, text, space=SPACE) is None
