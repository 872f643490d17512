"""Challenges: used once, for whom they were drawn, within their time, in bounded memory."""

from __future__ import annotations

from harness.clock import ManualClock
from rostra.control.challenges import LIFE_NS, MAX_OPEN, Challenges
from rostra.core.ids import AccountId

ADA, GRACE = AccountId("ada"), AccountId("grace")


def test_a_challenge_is_good_once() -> None:
    challenges = Challenges(clock=ManualClock())
    drawn = challenges.draw(ADA)
    assert [challenges.take(drawn, ADA), challenges.take(drawn, ADA)] == [True, False]


def test_a_challenge_is_for_one_account_only_and_used_up_by_a_wrong_one() -> None:
    challenges = Challenges(clock=ManualClock())
    for drawn_for, taken_for in ((ADA, GRACE), (ADA, None), (None, ADA)):
        drawn = challenges.draw(drawn_for)
        assert not challenges.take(drawn, taken_for)
        assert not challenges.take(drawn, drawn_for)


def test_what_was_never_drawn_is_no_good_even_to_nobody() -> None:
    assert not Challenges(clock=ManualClock()).take(b"made up", None)


def test_a_challenge_is_good_for_five_minutes() -> None:
    clock = ManualClock()
    challenges = Challenges(clock=clock)
    early, late = challenges.draw(ADA), challenges.draw(ADA)
    clock.advance(ns=LIFE_NS - 1)
    assert challenges.take(early, ADA)
    clock.advance(ns=1)
    assert not challenges.take(late, ADA)


def test_memory_is_bounded_however_many_are_drawn() -> None:
    challenges = Challenges(clock=ManualClock())
    first = challenges.draw(ADA)
    for _ in range(MAX_OPEN):
        newest = challenges.draw(ADA)
    assert not challenges.take(first, ADA)
    assert challenges.take(newest, ADA)
