"""What stages and edges report: newest values, and counts of edges that are gone do not stay."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from harness.clock import ManualClock
from rostra.bus.messages import Audience
from rostra.control.board import AUDIENCE_STALE_NS, MAX_WATCHERS, MAX_WATCHERS_OF_ONE, Board
from rostra.core.errors import TooManyRequests, Unavailable
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


def test_one_person_s_studios_leave_room_for_everybody_else_s() -> None:
    board = Board(clock=ManualClock())
    with ExitStack() as open_studios:
        for _ in range(MAX_WATCHERS_OF_ONE):
            board.need_room("account:eve")
            open_studios.enter_context(board.watch(SPACE, "account:eve"))
        with pytest.raises(TooManyRequests):
            board.need_room("account:eve")
        board.need_room("account:host")
    board.need_room("account:eve")


def test_there_are_only_so_many_studios_in_all() -> None:
    board = Board(clock=ManualClock())
    with ExitStack() as open_studios:
        for person in range(MAX_WATCHERS):
            open_studios.enter_context(board.watch(SPACE, f"account:{person}"))
        with pytest.raises(Unavailable):
            board.need_room("account:host")
