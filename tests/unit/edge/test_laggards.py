"""Listeners who do not take what they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from harness import programme
from harness.clock import ManualClock
from rostra.core.pace import LANES
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.edge.forms import Adts
from rostra.edge.radio import ENOUGH, LAG_BYTES, Billboard, Radio
from rostra.edge.segments import LiveSegments
from rostra.edge.sweep import sweep
from rostra.edge.window import Window
from rostra.media import cmaf
from rostra.serving.exchange import Exchange, Transport


class Stuck:
    """A channel whose client stops reading after ``takes`` bytes."""

    def __init__(self, *, takes: int) -> None:
        self.transport = cast(Transport, self)
        self.write_paused = False
        self.brisk = self.cramped = False
        self.date = b""
        self.descriptor = -1
        self.aborted = False
        self.written = b""
        self._buffered = -takes

    def write(self, data: bytes) -> None:
        self._buffered += len(data)
        self.written += data

    def get_write_buffer_size(self) -> int:
        return max(0, self._buffered)

    def get_extra_info(self, name: str) -> None:
        """No socket."""

    def take(self) -> None:
        """Read on, all that was written."""
        self._buffered = 0

    def abort(self) -> None:
        self.aborted = True

    def finished(self, *, keep: bool) -> None:
        """Nothing to do."""

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


def exchange(channel: Stuck) -> Exchange:
    return Exchange(channel, head_only=False, keep_alive=True)


def endless(clock: ManualClock) -> tuple[Radio, bytes]:
    """A radio, and a chunk that it takes again and again."""
    track = programme.tracks()[0]
    frames = programme.quanta()[0][track.name]
    radio = Radio(
        Adts(track),
        rendition=0,
        title="x",
        bit_rate=64_000,
        billboard=Billboard("x"),
        clock=clock,
        places=ENOUGH,
    )
    return radio, cmaf.chunk(track, sequence=1, start_sample=0, frames=frames)


async def play(radio: Radio, chunk: bytes, clock: ManualClock, *, seconds: float) -> None:
    for _ in range(round(seconds * SAMPLE_RATE / QUANTUM)):
        clock.advance(ms=QUANTUM * 1000 // SAMPLE_RATE)
        radio.arrived(chunk, range(LANES))
        await sweep(radio.due())
        await sweep(radio.tick())


async def test_a_radio_that_is_paused_for_a_minute_gives_up_its_place() -> None:
    clock = ManualClock()
    radio, chunk = endless(clock)
    paused, back, fine = Stuck(takes=0), Stuck(takes=0), Stuck(takes=10**9)
    for each in (paused, back, fine):
        radio.answer(exchange(each), wants_titles=False)
    await play(radio, chunk, clock, seconds=50)
    assert radio.skipped > 0
    assert radio.open_count == 3
    back.take()
    await play(radio, chunk, clock, seconds=30)
    assert radio.open_count == 2
    assert (paused.aborted, back.aborted, fine.aborted) == (True, False, False)
    assert radio.dropped == 1


async def test_a_radio_that_takes_nothing_misses_whole_frames_and_stays_while_the_other_plays_on() -> None:
    radio, chunk = endless(ManualClock())
    stuck, fine = Stuck(takes=0), Stuck(takes=10**9)
    for each in (stuck, fine):
        radio.answer(exchange(each), wants_titles=False)
    head = len(stuck.written)
    written = 2 * LAG_BYTES // len(chunk)
    for _ in range(written):
        radio.arrived(chunk, range(LANES))
        await sweep(radio.due())
    assert 0 < radio.skipped < written
    assert radio.open_count == 2
    one = (len(fine.written) - head) // written
    assert (len(stuck.written) - head) % one == 0
    assert len(stuck.written) < LAG_BYTES + 2 * one


async def test_a_segment_that_is_not_taken_breaks_off_and_says_what_came_before() -> None:
    window, stuck = Window(0), Stuck(takes=0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [], lag_bytes=1_000)
    segments.stretch(0, 0, exchange(stuck), http10=True, stalled=False)
    for _ in range(4):
        window.append(b"x" * 600)
        segments.arrived(range(LANES))
        await sweep(segments.due())
    assert stuck.aborted
    assert segments.dropped == 1
    assert segments.open_count == 0
    assert stuck.written.endswith(b"x" * 600 * 3)


async def test_a_listener_who_comes_during_a_sweep_gets_each_chunk_once() -> None:
    window = Window(0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [])
    early, late = Stuck(takes=0), Stuck(takes=0)
    segments.stretch(0, 0, exchange(early), http10=True, stalled=False)
    window.append(b"first")
    segments.arrived(range(LANES))
    due = segments.due()
    segments.stretch(0, 0, exchange(late), http10=True, stalled=False)
    await sweep(due)
    window.append(b"second")
    segments.arrived(range(LANES))
    await sweep(segments.due())
    for each in (early, late):
        assert each.written.endswith(b"\r\n\r\nfirstsecond")


def test_what_waits_is_forgotten_when_its_client_leaves() -> None:
    segments = LiveSegments(Window(0), clock=ManualClock(), read_older=lambda _: [])
    waiting = [exchange(Stuck(takes=0)) for _ in range(3)]
    segments.stretch(0, 0, waiting[0], http10=False, stalled=False)
    segments.stretch(1, 1, waiting[1], http10=False, stalled=False)
    segments.part(0, 2, waiting[2], stalled=False)
    assert segments.open_count == 3
    for each in waiting:
        each.lost()
    assert segments.open_count == 0
