"""What a role does in threads does not keep its loop from what is due, on one core neither."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rostra.serve.priority import raise_priority

WORK = """
import asyncio, os, sys, time
from rostra.core.threads import favour_the_loop

def work(until):
    while time.monotonic() < until:
        sum(range(1_000))
    return os.sched_getparam(0).sched_priority

async def main():
    favour_the_loop()
    until, ticks = time.monotonic() + 1.0, 0
    working = asyncio.create_task(asyncio.to_thread(work, until))
    while time.monotonic() < until:
        await asyncio.sleep(0.02)
        ticks += 1
    print(ticks, os.sched_getparam(0).sched_priority, await working)

sys.stdin.read()
asyncio.run(main())
"""


@pytest.mark.parametrize("first", [True, False], ids=["real-time", "ordinary"])
def test_a_loop_ticks_beside_a_thread_that_works_on_its_core(first: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    if first:
        raise_priority(process.pid)
    is_realtime = os.sched_getscheduler(process.pid) == os.SCHED_RR
    said, _ = process.communicate("", timeout=30)
    ticks, loop, thread = map(int, said.split())
    assert loop - thread == is_realtime
    assert ticks > (25 if is_realtime else 3), "of 50"
