"""A crowd that is kept through a run says who was lost while it was stopped, and not twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from bench.edge import kept
from bench.edge.cost import Cost
from bench.edge.kept import Kept
from bench.edge.listeners import Heard
from bench.edge.rostra_edge import Served


def heard(lost: int) -> Heard:
    return Heard(100, 3.84, 3_302_400, 300, 0, lost, 0.5, 1.0)


@dataclass
class Leaving:
    """A crowd some of whom leave before each end of a count."""

    leaving: list[int]
    gone: int = 0
    pids: tuple[int, ...] = ()

    def begin(self) -> None:
        self.gone = 0

    async def end(self) -> Heard:
        self.gone += self.leaving.pop(0)
        return heard(self.gone)


@dataclass
class Hall:
    crowd: Leaving
    served: Served = field(default_factory=lambda: Served(0, []))

    async def count(self, _: int) -> Cost:
        self.crowd.begin()
        return Cost(10.0, 0.0, 1000.0, 2000.0, 0.5, await self.crowd.end(), as_asked=True)


async def test_a_window_tells_of_who_was_lost_in_it_and_in_the_pause_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "SETTLE_S", 0.01)
    crowd = Kept(Hall(Leaving([3, 1, 0, 0, 2, 0])))
    await crowd.pause()
    assert [(await crowd.measure(1)).heard.lost for _ in range(3)] == [4, 0, 2]
