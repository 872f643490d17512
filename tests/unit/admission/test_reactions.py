"""Who may press how often, and what a second amounts to."""

from __future__ import annotations

from rostra.admission.reactions import KINDS, MOST_PER_S, Allowance, Allowances, Tally

S = 1_000_000_000


def test_an_allowance_is_used_up_and_comes_back_with_time() -> None:
    allowances = Allowances(Allowance(burst=3, refill_s=2), most=10)
    assert [allowances.spend(b"a", now_ns=0) for _ in range(5)] == [True, True, True, False, False]
    assert allowances.spend(b"b", now_ns=0)
    assert not allowances.spend(b"a", now_ns=S)
    assert allowances.spend(b"a", now_ns=2 * S)
    assert not allowances.spend(b"a", now_ns=2 * S)
    assert [allowances.spend(b"a", now_ns=3600 * S) for _ in range(4)] == [True, True, True, False]


def test_no_more_are_remembered_than_may_be() -> None:
    allowances = Allowances(Allowance(burst=1, refill_s=60), most=3)
    for number in range(1000):
        allowances.spend(str(number).encode(), now_ns=number)
    assert len(allowances) == 3


def test_a_second_is_counted_by_kind_in_the_order_of_the_buttons_and_then_begun_anew() -> None:
    tally = Tally()
    for kind in ("heart", "clap", "heart"):
        assert tally.add(kind)
    assert tally.take() == (("clap", 1), ("heart", 2))
    assert tally.take() == ()


def test_beyond_what_a_second_holds_nothing_is_counted() -> None:
    tally = Tally()
    counted = sum(tally.add(KINDS[number % len(KINDS)]) for number in range(MOST_PER_S + 500))
    assert counted == MOST_PER_S
    assert sum(count for _, count in tally.take()) == MOST_PER_S
    assert tally.add("clap")
