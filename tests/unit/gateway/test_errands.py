"""Errands to backstage: bounded, counted, a few at a time."""

from __future__ import annotations

import asyncio

from rostra.gateway.errands import Errands


async def test_so_many_wait_and_so_many_are_on_their_way_and_further_ones_are_counted() -> None:
    errands: Errands[int] = Errands("tests", most=5, at_a_time=2)
    answers, busy, done = asyncio.Event(), [], []

    async def do(errand: int) -> None:
        busy.append(errand)
        await answers.wait()
        done.append(errand)

    running = asyncio.create_task(errands.run(do))
    assert [errands.add(number) for number in range(7)] == [True] * 5 + [False] * 2
    assert errands.refused == 2
    while len(busy) < 2:
        await asyncio.sleep(0)
    assert busy == [0, 1]
    answers.set()
    while len(done) < 5:
        await asyncio.sleep(0)
    assert sorted(done) == [0, 1, 2, 3, 4]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
