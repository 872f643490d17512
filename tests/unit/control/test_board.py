"""What stages and edges report: newest values, and counts of edges that are gone do not stay."""

from __future__ import annotations

from harness.clock import ManualClock
from rostra.bus.messages import Audience
from rostra.control.board import AUDIENCE_STALE_NS, Board
from rostra.core.ids import SpaceId

SPACE = SpaceId("abcdefghjk")


def test_listeners_are_those_of_all_edges_that_still_report() -> None:
    clock = ManualClock()
    board = Board(clock=clock)
    board.take_audience(Audience(space=SPACE, worker=0, listeners=40))
    board.take_audience(Audience(space=SPACE, worker=1, listeners=2))
    assert board.listeners(SPACE) == 42
    clock.advance(ns=AUDIENCE_STALE_NS)
    board.take_audience(Audience(space=SPACE, worker=1, listeners=3))
    clock.advance(ms=1)
    assert board.listeners(SPACE) == 3


def test_listeners_of_an_edge_that_died_are_forgotten() -> None:
    clock = ManualClock()
    board = Board(clock=clock)
    board.take_audience(Audience(space=SPACE, worker=0, listeners=40))
    clock.advance(ns=AUDIENCE_STALE_NS + 1)
    assert board.listeners(SPACE) == 0
