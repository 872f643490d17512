from harness.clock import ManualClock
from rostra.rehearsal.timeline import BEFORE, Timeline


def test_everything_is_before_the_beginning_until_it_begins() -> None:
    clock = ManualClock()
    assert Timeline(clock).position(clock.monotonic_ns() + 10**12) == BEFORE


def test_positions_step_by_one_tick_whatever_the_phase_of_the_microphone() -> None:
    clock = ManualClock()
    clock.advance(ns=7_654_321)
    timeline = Timeline(clock)
    timeline.begin()
    first_ns = clock.monotonic_ns() + 3_333_333
    positions = [timeline.position(first_ns + tick * 20_000_000) for tick in range(200)]
    assert positions == list(range(0, 200 * 960, 960))


def test_beginning_again_starts_from_the_top() -> None:
    clock = ManualClock()
    timeline = Timeline(clock)
    timeline.begin()
    clock.advance(ms=5_000)
    assert timeline.position(clock.monotonic_ns()) == 240_000
    timeline.begin()
    assert timeline.position(clock.monotonic_ns()) == 0
