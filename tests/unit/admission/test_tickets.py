"""A ticket holds for what it states and for nothing else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rostra.admission.tickets import (
    TICKET_CHARS,
    Keyring,
    Ticket,
    TicketKey,
    check,
    mint,
    new_listener,
)
from rostra.core.errors import TicketExpired, TicketInvalid
from rostra.core.ids import SpaceId

SPACE = SpaceId("abcdefghjk")
OLD, NEW = TicketKey(7, b"o" * 32), TicketKey(8, b"n" * 32)
RING = Keyring((NEW, OLD))
NOW_S = 1_700_000_000

U32 = st.integers(0, 2**32 - 1)
TICKETS = st.builds(
    Ticket,
    space=st.text("23456789abcdefghjkmnpqrstuvwxyz", min_size=6, max_size=26).map(SpaceId),
    listener=st.binary(min_size=8, max_size=8),
    rank=U32,
    edge=st.integers(0, 2**8 - 1),
    admit_by_s=U32,
    end_s=U32,
)


def _ticket(end_s: int = NOW_S + 60) -> Ticket:
    return Ticket(SPACE, new_listener(), rank=3, edge=1, admit_by_s=NOW_S + 10, end_s=end_s)


@given(TICKETS)
def test_a_ticket_says_what_was_signed(ticket: Ticket) -> None:
    text = mint(RING, ticket)
    assert len(text) == TICKET_CHARS
    assert check(RING, text, space=ticket.space, now_s=ticket.end_s) == ticket


@given(st.integers(0, TICKET_CHARS * 6 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(mint(RING, _ticket())))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(TicketInvalid):
        check(RING, base64.urlsafe_b64encode(raw).decode(), space=SPACE, now_s=NOW_S)


@given(st.integers(0, TICKET_CHARS - 1), st.characters())
def test_any_other_character_is_refused(place: int, other: str) -> None:
    text = mint(RING, _ticket())
    forged = text[:place] + other + text[place + 1 :]
    if forged != text:
        with pytest.raises(TicketInvalid):
            check(RING, forged, space=SPACE, now_s=NOW_S)


@given(
    st.one_of(
        st.text(), st.text(min_size=TICKET_CHARS, max_size=TICKET_CHARS), st.from_regex(r"\A[\w+/=-]{64}\Z")
    )
)
def test_anything_else_is_refused_with_the_same_error(text: str) -> None:
    with pytest.raises(TicketInvalid):
        check(RING, text, space=SPACE, now_s=NOW_S)


def test_padding_in_the_last_place_is_refused() -> None:
    with pytest.raises(TicketInvalid):
        check(RING, mint(RING, _ticket())[:-1] + "=", space=SPACE, now_s=NOW_S)


def test_a_ticket_has_one_spelling() -> None:
    text = next(text for text in (mint(RING, _ticket()) for _ in range(1000)) if "-" in text)
    with pytest.raises(TicketInvalid):
        check(RING, text.replace("-", "+"), space=SPACE, now_s=NOW_S)


def test_a_ticket_of_one_space_opens_no_other() -> None:
    with pytest.raises(TicketInvalid):
        check(RING, mint(RING, _ticket()), space=SpaceId("kjhgfedcba"), now_s=NOW_S)


def test_a_ticket_is_good_to_its_last_second_and_not_after() -> None:
    text = mint(RING, _ticket(end_s=NOW_S + 60))
    assert check(RING, text, space=SPACE, now_s=NOW_S + 60).end_s == NOW_S + 60
    with pytest.raises(TicketExpired):
        check(RING, text, space=SPACE, now_s=NOW_S + 61)


def test_an_older_key_is_accepted_until_it_leaves_the_ring() -> None:
    text = mint(Keyring((OLD,)), _ticket())
    assert check(RING, text, space=SPACE, now_s=NOW_S).rank == 3
    with pytest.raises(TicketInvalid):
        check(Keyring((NEW,)), text, space=SPACE, now_s=NOW_S)


def test_new_tickets_are_signed_with_the_newest_key() -> None:
    assert check(Keyring((NEW,)), mint(RING, _ticket()), space=SPACE, now_s=NOW_S).edge == 1


@pytest.mark.parametrize(
    ("epoch", "of_space", "ended"),
    [(0, 0, False), (0, 1, True), (1, 0, False), (255, 256, True), (256, 255, False), (3, 600, True)],
)
def test_a_ticket_of_an_earlier_epoch_has_ended(epoch: int, of_space: int, ended: bool) -> None:
    text = mint(RING, replace(_ticket(), epoch=epoch))
    assert check(RING, text, space=SPACE, now_s=NOW_S).has_ended(of_space) is ended
