"""Listeners who do not take what they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from harness import programme
from harness.clock import ManualClock
from rostra.edge.forms import Adts
from rostra.edge.radio import ENOUGH, Billboard, Radio
from rostra.edge.segments import LAG_BYTES, LiveSegments
from rostra.edge.window import Window
from rostra.media import cmaf
from rostra.serving.exchange import Exchange


class Stuck:
    """A channel whose client stops reading after ``takes`` bytes."""

    def __init__(self, *, takes: int) -> None:
        self.transport = cast(asyncio.Transport, self)
        self.write_paused = False
        self.aborted = False
        self._buffered = -takes

    def write(self, data: bytes) -> None:
        self._buffered += len(data)

    def get_write_buffer_size(self) -> int:
        return max(0, self._buffered)

    def abort(self) -> None:
        self.aborted = True

    def finished(self, *, keep: bool) -> None:
        """Nothing to do."""

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


def exchange(channel: Stuck) -> Exchange:
    return Exchange(channel, head_only=False, keep_alive=True)


async def test_a_radio_that_takes_nothing_is_dropped_and_the_other_plays_on() -> None:
    track = programme.tracks()[0]
    frames = programme.quanta()[0][track.name]
    chunk = cmaf.chunk(track, sequence=1, start_sample=0, frames=frames)
    radio = Radio(
        Adts(track),
        rendition=0,
        title="x",
        bit_rate=64_000,
        billboard=Billboard("x"),
        clock=ManualClock(),
        places=ENOUGH,
    )
    stuck, fine = Stuck(takes=0), Stuck(takes=10**9)
    for each in (stuck, fine):
        radio.answer(exchange(each), wants_titles=False)
    for _ in range(LAG_BYTES // len(chunk) + 2):
        for delivery in radio.arrived(chunk):
            await delivery.sweep()
    assert stuck.aborted
    assert not fine.aborted
    assert (radio.dropped, radio.open_count) == (1, 1)


async def test_a_listener_who_comes_during_a_sweep_gets_each_chunk_once() -> None:
    window = Window(0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [])
    window.append(b"first")
    due = segments.arrived(0, b"first")
    late = Stuck(takes=0)
    segments.segment(0, exchange(late), http10=True, stalled=False)
    before = late.get_write_buffer_size()
    for delivery in due:
        await delivery.sweep()
    assert late.get_write_buffer_size() == before
    window.append(b"second")
    for delivery in segments.arrived(0, b"second"):
        await delivery.sweep()
    assert late.get_write_buffer_size() == before + len(b"second")


def test_what_waits_is_forgotten_when_its_client_leaves() -> None:
    segments = LiveSegments(Window(0), clock=ManualClock(), read_older=lambda _: [])
    waiting = [exchange(Stuck(takes=0)) for _ in range(3)]
    segments.segment(0, waiting[0], http10=False, stalled=False)
    segments.segment(1, waiting[1], http10=False, stalled=False)
    segments.part(0, 2, waiting[2], stalled=False)
    assert segments.open_count == 3
    for each in waiting:
        each.lost()
    assert segments.open_count == 0
