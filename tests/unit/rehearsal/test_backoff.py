import random

from rostra.rehearsal.backoff import Backoff


def test_waits_grow_to_the_cap_and_never_beyond() -> None:
    backoff = Backoff(first_s=0.2, cap_s=4.0, dice=random.Random(1))
    waits = [backoff.next_s() for _ in range(60)]
    assert waits[0] <= 0.2
    assert 2.0 <= max(waits[10:]) <= 4.0


def test_after_a_success_the_next_wait_is_short_again() -> None:
    backoff = Backoff(dice=random.Random(1))
    for _ in range(10):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 0.2


def test_two_listeners_who_fail_together_do_not_come_back_together() -> None:
    waits = {Backoff(dice=random.Random(seed)).next_s() for seed in range(20)}
    assert len(waits) == 20
