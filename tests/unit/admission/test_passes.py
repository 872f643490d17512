"""Passes to private spaces: what is signed holds, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.admission.passes import (
    EPOCHS,
    HEARER,
    LISTENER,
    PASS_CHARS,
    PREVIEWER,
    Pass,
    check_pass,
    mint_pass,
)
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint
from rostra.core.errors import PassEnded, PassExpired, PassInvalid
from rostra.core.ids import SpaceId

SPACE = SpaceId("abcdefghjk")
RING = Keyring((TicketKey(7, b"p" * 32), TicketKey(6, b"q" * 32)))
NOW_S = 1_700_000_000
PASS = Pass(SPACE, LISTENER, b"somebody", NOW_S + 60)


def check(
    text: str, *, space: SpaceId = SPACE, now_s: int = NOW_S, ring: Keyring = RING, epoch: int = 0
) -> Pass:
    return check_pass(ring, text, space=space, epoch=epoch, now_s=now_s)


@given(
    st.sampled_from([LISTENER, PREVIEWER, HEARER]),
    st.binary(min_size=8, max_size=8),
    st.integers(NOW_S, 2**32 - 1),
    st.integers(0, EPOCHS - 1),
)
def test_a_pass_states_what_was_signed(kind: int, holder: bytes, end_s: int, epoch: int) -> None:
    stated = Pass(SPACE, kind, holder, end_s, epoch)
    text = mint_pass(RING, stated)
    assert len(text) == PASS_CHARS
    assert check(text, epoch=epoch) == stated


@given(st.integers(0, 10 * EPOCHS), st.integers(1, 1000))
def test_a_pass_of_an_older_epoch_has_ended_and_one_of_a_newer_holds(epoch: int, steps: int) -> None:
    older, newer = (
        mint_pass(RING, Pass(SPACE, LISTENER, b"somebody", NOW_S + 60, each % EPOCHS))
        for each in (epoch, epoch + steps)
    )
    assert check(newer, epoch=epoch).epoch == (epoch + steps) % EPOCHS
    with pytest.raises(PassEnded):
        check(older, epoch=epoch + steps)


@given(st.integers(0, PASS_CHARS - 1), st.characters(codec="utf-8"))
def test_a_pass_with_any_other_character_is_none(at: int, char: str) -> None:
    text = mint_pass(RING, PASS)
    changed = text[:at] + char + text[at + 1 :]
    if changed != text:
        with pytest.raises(PassInvalid):
            check(changed)


@given(st.text() | st.text(st.sampled_from("abcXYZ019-_+/="), min_size=PASS_CHARS, max_size=PASS_CHARS))
def test_no_made_up_pass_holds(text: str) -> None:
    with pytest.raises(PassInvalid):
        check(text)


def test_a_pass_opens_its_own_space_only() -> None:
    with pytest.raises(PassInvalid):
        check(mint_pass(RING, PASS), space=SpaceId("zzzzzzzzzz"))


def test_a_pass_holds_until_its_last_second() -> None:
    text = mint_pass(RING, PASS)
    assert check(text, now_s=PASS.end_s) == PASS
    with pytest.raises(PassExpired):
        check(text, now_s=PASS.end_s + 1)


def test_a_pass_of_an_older_key_holds_while_the_key_is_kept() -> None:
    older = Keyring(RING.keys[1:])
    text = mint_pass(older, PASS)
    assert check(text) == PASS
    with pytest.raises(PassInvalid):
        check(text, ring=Keyring(RING.keys[:1]))


@pytest.mark.parametrize("higher", [PREVIEWER, HEARER])
def test_a_listeners_pass_cannot_be_turned_into_a_higher_one(higher: int) -> None:
    listener, previewer = (
        mint_pass(RING, Pass(SPACE, kind, b"somebody", NOW_S + 60)) for kind in (LISTENER, higher)
    )
    statement_chars = 32
    with pytest.raises(PassInvalid):
        check(previewer[:statement_chars] + listener[statement_chars:])


def test_a_ticket_is_no_pass_even_under_the_same_key() -> None:
    ticket = mint(RING, Ticket(SPACE, b"listener", 0, 0, NOW_S + 60, NOW_S + 60))
    for text in (ticket, ticket[:PASS_CHARS]):
        with pytest.raises(PassInvalid):
            check(text)
