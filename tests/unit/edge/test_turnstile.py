"""Who is let in, and who counts as here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.admission.tickets import (
    BESIDE_AUDIENCE,
    IN_AUDIENCE,
    Keyring,
    Ticket,
    TicketKey,
    mint,
    new_listener,
)
from rostra.core.errors import TicketExpired, TicketInvalid, TicketLapsed, Unavailable
from rostra.core.ids import SpaceId
from rostra.edge.census import pack_lately, unpack_lately
from rostra.edge.turnstile import MOST_OPEN, PRESENT_NS, RESUME_NS, Turnstile
from rostra.serving.exchange import Channel, Exchange

SPACE, OTHER = SpaceId("space23456"), SpaceId("other23456")
KEYS = Keyring((TicketKey(1, b"k" * 32),))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def turnstile(clock: ManualClock) -> Turnstile:
    """One that is older than a minute."""
    turnstile = Turnstile(clock=clock)
    turnstile.take_keys(KEYS)
    clock.advance(ms=61_000)
    return turnstile


def ticket(
    clock: ManualClock,
    *,
    listener: bytes | None = None,
    rank: int = IN_AUDIENCE,
    admit_s: int = 120,
    life_s: int = 3600,
) -> str:
    now_s = clock.utc_ns() // 10**9
    return mint(KEYS, Ticket(SPACE, listener or new_listener(), rank, 0, now_s + admit_s, now_s + life_s))


def test_a_ticket_lets_its_listener_in_again_and_again_until_it_ends(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    text = ticket(clock)
    first = turnstile.admit(text, SPACE)
    clock.advance(ms=3_000_000)
    assert turnstile.admit(text, SPACE) is first
    clock.advance(ms=601_000)
    with pytest.raises(TicketExpired):
        turnstile.admit(text, SPACE)


def test_a_ticket_first_used_too_late_is_refused(turnstile: Turnstile, clock: ManualClock) -> None:
    text = ticket(clock)
    clock.advance(ms=121_000)
    with pytest.raises(TicketExpired):
        turnstile.admit(text, SPACE)


def test_a_young_worker_lets_late_tickets_in_and_remembers_them(clock: ManualClock) -> None:
    text = ticket(clock)
    clock.advance(ms=600_000)
    young = Turnstile(clock=clock)
    young.take_keys(KEYS)
    young.admit(text, SPACE)
    clock.advance(ms=120_000)
    young.admit(text, SPACE)


def test_a_listener_whom_another_worker_let_in_is_let_in_here(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    other = Turnstile(clock=clock)
    other.take_keys(KEYS)
    text = ticket(clock)
    other.admit(text, SPACE)
    turnstile.take_others(other.take_fresh())
    assert other.take_fresh() == ()
    clock.advance(ms=600_000)
    turnstile.admit(text, SPACE)


def test_a_ticket_for_another_space_or_of_nobody_is_refused(turnstile: Turnstile, clock: ManualClock) -> None:
    text = ticket(clock)
    turnstile.admit(text, SPACE)
    for wrong, space in ((text, OTHER), ("x" * 64, SPACE), ("", SPACE), (text[:-1] + "!", SPACE)):
        with pytest.raises(TicketInvalid):
            turnstile.admit(wrong, space)


def test_without_keys_nobody_can_be_let_in_yet(clock: ManualClock) -> None:
    with pytest.raises(Unavailable):
        Turnstile(clock=clock).admit(ticket(clock), SPACE)


def test_a_listener_counts_for_two_target_durations_after_the_last_request(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    turnstile.admit(ticket(clock), SPACE)
    turnstile.admit(ticket(clock), SPACE)
    clock.advance(ms=7_000)
    assert {space: len(ids) for space, ids in turnstile.here().items()} == {SPACE: 2}
    clock.advance(ms=1_001)
    assert turnstile.here() == {}


def test_whoever_hears_what_was_reported_is_let_in_and_not_counted(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    turnstile.admit(ticket(clock), SPACE)
    beside = ticket(clock, rank=BESIDE_AUDIENCE)
    turnstile.admit(beside, SPACE)
    assert {space: len(ids) for space, ids in turnstile.here().items()} == {SPACE: 1}
    clock.advance(ms=200_000)
    assert turnstile.admit(beside, SPACE)


def test_a_player_behind_a_cache_counts_until_its_next_beacon_is_overdue(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    listener = turnstile.admit(ticket(clock), SPACE)
    turnstile.beacon(listener)
    clock.advance(ms=75_000)
    assert turnstile.here() == {SPACE: {listener.id}}
    clock.advance(ms=15_001)
    assert turnstile.here() == {}


RESUME_MS, PRESENT_MS = RESUME_NS // 1_000_000, PRESENT_NS // 1_000_000


def resume(turnstile: Turnstile, text: str) -> None:
    turnstile.admit(text, SPACE, lapses=True)


def test_a_dropped_listener_resumes_for_five_minutes_and_no_longer(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    text = ticket(clock)
    resume(turnstile, text)
    clock.advance(ms=PRESENT_MS + RESUME_MS)
    turnstile.here()
    resume(turnstile, text)
    clock.advance(ms=PRESENT_MS + RESUME_MS + 1)
    turnstile.here()
    for _ in range(2):
        with pytest.raises(TicketLapsed):
            resume(turnstile, text)
    assert turnstile.here() == {}, "whoever is refused fills no place"


def test_a_recording_that_was_paused_for_an_hour_goes_on(turnstile: Turnstile, clock: ManualClock) -> None:
    text = ticket(clock, life_s=7_200)
    turnstile.admit(text, SPACE)
    clock.advance(ms=3_600_000)
    turnstile.here()
    turnstile.admit(text, SPACE)


def test_a_new_ticket_of_the_same_listener_is_good_whenever_they_left(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    listener = new_listener()
    resume(turnstile, ticket(clock, listener=listener))
    clock.advance(ms=PRESENT_MS + RESUME_MS + 60_000)
    turnstile.here()
    resume(turnstile, ticket(clock, listener=listener))


def test_whoever_listens_at_another_worker_meanwhile_has_not_been_away(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    text = ticket(clock)
    resume(turnstile, text)
    listener = turnstile.admit(text, SPACE).id
    clock.advance(ms=900_000)
    turnstile.here()
    turnstile.take_others([listener])
    clock.advance(ms=RESUME_MS)
    resume(turnstile, text)


def test_a_restarted_worker_knows_who_may_resume_and_until_when(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    stayed, left, gone = ticket(clock), ticket(clock), ticket(clock)
    for text in (stayed, left, gone):
        resume(turnstile, text)
    clock.advance(ms=PRESENT_MS + 200_000)
    resume(turnstile, stayed)
    resume(turnstile, left)
    clock.advance(ms=PRESENT_MS + RESUME_MS - 100_000)
    resume(turnstile, stayed)
    told = pack_lately(turnstile.lately())
    after = Turnstile(clock=clock)
    after.take_keys(KEYS)
    after.take_lately(unpack_lately(told))
    clock.advance(ms=101_000)
    resume(after, stayed)
    with pytest.raises(TicketLapsed):
        resume(after, left)
    with pytest.raises(TicketExpired):
        resume(after, gone)


def test_what_a_worker_leaves_word_of_is_bounded_and_read_back() -> None:
    seen = [(bytes([n % 256] * 8), n * 1000) for n in range(100)]
    assert list(unpack_lately(pack_lately(seen)))[:66] == seen[:66]
    assert len(pack_lately((b"x" * 8, 0) for _ in range(100_000))) < 1_000_000
    assert list(unpack_lately(b"torn")) == []


def test_only_who_is_here_is_let_in_again(turnstile: Turnstile, clock: ManualClock) -> None:
    text = ticket(clock, life_s=20)
    assert not turnstile.again(text, SPACE), "nobody has checked it"
    turnstile.admit(text, SPACE)
    assert not turnstile.again(text, OTHER)
    for _ in range(2):
        clock.advance(ms=7_000)
        assert turnstile.again(text, SPACE)
        assert list(turnstile.here()) == [SPACE]
    clock.advance(ms=7_000)
    assert not turnstile.again(text, SPACE), "its ticket has ended"


def test_who_has_gone_or_holds_too_much_is_not_let_in_again(turnstile: Turnstile, clock: ManualClock) -> None:
    text = ticket(clock)
    listener = turnstile.admit(text, SPACE)
    clock.advance(ns=PRESENT_NS + 1)
    turnstile.here()
    assert not turnstile.again(text, SPACE)
    assert turnstile.admit(text, SPACE) is listener
    assert turnstile.again(text, SPACE)
    for _ in range(MOST_OPEN):
        channel = cast(Channel, SimpleNamespace(transport=None))
        turnstile.hold(listener, Exchange(channel, head_only=False, keep_alive=True))
    assert not turnstile.again(text, SPACE)


MOMENTS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(("asks", "holds", "ends", "nothing")), st.integers(0, 9_000)
    ),
    min_size=1,
    max_size=40,
)
"""Who does what, and for how many ms nothing happens then."""


@settings(max_examples=60, deadline=None)
@given(moments=MOMENTS)
def test_who_is_here_are_those_with_an_answer_open_or_seen_lately_each_once(
    moments: list[tuple[int, str, int]],
) -> None:
    clock = ManualClock()
    turnstile = Turnstile(clock=clock)
    turnstile.take_keys(KEYS)
    ids = [bytes([n // 2]) * 8 for n in range(6)]  # two tickets each
    tickets = [ticket(clock, listener=each, life_s=3_600 + n) for n, each in enumerate(ids)]
    answers: list[list[Exchange]] = [[] for _ in tickets]
    seen_ns = [-(2**62)] * len(tickets)
    before: set[bytes] = set()
    for who, does, wait_ms in moments:
        if does != "nothing" and len(answers[who]) < MOST_OPEN:
            listener = turnstile.admit(tickets[who], SPACE)
            seen_ns[who] = clock.monotonic_ns()
            if does == "holds":
                channel = cast(Channel, SimpleNamespace(transport=None, finished=lambda keep: None))
                answers[who].append(Exchange(channel, head_only=False, keep_alive=True))
                turnstile.hold(listener, answers[who][-1])
            elif does == "ends" and answers[who]:
                answers[who].pop(0).lost()
        clock.advance(ms=wait_ms)
        now_ns = clock.monotonic_ns()
        here = {ids[n] for n in range(6) if answers[n] or now_ns - seen_ns[n] <= PRESENT_NS}
        assert turnstile.here() == ({SPACE: here} if here else {})
        assert turnstile.take_changed() >= here ^ before
        before = here
        assert {each for each, away_s in turnstile.lately() if not away_s} >= here
