"""The speed of a speaker's clock, told from when packets come, on a network that is quiet or is not."""

from __future__ import annotations

import random

import pytest

from rostra.audio.drift import MOST_PPM, Drift
from rostra.core.samples import SAMPLE_RATE, TICK

MS = 48


def follow(
    ppm: float, *, seconds: int, jitter_ms: float = 0, seed: int = 1, drift: Drift | None = None
) -> Drift:
    chance = random.Random(seed)
    drift = drift or Drift()
    packets = range(seconds * SAMPLE_RATE // TICK)
    arrivals = [int(n * TICK / (1 + ppm * 1e-6) + chance.uniform(0, jitter_ms) * MS) for n in packets]
    for arrival, number in sorted(zip(arrivals, packets, strict=True)):
        drift.observe(arrival, arrival - number * TICK)
    return drift


@pytest.mark.parametrize("ppm", [-300, -20, 0, 20, 300])
@pytest.mark.parametrize(("jitter_ms", "within"), [(0, 2), (5, 6), (100, 60)])
def test_the_clock_is_known_after_a_minute(ppm: int, jitter_ms: float, within: float) -> None:
    assert follow(ppm, seconds=75, jitter_ms=jitter_ms).ppm == pytest.approx(ppm, abs=within)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("seconds", [13, 20, 40])
def test_on_a_rough_network_no_drift_is_made_up(seconds: int, seed: int) -> None:
    assert abs(follow(0, seconds=seconds, jitter_ms=100, seed=seed).ppm) < 90


def test_another_way_through_the_network_is_no_other_clock() -> None:
    drift = follow(120, seconds=70)
    for number in range(30 * SAMPLE_RATE // TICK):
        arrival = 70 * SAMPLE_RATE + int(number * TICK / (1 + 120e-6)) + 80 * MS
        drift.observe(arrival, arrival - int((70 * SAMPLE_RATE) * (1 + 120e-6)) - number * TICK)
        assert drift.ppm == pytest.approx(120, abs=10)


def test_no_clock_is_followed_beyond_reason() -> None:
    assert abs(follow(40_000, seconds=30).ppm) <= MOST_PPM


def test_once_a_minute_is_known_it_is_gone_over_every_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    estimates = 0
    estimate = Drift._estimate

    def counted(drift: Drift) -> None:
        nonlocal estimates
        estimates += 1
        estimate(drift)

    monkeypatch.setattr(Drift, "_estimate", counted)
    follow(50, seconds=62)
    first_minute, estimates = estimates, 0
    follow(50, seconds=162)
    assert estimates == first_minute + 20
