"""A source's sound reaches the mixer at our pace, unbroken, whatever its clock and its gulps."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage.source.buffer import CAPACITY, CUSHION, FULL, HIGH, LOW, PAGE, STEP, SourceBuffer

HZ = 400
STEEPEST = np.pi * HZ / SAMPLE_RATE
"""Of the tone, from one sample to the next."""


def tone(position: int, count: int, *, hertz: float = HZ) -> Sound:
    at = np.arange(position, position + count)
    return (0.5 * np.sin(2 * np.pi * hertz * at / SAMPLE_RATE)).astype(np.float32)


def pop(buffer: SourceBuffer) -> Sound:
    row = np.ones(TICK, np.float32)
    buffer.pop_into(row)
    return row


def test_nothing_is_heard_before_the_cushion_and_then_all_of_it_in_order() -> None:
    buffer = SourceBuffer()
    assert buffer.put(tone(0, CUSHION - 1))
    assert not pop(buffer).any()
    buffer.put(tone(CUSHION - 1, 1))
    heard = np.concatenate([pop(buffer) for _ in range(10)])
    np.testing.assert_array_equal(heard, tone(0, 10 * TICK))


@pytest.mark.parametrize("off_ppm", [-2000, 2000])
def test_a_source_whose_clock_is_off_is_followed_without_a_click(off_ppm: int) -> None:
    buffer = SourceBuffer()
    sent, due, steepest, deepest, last = 0, 0.0, 0.0, 0, np.float32(0)
    for tick in range(600 * 50):
        due += TICK * (1 + off_ppm / 1e6)
        if tick % 50 == 0:  # a second at once, as Ogg pages come
            buffer.put(tone(sent, round(due) - sent))
            sent = round(due)
        row = pop(buffer)
        if tick > 200:
            steepest = max(steepest, abs(row[0] - last), np.abs(np.diff(row)).max())
            deepest = max(deepest, len(buffer))
        last = row[-1]
    assert (buffer.missed, buffer.dropped) == (0, 0)
    assert deepest < HIGH + 1.1 * SAMPLE_RATE
    assert steepest < 1.05 * STEEPEST


def signal_to_noise_db(sound: Sound, hertz: float) -> float:
    """How much stronger a steady tone is than everything else."""
    turns = 2 * np.pi * hertz * np.arange(len(sound)) / SAMPLE_RATE
    both = np.stack((np.sin(turns), np.cos(turns)), axis=1)
    steady = both @ np.linalg.lstsq(both, sound, rcond=None)[0]
    return float(10 * np.log10(np.mean(steady**2) / np.mean((sound - steady) ** 2)))


@pytest.mark.parametrize("hertz", [1000, 4000, 8000, 12_000, 16_000])
def test_a_tone_given_faster_is_as_clean_as_it_was(hertz: int) -> None:
    buffer = SourceBuffer()
    assert HIGH < FULL
    buffer.put(tone(0, HIGH + TICK, hertz=hertz))
    heard = np.concatenate([pop(buffer) for _ in range(60)])
    assert len(buffer) == HIGH + TICK - 60 * (TICK + STEP)
    assert signal_to_noise_db(heard[TICK:], hertz * (TICK + STEP) / TICK) > 80


@pytest.mark.parametrize(("before", "at_once"), [(0, 2), (PAGE // 2, 1), (CUSHION - 1, 1)])
def test_pages_that_come_in_time_are_given_as_they_are(before: int, at_once: int) -> None:
    buffer = SourceBuffer()
    heard: list[Sound] = []
    sent = before
    buffer.put(tone(0, before))
    for second in range(60):
        pages = 1 if second else at_once
        buffer.put(tone(sent, pages * PAGE))
        sent += pages * PAGE
        heard += [pop(buffer) for _ in range(SAMPLE_RATE // TICK)]
    np.testing.assert_array_equal(np.concatenate(heard), tone(0, 60 * SAMPLE_RATE))


def test_what_runs_dry_is_silent_counted_and_begins_again_with_a_cushion() -> None:
    buffer = SourceBuffer()
    buffer.put(tone(0, CUSHION))
    while len(buffer) >= TICK:
        pop(buffer)
    assert not pop(buffer).any()
    assert buffer.missed == 1
    buffer.put(tone(0, LOW))
    assert not pop(buffer).any()


def test_the_end_is_given_to_the_last_tick_and_is_no_loss() -> None:
    buffer = SourceBuffer()
    buffer.put(tone(0, 2 * TICK))
    buffer.end()
    assert pop(buffer).any()
    assert pop(buffer).any()
    assert not pop(buffer).any()
    assert buffer.drained
    assert buffer.missed == 0


def test_a_file_sent_as_fast_as_it_can_is_made_to_wait_and_keeps_its_pitch() -> None:
    buffer = SourceBuffer()
    whole = tone(0, 3 * CAPACITY)
    sending = threading.Thread(target=buffer.put, args=(whole,))
    sending.start()
    heard = []
    while len(heard) < 400:
        while len(buffer) < CAPACITY - SAMPLE_RATE and sending.is_alive():
            pass
        heard.append(pop(buffer))
    buffer.close()
    sending.join(5)
    assert not sending.is_alive()
    np.testing.assert_array_equal(np.concatenate(heard), whole[: 400 * TICK])


def test_a_decoder_learns_that_nobody_takes_it_any_more() -> None:
    buffer = SourceBuffer()
    assert buffer.put(np.zeros(CAPACITY, np.float32))
    assert not buffer.put(np.zeros(1, np.float32), timeout_s=0.01)
    buffer.close()
    assert not buffer.put(np.zeros(1, np.float32))
