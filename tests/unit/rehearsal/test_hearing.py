import numpy as np
import pytest

from rostra.core.samples import QUANTUM, nanoseconds
from rostra.rehearsal.chunks import Chunk
from rostra.rehearsal.hearing import LATE_MS, Hearing

ANCHOR = 1_700_000_000_000_000_000


def chunk(number: int) -> Chunk:
    return Chunk(number * QUANTUM, QUANTUM, (b"x",), (), bytes(2_560))


def arrive(hearing: Hearing, number: int, *, after_ms: int = 100) -> bool:
    """Let a chunk come so long after its last sample was spoken."""
    due_ns = ANCHOR + nanoseconds((number + 1) * QUANTUM)
    return hearing.arrived(chunk(number), anchor_utc_ns=ANCHOR, now_utc_ns=due_ns + after_ms * 1_000_000)


def test_an_even_stream_has_no_gap_and_the_bit_rate_of_its_bytes() -> None:
    hearing = Hearing(ANCHOR)
    for number in range(10):
        assert arrive(hearing, number)
    assert (hearing.chunks, hearing.gaps, hearing.late) == (10, 0, 0)
    assert hearing.bit_rate == 64_000


def test_a_missing_chunk_is_one_gap_of_its_length() -> None:
    hearing = Hearing(ANCHOR)
    for number in (0, 1, 4):
        arrive(hearing, number)
    assert (hearing.gaps, hearing.gap_ms) == (1, 640)


def test_a_chunk_that_comes_again_after_a_break_is_not_counted_twice() -> None:
    hearing = Hearing(ANCHOR)
    assert arrive(hearing, 0)
    assert not arrive(hearing, 0)
    assert arrive(hearing, 1)
    assert (hearing.chunks, hearing.gaps) == (2, 0)


def test_latency_is_from_the_last_sample_spoken_to_the_arrival() -> None:
    hearing = Hearing(ANCHOR)
    for number in range(100):
        arrive(hearing, number, after_ms=300 if number < 90 else 900)
    assert hearing.latency_at(0.5) == 300
    assert hearing.latency_at(0.95) == 900


def test_what_was_spoken_before_one_joined_is_neither_late_nor_a_latency() -> None:
    hearing = Hearing(ANCHOR + nanoseconds(10 * QUANTUM))
    for number in range(8):
        arrive(hearing, number, after_ms=3_000)
    assert (hearing.late, hearing.latency_at(0.5)) == (0, None)


def test_a_chunk_beyond_the_tolerance_is_late() -> None:
    hearing = Hearing(ANCHOR)
    arrive(hearing, 0, after_ms=LATE_MS)
    arrive(hearing, 1, after_ms=LATE_MS + 2)
    assert hearing.late == 1


def test_an_outage_that_is_filled_with_silence_is_no_gap_and_shows_as_the_longest_wait() -> None:
    hearing = Hearing(ANCHOR)
    for number in range(3):
        arrive(hearing, number)
    assert hearing.longest_wait_ms == 320
    for number in range(3, 34):
        due_again_ms = (33 - number) * 320 + 100
        arrive(hearing, number, after_ms=due_again_ms)
    assert (hearing.gaps, hearing.longest_wait_ms) == (0, 31 * 320)


def test_another_tape_begins_at_zero_without_a_gap() -> None:
    hearing = Hearing(ANCHOR)
    arrive(hearing, 7)
    hearing.restart()
    assert arrive(hearing, 0)
    assert hearing.gaps == 0


def test_first_audio_is_the_first_sound_decoded() -> None:
    hearing = Hearing(ANCHOR)
    hearing.decoded(np.zeros(0, dtype=np.int16), now_utc_ns=ANCHOR + 100_000_000)
    assert hearing.first_audio_ms is None
    hearing.decoded(np.full(960, 16384, dtype=np.int16), now_utc_ns=ANCHOR + 250_000_000)
    hearing.decoded(np.zeros(960, dtype=np.int16), now_utc_ns=ANCHOR + 350_000_000)
    assert hearing.first_audio_ms == 250
    assert hearing.peak_dbfs == pytest.approx(-6.0, abs=0.1)
    assert hearing.level_dbfs == pytest.approx(-9.0, abs=0.1)
