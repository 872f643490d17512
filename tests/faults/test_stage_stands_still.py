"""A stage that stands still for a while: what was said meanwhile is on the tape, or typed as a gap."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import Sound, decode
from harness.voices import Babble, speaking
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.tape import TapeReader
from rostra.tape.record import Kind

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

WINDOW = SAMPLE_RATE // 10
CLEAR = 0.5
"""Correlation from which a window is where it was found: what follows by chance stays below 0.3."""
MOST_LOST_S = 0.9
"""Half of what would be missing: windows astride the edges of a gap, and the way back of whoever hung up."""
BABBLE = 60 * SAMPLE_RATE
"""Samples after which it repeats."""
MOST_AWAY = 5 * SAMPLE_RATE
"""Samples of speech that may be missing between two windows, for the search."""


@dataclass(frozen=True, slots=True)
class Place:
    """A window of the recording, and where its speaker said it."""

    recorded: int
    spoken: int


def places(recording: Sound) -> list[Place]:
    """Find every window that holds speech in what the speaker said; never before the last that was found."""
    said = Babble().read(0, 2 * BABBLE).astype(np.float64)
    found: list[Place] = []
    for start in range(0, len(recording) - WINDOW, WINDOW):
        first, last = 0, BABBLE
        if found:
            first = found[-1].spoken + WINDOW // 2
            last = first + start - found[-1].recorded + MOST_AWAY
        at, likeness = sought(recording[start : start + WINDOW], said[first:last])
        if likeness > CLEAR:
            found.append(Place(start, first + at))
    return found


def sought(window: Sound, said: Sound) -> tuple[int, float]:
    """Where a window is most like something said, and how like, by correlation."""
    size = 1 << (len(said) + len(window)).bit_length()
    product = np.fft.rfft(window, size).conj() * np.fft.rfft(said, size)
    correlation = np.fft.irfft(product, size)[: len(said) - len(window)]
    at = int(np.argmax(correlation))
    energy = np.linalg.norm(window) * np.linalg.norm(said[at : at + len(window)])
    return at, float(correlation[at] / (energy + 1e-9))


def lost_s(recording: Sound, gaps: list[int]) -> float:
    """The most that was said between two windows found, neither in the recording nor covered by a gap."""
    worst = 0
    found = places(recording)
    for before, after in pairwise(found):
        said = after.spoken - before.spoken
        covered = sum(QUANTUM for gap in gaps if before.recorded - QUANTUM < gap < after.recorded)
        worst = max(worst, said - WINDOW - covered)
    return worst / SAMPLE_RATE


@pytest.mark.long
@pytest.mark.parametrize(
    ("stands_s", "gap"),
    [pytest.param(1.8, False, id="caught up"), pytest.param(2.4, True, id="a gap")],
)
async def test_nothing_said_while_the_stage_stood_still_is_lost_without_a_trace(
    tmp_path: Path, stands_s: float, gap: bool
) -> None:
    async with Deployment(tmp_path, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Babble()):
            await evening.go_live()
            await evening.until_recorded(3 * SAMPLE_RATE, within_s=20)
            stage = site.pids()["stage-0"]
            os.kill(stage, signal.SIGSTOP)
            await asyncio.sleep(stands_s)
            os.kill(stage, signal.SIGCONT)
            recorded = (await evening.until_served())["samples"]
            await evening.until_recorded(recorded + 6 * SAMPLE_RATE, within_s=30)
            await evening.end()
        run = (await evening.status())["run"]
        recording = await decode((await evening.replay())["mp4"])
        with TapeReader.open(evening.tape(run)) as tape:
            gaps = sorted({record.start_sample for record in tape.records() if record.kind is Kind.GAP})
    assert gaps or not gap
    assert lost_s(recording, gaps) <= MOST_LOST_S
