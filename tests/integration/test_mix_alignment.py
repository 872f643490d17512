"""Every rendition of a tape against the mix itself, sample by sample: nobody hears it early or late."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness import programme
from harness.sound import decode
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE, TICK
from rostra.stage.programme import Programme
from rostra.stage.scene import Scene
from rostra.tape import TapeWriter

MOST_SAMPLES = SAMPLE_RATE // 1000
LOOKS = (0.5, 5.0, 11.0)
"""Seconds at which a second is compared: at the start, and after a drift would show."""


def record(folder: Path, *, resumed_at: int | None) -> int:
    """Put the mix on a tape as a stage does, parked and resumed after so many ticks; return its samples."""
    mix = programme.mix()
    on_air = Programme(TapeWriter.create(folder, programme.genesis(), clock=SystemClock()))
    for number, start in enumerate(range(0, len(mix), TICK)):
        if number == resumed_at:
            on_air.park()
            on_air = Programme(TapeWriter.resume(folder, clock=SystemClock()))
        on_air.write(mix[start : start + TICK], Scene)
    try:
        return on_air.finish().duration_samples
    finally:
        on_air.close()


@pytest.mark.parametrize("resumed_at", [None, 16 * 20], ids=["in one go", "resumed"])
async def test_every_rendition_is_the_mix_to_a_millisecond(tmp_path: Path, resumed_at: int | None) -> None:
    folder = tmp_path / "space23456" / "run23456"
    assert record(folder, resumed_at=resumed_at) == len(programme.mix())
    for track in programme.tracks():
        heard = (await decode(folder / f"{track.name}.mp4")).astype(np.float32)
        assert abs(len(heard) - len(programme.mix())) <= QUANTUM
        for second in LOOKS:
            part = slice(round(second * SAMPLE_RATE), round((second + 1) * SAMPLE_RATE))
            late = programme.shift(heard[part], programme.mix()[part])
            assert abs(late) <= MOST_SAMPLES, f"{track.name} is {late} samples late at {second} s"
