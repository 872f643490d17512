"""How long sound waits: as long as nearly all need, at once when it gets worse, no longer when it is over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rostra.audio import delay as delays
from rostra.audio.delay import LONG, MOST, SHORT, DelayTarget

MS = 48


def fed(transits: list[int]) -> DelayTarget:
    delay = DelayTarget()
    for transit in transits:
        delay.observe(transit)
    return delay


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=700))
@example([0, 0, 0, 23_761, -240])
def test_the_wait_lies_between_the_fastest_and_half_a_second_more(transits: list[int]) -> None:
    delay = fed(transits)
    assert delay.fastest <= delay.slowest <= delay.fastest + MOST


@given(st.integers(0, 100 * MS), st.randoms(use_true_random=False))
def test_nearly_all_packets_are_waited_for(jitter: int, chance: object) -> None:
    random = np.random.default_rng(chance.getrandbits(32))  # type: ignore[attr-defined]  # Hypothesis's Random
    transits = random.integers(0, jitter + 1, LONG).tolist()
    delay = fed(transits)
    assert np.mean(np.array(transits) <= delay.slowest) >= 0.96


def test_the_wait_grows_within_a_few_packets_and_comes_back_within_the_window() -> None:
    delay = fed([0] * LONG)
    assert delay.jitter == 0
    for _ in range(SHORT // 4):
        delay.observe(80 * MS)
    assert delay.jitter == 80 * MS
    for _ in range(LONG):
        delay.observe(0)
    assert delay.jitter == 0


def test_a_longer_way_is_not_jitter_for_ever() -> None:
    delay = fed([0] * LONG + [90 * MS] * (LONG + 4))
    assert (delay.fastest, delay.jitter) == (90 * MS, 0)


def test_a_backlog_at_the_beginning_is_no_jitter() -> None:
    assert fed([(500 - 20 * number) * MS for number in range(26)] + [0] * 20).jitter == 0


@pytest.mark.parametrize("later_ms", [600, 1000, 2900])
def test_a_way_that_became_far_longer_is_waited_for_within_a_second(later_ms: int) -> None:
    delay = fed([0] * LONG + [later_ms * MS] * (SHORT + 4))
    assert (delay.fastest, delay.jitter) == (later_ms * MS, 0)


def test_what_was_held_up_and_comes_at_once_is_no_longer_way() -> None:
    delay = fed([0] * LONG + [(2000 - 20 * number) * MS for number in range(101)])
    assert (delay.fastest, delay.jitter) == (0, MOST)


def test_of_a_steady_way_the_windows_are_looked_at_three_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = 0
    look = DelayTarget._look

    def counted(delay: DelayTarget) -> None:
        nonlocal looks
        looks += 1
        look(delay)

    monkeypatch.setattr(DelayTarget, "_look", counted)
    fed([0] * LONG)
    assert looks <= LONG // 16 + 4


@given(st.lists(st.integers(0, MOST), min_size=1, max_size=700))
def test_between_two_looks_no_packet_is_waited_for_less_than_the_windows_want(transits: list[int]) -> None:
    delay, always = DelayTarget(), DelayTarget()
    for transit in transits:
        delay.observe(transit)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(delays, "_EVERY", 1)
            patched.setattr(delays, "_SOON", 1)
            always.observe(transit)
        assert delay.fastest <= always.fastest
        assert delay.slowest >= always.slowest
