"""Several segments in one answer: which there are, how they go on across borders, and how they are left."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from threading import Event

import pytest

from harness.clock import ManualClock
from rostra.core.errors import NotFound
from rostra.core.pace import LANES, Pace
from rostra.core.samples import CHUNKS_PER_SEGMENT, STRETCH, last_of_stretch
from rostra.edge.segments import LiveSegments
from rostra.edge.sweep import at_once, sweep
from rostra.edge.window import KEPT_SEGMENTS, Window
from rostra.serving.response import LAST_CHUNK, framed, http_date
from unit.edge.test_pace import Client

SEGMENT = CHUNKS_PER_SEGMENT


class Edge:
    """One rendition, chunk by chunk."""

    def __init__(
        self,
        quanta: int = 0,
        *,
        pace: Pace | None = None,
        read_older: Callable[[int], list[bytes]] = lambda n: [b"old %d" % n],
    ) -> None:
        self._window = Window(0)
        self._pace = pace or Pace()
        self.clock = ManualClock()
        self.segments = LiveSegments(self._window, clock=self.clock, read_older=read_older)
        self.spoken: list[bytes] = []
        self.take(quanta)

    def take(self, quanta: int) -> None:
        """Have so many more, before anybody is written to."""
        for _ in range(quanta):
            self.spoken.append(b"chunk %d;" % len(self.spoken))
            self._window.append(self.spoken[-1])
            self.segments.arrived(self._pace.due(len(self.spoken)))

    async def speak(self, quanta: int) -> None:
        for _ in range(quanta):
            self.take(1)
            await sweep(self.segments.due())

    def client(self, first: int, last: int, *, lane: int = 0, http10: bool = False) -> Client:
        return Client(self.segments, first, last, lane, http10=http10)

    def audio(self, first: int, last: int) -> bytes:
        return b"".join(self.spoken[first:last])


async def test_a_stretch_is_its_segments_joined_whether_whole_or_as_it_came() -> None:
    edge = Edge(3)
    live = edge.client(0, 2)
    await edge.speak(3 * SEGMENT)
    singles = b"".join(edge.client(number, number).body for number in range(3))
    assert live.body == edge.client(0, 2).body == singles == edge.audio(0, 36)


async def test_a_border_is_no_more_than_another_chunk() -> None:
    edge = Edge(SEGMENT - 1)
    client = edge.client(0, 1)
    for number in (SEGMENT - 1, SEGMENT):
        before = client.channel.written
        await edge.speak(1)
        assert client.channel.written == before + framed(edge.spoken[number])


async def test_a_stretch_ends_with_its_last_chunk_and_its_connection_may_carry_the_next() -> None:
    edge = Edge(1)
    client = edge.client(0, 1)
    await edge.speak(2 * SEGMENT - 2)
    assert not client.exchange.closed
    await edge.speak(1)
    assert client.exchange.closed
    assert client.channel.written.endswith(LAST_CHUNK)
    assert edge.segments.open_count == 0


async def test_cohorts_keep_their_turns_across_borders() -> None:
    edge = Edge(1, pace=Pace(4, 4))
    clients = [edge.client(0, 3, lane=lane) for lane in range(LANES)]
    await edge.speak(4)
    for _ in range(3 * SEGMENT):
        before = [len(client.channel.written) for client in clients]
        await edge.speak(1)
        wrote = sum(len(c.channel.written) > size for c, size in zip(clients, before, strict=True))
        assert wrote == LANES // 4


async def test_a_stretch_that_begins_with_whole_segments_sends_them_at_once() -> None:
    edge = Edge(2 * SEGMENT + 3)
    client = edge.client(1, 5)
    assert client.channel.written.endswith(framed(edge.audio(SEGMENT, 2 * SEGMENT + 3)))


async def test_the_next_stretch_is_held_until_its_first_chunk() -> None:
    edge = Edge(3)
    client = edge.client(1, 16)
    await edge.speak(9)
    assert client.channel.written == b""
    await edge.speak(1)
    assert client.channel.written.startswith(b"HTTP/1.1 200 ")
    assert client.channel.written.endswith(framed(edge.spoken[SEGMENT]))


@pytest.mark.parametrize("http10", [False, True])
async def test_an_answer_that_goes_on_says_at_what_date_it_began(http10: bool) -> None:
    edge = Edge(SEGMENT)
    at_once, held = edge.client(0, 2, http10=http10), edge.client(1, 16, http10=http10)
    asked_s = edge.clock.utc_ns() / 1e9
    edge.clock.advance(ms=1_000)
    await edge.speak(1)
    for client, date_s in ((at_once, asked_s), (held, asked_s + 1)):
        assert client.channel.written.count(b"\r\nDate: %b\r\n" % http_date(date_s).encode()) == 1


@pytest.mark.parametrize(("first", "last"), [(2, 3), (0, STRETCH), (1, 0), (0, 10**9)])
def test_what_lies_ahead_is_too_long_or_runs_backwards_is_not_there(first: int, last: int) -> None:
    with pytest.raises(NotFound):
        Edge(3).client(first, last)


async def test_a_segment_is_there_however_old_and_a_stretch_while_it_begins_in_memory() -> None:
    edge = Edge((KEPT_SEGMENTS + 2) * SEGMENT)
    assert (await answered(edge.client(0, 0))).body == b"old 0"
    assert edge.client(2, 4).body == edge.audio(2 * SEGMENT, 5 * SEGMENT)
    for last in (4, 16):
        with pytest.raises(NotFound):
            edge.client(1, last)


async def test_a_stretch_that_goes_on_begins_at_most_two_segments_before_the_one_in_the_making() -> None:
    for open_ in (0, 3, SEGMENT - 1):
        edge = Edge(6 * SEGMENT + open_)
        assert edge.client(4, 16).body_so_far == edge.audio(4 * SEGMENT, 6 * SEGMENT + open_)
        for first in (0, 3):
            assert edge.client(first, 5).body == edge.audio(first * SEGMENT, 6 * SEGMENT)
            for last in (6, 7):
                with pytest.raises(NotFound):
                    edge.client(first, last)


async def test_who_wants_an_old_segment_waits_for_the_disk_and_nobody_else_does() -> None:
    disk, readings = Event(), []

    def read(number: int) -> list[bytes]:
        readings.append(number)
        disk.wait(10)
        return [b"old", b"er"]

    edge = Edge((KEPT_SEGMENTS + 2) * SEGMENT, read_older=read)
    older, same, live = edge.client(0, 0), edge.client(0, 0), edge.client(12, 12)
    await edge.speak(SEGMENT)
    assert live.body == edge.audio(12 * SEGMENT, 13 * SEGMENT)
    assert [older.exchange.closed, same.exchange.closed] == [False, False]
    assert edge.segments.open_count == 2
    disk.set()
    assert [(await answered(each)).body for each in (older, same)] == [b"older"] * 2
    assert readings == [0], "once for all who ask"
    assert edge.client(0, 0).body == b"older", "and kept for whoever comes next"


async def test_who_waits_for_an_old_segment_of_a_programme_that_is_let_go_is_refused() -> None:
    edge = Edge((KEPT_SEGMENTS + 2) * SEGMENT)
    waits = edge.client(0, 0)
    at_once(edge.segments.abandoned())
    await asyncio.sleep(0.05)
    assert waits.channel.written.startswith(b"HTTP/1.1 503")
    assert waits.channel.written.count(b"HTTP/1.1") == 1


async def answered(client: Client) -> Client:
    async with asyncio.timeout(5):
        while not client.exchange.closed:
            await asyncio.sleep(0.001)
    return client


async def test_whoever_a_worker_owes_more_than_it_has_is_broken_off() -> None:
    edge = Edge(3)
    client = edge.client(0, 15)
    had = client.channel.written
    edge.take((KEPT_SEGMENTS + 1) * SEGMENT)  # as after standing still
    await sweep(edge.segments.due())
    assert client.exchange.closed
    assert client.channel.written == had


@pytest.mark.parametrize("pace", [Pace(), Pace(4, 4), Pace(12, 12), Pace(12, 1)])
async def test_all_leave_at_the_end_of_the_segment_they_are_in_and_not_before(pace: Pace) -> None:
    edge = Edge(3, pace=pace)
    clients = [edge.client(0, 15, lane=lane) for lane in range(LANES)]
    edge.segments.leaving = True
    await edge.speak(SEGMENT - 4)
    await sweep(edge.segments.left())
    assert not any(client.exchange.closed for client in clients)
    await edge.speak(1)
    assert not any(client.exchange.closed for client in clients), "a browser would lose what came last"
    await edge.speak(2)
    await sweep(edge.segments.left())
    for client in clients:
        assert client.exchange.closed
        assert not client.channel.written.endswith(LAST_CHUNK), "no cache keeps it"
        assert client.body_so_far == edge.audio(0, SEGMENT)
    assert edge.segments.open_count == 0


async def test_who_leaves_has_no_more_than_whole_segments_even_where_several_came_at_once() -> None:
    edge = Edge(3)
    clients = [edge.client(0, 15), edge.client(0, 15, http10=True)]
    edge.segments.leaving = True
    edge.take(2 * SEGMENT)
    await sweep(edge.segments.due())
    await sweep(edge.segments.left())
    assert [client.body_so_far for client in clients] == [edge.audio(0, SEGMENT)] * 2
    assert edge.segments.open_count == 0


async def test_what_was_asked_for_already_is_still_heard_when_all_leave() -> None:
    edge = Edge(3)
    single, stretch = edge.client(1, 1), edge.client(1, 15)
    edge.segments.leaving = True
    await edge.speak(2 * SEGMENT)
    await sweep(edge.segments.left())
    assert single.body == edge.audio(SEGMENT, 2 * SEGMENT)
    assert (stretch.body_so_far, stretch.exchange.closed) == (edge.audio(SEGMENT, 2 * SEGMENT), True)


async def test_one_that_keeps_its_deal_asks_every_sixteen_segments_and_four_deals_take_turns() -> None:
    for deal in (0, 4, 8, 12):
        first, asked = 5, []
        while first < 100:
            asked.append(last_of_stretch(first, deal))
            assert first <= asked[-1] < first + STRETCH
            first = asked[-1] + 1
        assert {later - last for last, later in itertools.pairwise(asked)} == {STRETCH}
    assert len({last_of_stretch(100, deal) for deal in (0, 4, 8, 12)}) == 4
