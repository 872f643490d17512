"""Values that are equal become one object, and what is kept for that stays small."""

from __future__ import annotations

from rostra.edge.alike import MOST_KEPT, Alike


def of_its_own(text: str) -> str:
    """A copy that is no other's object, as each request brings one."""
    return "".join(list(text))


def test_equal_values_are_one_object_and_others_are_not() -> None:
    alike = Alike()
    first, again = of_its_own("opus32"), of_its_own("opus32")
    assert first is not again
    assert alike.one(again) is alike.one(first)
    assert alike.one(1_900_000_000) == 1_900_000_000
    assert alike.one("aac64") == "aac64"


def test_a_flood_of_different_values_is_not_kept() -> None:
    alike = Alike()
    for number in range(100 * MOST_KEPT):
        assert alike.one(number) == number
    assert len(alike._kept) <= MOST_KEPT
