"""Who is admitted, and with what."""

from __future__ import annotations

import pytest

from rostra.admission.join import Terms, decide_join, decide_recording
from rostra.admission.tickets import EPOCHS, Keyring, TicketKey, check, mint, recording_of
from rostra.core.errors import TicketInvalid
from rostra.core.ids import RunId, SpaceId

SPACE = SpaceId("abcdefghjk")
TERMS = Terms(admit_s=120, life_s=86_400)


def test_who_joins_a_live_space_gets_a_ticket_for_the_promised_time() -> None:
    ticket = decide_join(
        SpaceId("abcdefghjk"), listener=b"12345678", terms=Terms(admit_s=120, life_s=86_400), now_s=1_000
    )
    assert ticket.space == "abcdefghjk"
    assert ticket.listener == b"12345678"
    assert (ticket.admit_by_s, ticket.end_s) == (1_120, 87_400)


def test_a_ticket_to_a_recording_opens_neither_the_live_programme_nor_another_recording() -> None:
    ring = Keyring((TicketKey(1, b"k" * 32),))
    run = RunId("runrun22")
    ticket = decide_recording(SPACE, run, length_s=60, listener=b"listener", terms=TERMS, now_s=1000)
    text = mint(ring, ticket)
    assert check(ring, text, space=recording_of(SPACE, run), now_s=1000).listener == b"listener"
    for other in (SPACE, recording_of(SPACE, RunId("runrun33")), recording_of(SpaceId("zzzzzzzzzz"), run)):
        with pytest.raises(TicketInvalid):
            check(ring, text, space=other, now_s=1000)


def test_a_live_ticket_opens_no_recording() -> None:
    ring = Keyring((TicketKey(1, b"k" * 32),))
    text = mint(ring, decide_join(SPACE, listener=b"listener", terms=TERMS, now_s=1000))
    with pytest.raises(TicketInvalid):
        check(ring, text, space=recording_of(SPACE, RunId("runrun22")), now_s=1000)


def test_a_ticket_to_a_recording_lasts_for_hearing_it_once() -> None:
    run = RunId("runrun22")
    for length_s, life_s in ((5_400, 3_600 + 5_400), (1_000_000, TERMS.life_s)):
        ticket = decide_recording(
            SPACE, run, length_s=length_s, listener=b"listener", terms=TERMS, now_s=1_000
        )
        assert ticket.end_s == 1_000 + life_s


def test_a_ticket_names_the_epoch_in_which_it_was_dealt() -> None:
    ring = Keyring((TicketKey(1, b"k" * 32),))
    run = RunId("runrun22")
    live = decide_join(SPACE, listener=b"listener", terms=TERMS, now_s=1_000, epoch=300)
    recorded = decide_recording(
        SPACE, run, length_s=60, listener=b"listener", terms=TERMS, now_s=1_000, epoch=300
    )
    for subject, ticket in ((SPACE, live), (recording_of(SPACE, run), recorded)):
        assert check(ring, mint(ring, ticket), space=subject, now_s=1_000).epoch == 300 % EPOCHS
