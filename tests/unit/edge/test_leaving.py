"""A worker that is relieved, with a crowd that takes several turns of the loop to write to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.programme import Programme
from rostra.edge.sweep import SLICE, Delivery, at_once
from rostra.tape import TapeWriter
from rostra.tape.reader import TapeReader
from unit.edge.test_pace import Client


async def without_a_pause(delivery: Delivery) -> None:
    """Sweep faster than those are written to who are to be let go."""
    at_once([delivery])


async def test_nobody_is_let_go_before_the_last_chunk_of_the_segment_has_reached_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Delivery, "sweep", without_a_pause)
    clock = ManualClock()
    writer = TapeWriter.create(tmp_path / "run23456", programme.genesis(), clock=clock)
    for number in range(CHUNKS_PER_SEGMENT - 1):
        writer.append(programme.quanta()[number])
    live = Programme(TapeReader.open(tmp_path / "run23456"), clock=clock)
    rendition = live.renditions["aac64"]
    crowd = [Client(rendition.segments, 0, 15, 0) for _ in range(3 * SLICE)]
    live.leave()
    following = asyncio.create_task(live.follow())
    writer.append(programme.quanta()[CHUNKS_PER_SEGMENT - 1])
    async with asyncio.timeout(20):
        while not all(client.exchange.closed for client in crowd):
            await live.tick()
            await asyncio.sleep(0)
    whole = b"".join(rendition.window.chunks(0) or [])
    assert len(rendition.window.chunks(0) or []) == CHUNKS_PER_SEGMENT
    assert {client.body_so_far for client in crowd} == {whole}
    following.cancel()
    live.close()
    writer.close()
