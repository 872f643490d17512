"""What a second of reactions amounts to."""

from __future__ import annotations

from rostra.admission.reactions import KINDS, MOST_PER_S, Tally


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
