"""The sample clock's arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.core import samples


def test_a_quantum_is_a_whole_number_of_ticks_and_of_frames_of_each_codec() -> None:
    assert samples.QUANTUM % samples.TICK == 0
    assert samples.QUANTUM % 1024 == 0
    assert samples.SEGMENT % samples.PART == 0


@given(st.integers(0, 2**50))
def test_nanoseconds_and_back_lose_at_most_one_sample(count: int) -> None:
    assert count - samples.from_nanoseconds(samples.nanoseconds(count)) in (0, 1)


@given(st.integers(0, 2**50))
def test_a_sample_lies_in_its_segment(sample: int) -> None:
    number = samples.segment_of(sample)
    assert number * samples.SEGMENT <= sample < (number + 1) * samples.SEGMENT
