"""How many entered from one network: bounded, and known to the door that comes after."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rostra.gateway.prefixes import WIDE_SHARE, Prefixes, prefix_of

came = st.lists(st.sampled_from("abcdefgh"), max_size=60)


def counted(networks: Sequence[str], *, most: int = 100) -> Prefixes:
    prefixes = Prefixes(most=most)
    for each in networks:
        prefixes.enter(each)
    return prefixes


@given(before=came, after=came, at_least=st.integers(1, 10))
def test_whoever_had_so_many_entries_before_has_them_still(
    before: list[str], after: list[str], at_least: int
) -> None:
    told = counted(before).at_least(at_least, most=100)
    assert told == {each: before.count(each) for each in before if before.count(each) >= at_least}
    again = counted(after)
    again.recall(told)
    for each in "abcdefgh":
        assert again.entered(each) == told.get(each, 0) + after.count(each)


def test_of_very_many_networks_those_heard_of_lately_are_told_and_no_more_remembered_than_may_be() -> None:
    prefixes = counted([*"abcdef", *"abcde", "a"])
    assert prefixes.at_least(2, most=3) == {"d": 2, "e": 2, "a": 3}
    small = counted(["a", "a", "b"], most=2)
    small.recall({"c": 9})
    assert [small.entered(each) for each in "abc"] == [0, 1, 9]


@given(pieces=st.lists(st.tuples(came, st.integers(1, 5)), max_size=6), most=st.integers(1, 8))
def test_whoever_is_asked_for_while_more_come_and_some_are_forgotten_is_who_is_told(
    pieces: list[tuple[list[str], int]], most: int
) -> None:
    asked, silent = counted((), most=most), counted((), most=most)
    for networks, at_least in pieces:
        for each in networks:
            asked.enter(each)
            silent.enter(each)
        never_asked = copy.deepcopy(silent)
        told = asked.at_least(at_least, most=3)
        assert list(told.items()) == list(never_asked.at_least(at_least, most=3).items())


def test_whoever_has_a_48_is_no_newcomer_with_every_network_of_it() -> None:
    attacker = [prefix_of(f"2001:db8:1:{each:02x}00::1") for each in range(256)]
    assert len(set(attacker)) == 256
    prefixes = counted(attacker * WIDE_SHARE)
    assert prefixes.entered(prefix_of("2001:db8:1:ff00::9")) == 256
    assert prefixes.entered(prefix_of("2001:db8:2::1")) == 0
    again = counted(())
    again.recall(prefixes.at_least(64, most=100))
    assert again.entered(prefix_of("2001:db8:1:ff00::9")) == 256


def test_one_network_of_a_48_takes_no_share_from_the_others_until_all_are_many() -> None:
    prefixes = counted([prefix_of("2001:db8:1::1")] * 64)
    assert prefixes.entered(prefix_of("2001:db8:1::2")) == 64
    assert prefixes.entered(prefix_of("2001:db8:1:100::1")) == 64 // WIDE_SHARE
    assert counted([prefix_of("203.0.113.9")] * 64).entered(prefix_of("203.0.113.200")) == 64
