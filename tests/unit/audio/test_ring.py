"""Between network and mixer nothing piles up, and what is missing is silence."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.frame import Sound
from rostra.audio.ring import CAPACITY, CUSHION, WATCH_TICKS, SampleRing
from rostra.core.samples import TICK


def count(start: int, samples: int) -> Sound:
    return np.arange(start, start + samples, dtype=np.float32)


def pop(ring: SampleRing, *, catching_up: bool = False) -> Sound:
    row = np.full(TICK, -1, np.float32)
    ring.pop_into(row, catching_up=catching_up)
    return row


def test_nothing_is_given_before_the_cushion_is_there() -> None:
    ring = SampleRing()
    ring.push(count(1, CUSHION - 1))
    assert not pop(ring).any()
    ring.push(count(CUSHION, 1))
    assert pop(ring).tolist() == count(1, TICK).tolist()
    assert ring.missed == 0


def test_a_speaker_who_gives_nothing_is_silent_and_begins_again_with_a_cushion() -> None:
    ring = SampleRing()
    ring.push(count(1, CUSHION))
    while ring.missed == 0:
        assert (row := pop(ring)) is not None
    assert not row.any()
    ring.push(count(1, TICK))
    assert not pop(ring).any()
    ring.push(count(1, TICK))
    assert pop(ring).any()


def test_when_full_the_oldest_goes_and_is_counted() -> None:
    ring = SampleRing()
    ring.push(count(0, CAPACITY))
    ring.push(count(CAPACITY, 100))
    assert ring.dropped == 100
    assert pop(ring)[0] == 100


def test_one_huge_packet_keeps_its_newest_samples() -> None:
    ring = SampleRing()
    ring.push(count(0, CAPACITY * 2 + 7))
    assert ring.dropped == CAPACITY + 7
    assert pop(ring)[0] == CAPACITY + 7


def test_delay_left_by_a_burst_is_gone_after_a_second_and_without_a_click() -> None:
    ring = SampleRing()
    ring.push(count(1, 10 * TICK))
    heard = []
    for tick in range(2 * WATCH_TICKS):
        heard.append(pop(ring))
        ring.push(count(1 + (10 + tick) * TICK, TICK))
    assert len(ring) == CUSHION
    assert ring.dropped == 8 * TICK
    assert ring.missed == 0
    steps = np.diff(np.concatenate(heard))
    assert steps.max() < 2 * 8 * TICK / 240


def test_a_ring_no_deeper_than_it_needs_is_left_alone() -> None:
    ring = SampleRing()
    ring.push(count(1, CUSHION))
    for tick in range(3 * WATCH_TICKS):
        pop(ring)
        ring.push(count(1 + CUSHION + tick * TICK, TICK))
    assert ring.dropped == 0


def test_a_mixer_that_stood_still_gets_all_that_was_said_meanwhile() -> None:
    ring = SampleRing()
    ring.push(count(1, CUSHION + 90 * TICK))
    rows = [pop(ring, catching_up=True) for _ in range(90)]
    assert np.concatenate(rows).tolist() == count(1, 90 * TICK).tolist()
    assert (len(ring), ring.dropped) == (CUSHION, 0)


def test_after_a_gap_only_the_newest_cushion_is_kept_and_the_rest_counted() -> None:
    ring = SampleRing()
    ring.push(count(1, 30 * TICK))
    ring.trim()
    assert pop(ring)[0] == 1 + 30 * TICK - CUSHION
    assert ring.dropped == 30 * TICK - CUSHION
    ring.trim()
    assert ring.dropped == 30 * TICK - CUSHION


def test_a_speaker_runs_dry_only_once_they_have_begun() -> None:
    ring = SampleRing()
    assert not ring.runs_dry
    ring.push(count(1, CUSHION))
    while not ring.runs_dry:
        assert pop(ring).any()
    assert not pop(ring).any()
    assert not ring.runs_dry


@given(st.lists(st.integers(0, 3 * TICK), max_size=40))
def test_samples_come_out_in_order_whatever_the_packets_sizes(sizes: list[int]) -> None:
    ring = SampleRing()
    pushed, last = 1, 0.0
    for size in sizes:
        ring.push(count(pushed, size))
        pushed += size
        row = pop(ring)
        if row.any():
            assert row[0] > last
            assert row.tolist() == count(int(row[0]), TICK).tolist()
            last = row[-1]
        assert len(ring) <= CAPACITY
