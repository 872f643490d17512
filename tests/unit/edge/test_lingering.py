"""Who follows a manifest and asks for the segment after the last, before and after the end of a programme."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.core.errors import NotFound
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.lingering import KNOWN_NS, Follower
from rostra.edge.segments import LiveSegments
from rostra.edge.sweep import at_once
from rostra.edge.window import Window
from rostra.serving.exchange import Exchange
from unit.edge.test_laggards import Stuck

LAST = 1
ANN, BEN = b"ann", b"ben"


class Edge:
    """One rendition that has a whole segment and ``chunks`` of the next, the last."""

    def __init__(self, chunks: int) -> None:
        self.window = Window(0)
        self._clock = ManualClock()
        self.segments = LiveSegments(self.window, clock=self._clock, read_older=lambda _: [])
        for _ in range(LAST * CHUNKS_PER_SEGMENT + chunks):
            self.window.append(b"chunk;")
            self.segments.arrived(range(1))

    def ask(self, number: int, follower: Follower | None) -> Stuck:
        channel = Stuck(takes=10**9)
        exchange = Exchange(channel, head_only=False, keep_alive=True)
        self.segments.stretch(number, number, exchange, http10=False, stalled=False, follower=follower)
        return channel

    def end(self) -> None:
        self.window.end()
        self.segments.close()
        at_once(self.segments.ended())

    def wait(self, ns: int) -> None:
        self._clock.advance(ns=ns)
        at_once(self.segments.expired())


@pytest.mark.parametrize("chunks", [5, CHUNKS_PER_SEGMENT])
def test_who_may_not_know_of_the_end_is_refused_once_they_must(chunks: int) -> None:
    edge = Edge(chunks)
    before = edge.ask(LAST + 1, ANN)
    edge.end()
    after = edge.ask(LAST + 1, BEN)
    by_a_cache = edge.ask(LAST + 1, b"")
    edge.wait(KNOWN_NS - 1)
    assert [each.written for each in (before, after, by_a_cache)] == [b""] * 3
    assert edge.segments.open_count == 3
    edge.wait(1)
    assert all(each.written.startswith(b"HTTP/1.1 404 ") for each in (before, after, by_a_cache))
    assert edge.segments.open_count == 0
    with pytest.raises(NotFound):
        edge.ask(LAST + 1, ANN)


def test_who_has_read_of_the_end_is_refused_at_once_and_nobody_else() -> None:
    edge = Edge(5)
    one, other = edge.ask(LAST + 1, ANN), edge.ask(LAST + 1, BEN)
    edge.end()
    edge.segments.told(ANN)
    assert one.written.startswith(b"HTTP/1.1 404 ")
    assert not other.written
    with pytest.raises(NotFound):
        edge.ask(LAST + 1, ANN)


def test_the_last_segment_is_heard_as_before_and_what_lies_further_ahead_is_not_there() -> None:
    edge = Edge(5)
    last, page = edge.ask(LAST, ANN), edge.ask(LAST + 1, None)
    edge.end()
    assert last.written.endswith(b"\r\n0\r\n\r\n")
    assert page.written.startswith(b"HTTP/1.1 404 "), "a page learns of the end by this"
    for number, follower in ((LAST + 1, None), (LAST + 2, ANN)):
        with pytest.raises(NotFound):
            edge.ask(number, follower)


def test_who_waits_after_the_end_is_broken_off_when_nothing_more_is_answered() -> None:
    edge = Edge(5)
    waiting = edge.ask(LAST + 1, ANN)
    edge.end()
    at_once(edge.segments.abandoned())
    assert waiting.written.startswith(b"HTTP/1.1 503 ")


def test_a_programme_that_was_over_as_it_was_opened_lets_nobody_wait() -> None:
    edge = Edge(5)
    edge.window.end()
    with pytest.raises(NotFound):
        edge.ask(LAST + 1, ANN)
