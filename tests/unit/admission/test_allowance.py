"""How often somebody may do something, and what counts as one visitor."""

from __future__ import annotations

from rostra.admission.allowance import Allowance, Buckets
from rostra.core.networks import visitor

S = 1_000_000_000


def test_an_allowance_is_used_up_and_comes_back_with_time() -> None:
    buckets, few = Buckets(most=10), Allowance(burst=3, refill_s=2)
    assert [buckets.take("a", few, now_ns=0) for _ in range(5)] == [True, True, True, False, False]
    assert buckets.take("b", few, now_ns=0)
    assert not buckets.take("a", few, now_ns=S)
    assert buckets.take("a", few, now_ns=2 * S)
    assert not buckets.take("a", few, now_ns=2 * S)
    assert [buckets.take("a", few, now_ns=3600 * S) for _ in range(4)] == [True, True, True, False]


def test_what_is_given_back_may_be_taken_again_and_never_more() -> None:
    buckets, two = Buckets(most=10), Allowance(burst=2, refill_s=60)
    for _ in range(100):
        assert buckets.take("a", two, now_ns=0)
        buckets.give_back("a", two)
    buckets.give_back("a", two)
    buckets.give_back("nobody", two)
    assert [buckets.take("a", two, now_ns=0) for _ in range(3)] == [True, True, False]


def test_no_more_are_remembered_than_may_be() -> None:
    buckets = Buckets(most=3)
    for number in range(1000):
        buckets.take(str(number), Allowance(burst=1, refill_s=60), now_ns=number)
    assert len(buckets) == 3


def test_a_household_is_one_visitor_however_its_addresses_are_written() -> None:
    household = ("2001:db8::1", "2001:db8::a:b:c:d", "2001:db8:0:0:ffff::", "2001:0DB8::ffff:1:2:3")
    assert len({visitor(each) for each in household}) == 1
    assert visitor("::ffff:203.0.113.9") == visitor("203.0.113.9")
