"""A change of pace as listeners in all lanes live through it: nobody's audio runs dry."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.bus.messages import EdgePolicy
from rostra.core.pace import GROWTH, LANES, Change, Pace
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM
from rostra.edge.pace import Pacing
from rostra.edge.programme import Programme
from rostra.tape import TapeReader, TapeWriter
from unit.edge.test_pace import Client

QUANTUM_S = 0.32
SLACK_S = 0.25
"""What the page's player holds beyond a cadence."""
HEARD_AFTER_S = 3.0
"""From edge by door and stage to the page."""
AFTERWARDS = 40
"""Quanta for which one listens on."""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Pace(), Pace(4)),
        (Pace(), Pace(12)),
        (Pace(), Pace(12, 12)),
        (Pace(4, 4), Pace(12, 12)),
        (Pace(4, 4), Pace(6, 6)),
        (Pace(4, 4), Pace(4)),
        (Pace(12, 12), Pace(12)),
    ],
    ids=lambda pace: f"{pace.cadence} in {pace.cohorts}",
)
async def test_another_pace_finds_enough_in_hand_in_every_lane(
    tmp_path: Path, before: Pace, after: Pace
) -> None:
    clock, pacing = ManualClock(), Pacing(before)
    writer = TapeWriter.create(tmp_path / "run23456", programme.genesis(), clock=clock)
    live = Programme(TapeReader.open(tmp_path / "run23456"), clock=clock, pacing=pacing)
    following = asyncio.create_task(live.follow())
    segments = live.renditions["aac64"].segments
    now_ms = clock.utc_ns() // 1_000_000
    change = Change.told(before, after, now_ms)
    pacing.announce(EdgePolicy(cadence=after.cadence, cohorts=after.cohorts, from_ms=change.from_ms))
    crowd: list[tuple[Client, int]] = []
    came = [0] * LANES
    least_s = 9.0
    for quanta in range(1, (change.from_ms - now_ms) // 320 + CHUNKS_PER_SEGMENT + AFTERWARDS):
        if quanta % (15 * CHUNKS_PER_SEGMENT) == 1:  # a stretch, and one segment of the next
            first = quanta // CHUNKS_PER_SEGMENT
            crowd = [(Client(segments, first, first + 15, lane), lane) for lane in range(LANES)]
        had = [len(client.channel.written) for client, _ in crowd]
        clock.advance(ms=320)
        writer.append(programme.quanta()[quanta % 48])
        async with asyncio.timeout(5):
            while live.samples < quanta * QUANTUM:
                await asyncio.sleep(0)
        heard_s = quanta * QUANTUM_S - _behind_s(before, after, quanta * QUANTUM_S)
        least_s = min(least_s, *(here * QUANTUM_S - heard_s for here in came))
        for (client, lane), bytes_before in zip(crowd, had, strict=True):
            if len(client.channel.written) > bytes_before:
                came[lane] = quanta
    assert pacing.at(clock.utc_ns() // 1_000_000) == after
    assert least_s > 0.1
    following.cancel()
    live.close()
    writer.close()


def _behind_s(before: Pace, after: Pace, told_s: float) -> float:
    """How far behind the newest audio the page's player is, so long after a change was told."""
    grown = max(0.0, told_s - HEARD_AFTER_S) * GROWTH / QUANTUM_S
    return max(before.cadence, min(before.cadence + grown, after.cadence)) * QUANTUM_S + SLACK_S
