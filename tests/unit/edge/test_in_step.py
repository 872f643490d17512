"""Everybody gets everything once and in order, whoever comes, goes or is slow while others are written to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from rostra.edge.in_step import Groups
from rostra.edge.sweep import SLICE, Fanout, at_once, sweep
from rostra.serving.broadcast import Broadcast
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Recipients, Turn
from unit.edge.test_laggards import Stuck, exchange


@dataclass
class Hearing:
    """Somebody in step with others."""

    since: int
    channel: Stuck = field(default_factory=lambda: Stuck(takes=10**9))

    def __post_init__(self) -> None:
        self.exchange = exchange(self.channel)


class Interrupted(Broadcast):
    """Something happens each time before some are written to."""

    def __init__(self, happens: list[int], everyone: list[Hearing]) -> None:
        super().__init__()
        self._happens, self._everyone = happens, everyone

    def write(self, turn: Turn, data: bytes) -> list[Exchange]:
        if self._happens and self._everyone:
            self._everyone[self._happens.pop() % len(self._everyone)].exchange.abort()
        return turn.everyone()


TURN = st.tuples(st.integers(0, 30), st.integers(0, 6), st.lists(st.integers(0, 999), max_size=4))
"""How many come before a chunk, how many chunks they are behind, and who leaves while it goes out."""


@given(turns=st.lists(TURN, min_size=1, max_size=20))
async def test_everybody_gets_each_chunk_once_and_in_order(turns: list[tuple[int, int, list[int]]]) -> None:
    groups: Groups[int] = Groups(0)
    everyone: list[Hearing] = []
    for now, (come, behind, leave) in enumerate(turns):
        for _ in range(come):
            hearing = Hearing(max(0, now - behind))
            everyone.append(hearing)
            groups.put(hearing.since, hearing.exchange)
        steps = groups.advance([(had, now + 1) for had in groups if had <= now])
        rounds = []
        for had, seats in steps:
            data = bytes(range(had, now + 1))
            rounds.append(Fanout(data, partial(Exchange.write, data=data), [seats]))
        for _ in range(come // 2):  # who comes while others are written to has this chunk
            late = Hearing(now + 1)
            everyone.append(late)
            groups.put(late.since, late.exchange)
        await sweep(rounds, broadcast=Interrupted(leave, everyone))
        assert groups.count == sum(not each.exchange.closed for each in everyone)
        for each in everyone:
            if not each.exchange.closed:
                assert each.channel.written == bytes(range(each.since, now + 1))


def test_who_is_written_to_in_several_turns_is_told_by_a_seat_that_nobody_else_takes() -> None:
    company = Recipients()
    first = [Hearing(0) for _ in range(SLICE + 20)]
    for each in first:
        company.add(each.exchange)
    everyone = Fanout(b"good evening", lambda each: each.write(b"good evening"), [company.seats()])
    everyone.serve(SLICE, Broadcast())
    gone = first[SLICE + 3]
    gone.exchange.abort()
    late = Hearing(0)
    company.add(late.exchange)
    at_once([everyone])
    assert [each.channel.written for each in first if each is not gone] == [b"good evening"] * (SLICE + 19)
    assert gone.channel.written == late.channel.written == b""
    assert list(company)[-1] is late.exchange
    assert len(company) == SLICE + 20
    for each in first[:SLICE]:
        each.exchange.abort()
    assert len(company) == len(company.seats()) == 20
