"""Places in line: what was signed is read, and nothing else is a place."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.places import PLACE_CHARS, Place, give, read
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, TicketKey
from rostra.core.ids import SpaceId

KEYS = Keyring((TicketKey(2, b"n" * 32), TicketKey(1, b"o" * 32)))
SPACE = SpaceId("4rx52gr6pw")
DRAWN = Place(space=SPACE, line=Kind.SECOND, entered_s=1_900_000_000, entry=sha256(b"me").digest())


@given(st.sampled_from(list(Kind)), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_a_place_reads_as_it_was_given(line: Kind, entered_s: int, number: int) -> None:
    place = Place(space=SPACE, line=line, entered_s=entered_s, number=number)
    text = give(KEYS, place)
    assert len(text) == PLACE_CHARS
    assert read(KEYS, text, space=SPACE) == place


def test_a_place_before_the_draw_names_its_entry() -> None:
    assert read(KEYS, give(KEYS, DRAWN), space=SPACE) == DRAWN


def test_a_place_outlives_a_turn_of_the_keys_and_no_other_space_takes_it() -> None:
    old = give(Keyring(KEYS.keys[1:]), DRAWN)
    assert read(KEYS, old, space=SPACE) == DRAWN
    assert read(Keyring(KEYS.keys[:1]), old, space=SPACE) is None
    assert read(KEYS, old, space=SpaceId("another222")) is None


@given(st.integers(0, PLACE_CHARS - 1), st.sampled_from("Ab3_-"))
def test_any_other_character_makes_it_none(at: int, other: str) -> None:
    text = give(KEYS, DRAWN)
    forged = text[:at] + other + text[at + 1 :]
    assert forged == text or read(KEYS, forged, space=SPACE) is None


@pytest.mark.parametrize("text", ["", "x", "A" * PLACE_CHARS, "é" * PLACE_CHARS, "A" * 97, "+" * PLACE_CHARS])
def test_what_is_no_place_is_none(text: str) -> None:
    assert read(KEYS, text, space=SPACE) is None
