"""Radios that get titles: the same bytes at once to all who are alike, and to each a stream that is right."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from harness.radio import unwoven
from rostra.core.pace import LANES, Pace
from rostra.edge.radio import BURST_CHUNKS, ENOUGH, LAG_BYTES, Billboard, Radio
from rostra.edge.sweep import sweep
from rostra.media import icy
from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Turn
from rostra.serving.response import http_date
from unit.edge.test_laggards import Stuck, exchange
from unit.edge.test_pace import PACES

TITLES = ("An evening", "An evening – Ada", "An evening – Ñusta")
PATTERN = bytes(range(251)) * 60


class Bare:
    """Chunks as they are."""

    content_type, extension, takes_titles = "audio/aac", "aac", True

    def opening(self, title: str) -> bytes:
        return b""

    def wrap(self, chunk: bytes) -> bytes:
        return chunk

    def closing(self) -> bytes:
        return b""


class AtOnce(Broadcast):
    """Writes to all of whom nothing waits, as the ring does."""

    def write(self, turn: Turn, data: bytes) -> list[Exchange]:
        exchanges = turn.everyone()
        others = [each for each in exchanges if each.buffered_bytes]
        for each in exchanges:
            if each not in others:
                each.write(data)
        return others


class Taps(Stuck):
    """A client that takes everything, but for moments."""

    def __init__(self) -> None:
        super().__init__(takes=0)
        self.lags = False
        self._heard = bytearray()

    @property
    def head(self) -> str:
        return self._heard.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        return bytes(self._heard.partition(b"\r\n\r\n")[2])

    def write(self, data: bytes) -> None:
        self._heard += data

    def get_write_buffer_size(self) -> int:
        return LAG_BYTES + 1 if self.lags else 0


class Station:
    """A radio that speaks."""

    def __init__(self, pace: Pace, broadcast: Broadcast = ONE_BY_ONE) -> None:
        self.clock = ManualClock()
        self.billboard = Billboard(TITLES[0])
        self.radio = Radio(
            Bare(),
            rendition=0,
            title=TITLES[0],
            bit_rate=64_000,
            billboard=self.billboard,
            clock=self.clock,
            places=ENOUGH,
        )
        self._pace, self._broadcast = pace, broadcast
        self._quanta = 0

    def listens(self, lane: int, *, titled: bool) -> Taps:
        client = Taps()
        self.radio.answer(exchange(client), wants_titles=titled, lane=lane)
        return client

    def says(self, size: int) -> None:
        self._quanta += 1
        self.radio.arrived(PATTERN[self._quanta :][:size], self._pace.due(self._quanta))

    async def speaks(self, size: int) -> None:
        self.says(size)
        await sweep(self.radio.due(), broadcast=self._broadcast)

    async def ends(self) -> None:
        await sweep(self.radio.ended(), broadcast=self._broadcast)


TURN = st.tuples(
    st.integers(1, 9_000),
    st.sampled_from(TITLES),
    st.lists(st.integers(0, LANES - 1), max_size=3),
    st.sets(st.integers(0, 7), max_size=3),
)
"""How much is spoken under which title; in which lanes two come before, one with titles and one without, and
which of those who are there lag."""


@given(turns=st.lists(TURN, min_size=1, max_size=40), pace=st.sampled_from(PACES), at_once=st.booleans())
async def test_a_stream_with_titles_is_the_one_without_and_blocks_at_their_places(
    turns: list[tuple[int, str, list[int], set[int]]], pace: Pace, at_once: bool
) -> None:
    station = Station(pace, AtOnce() if at_once else ONE_BY_ONE)
    pairs: list[tuple[Taps, Taps]] = []
    for size, title, lanes, lagging in turns:
        pairs += [(station.listens(lane, titled=True), station.listens(lane, titled=False)) for lane in lanes]
        for number, pair in enumerate(pairs):
            for each in pair:
                each.lags = number in lagging
        station.billboard.block = icy.block(title)
        await station.speaks(size)
    await station.ends()
    for titled, plain in pairs:
        audio, titles = unwoven(titled.body)
        assert audio == plain.body
        assert bool(titles) is (len(audio) >= icy.EVERY_BYTES)
        assert set(titles) <= set(TITLES)
        assert all(before != after for before, after in pairwise(titles))


async def test_those_who_came_between_two_chunks_are_written_to_at_once_until_one_misses_some() -> None:
    station = Station(Pace())
    for _ in range(BURST_CHUNKS):
        await station.speaks(2_700)
    early = [station.listens(number % LANES, titled=True) for number in range(20)]
    await station.speaks(2_700)
    late = [station.listens(number % LANES, titled=True) for number in range(10)]
    for lagging, expected in ((False, [20, 10]), (True, [20, 10]), (False, [19, 1, 10])):
        early[7].lags = lagging
        station.says(2_500)
        due = station.radio.due()
        assert sorted(map(len, due)) == sorted(expected)
        assert len(due) == len(expected)
        await sweep(due)
    assert len({each.body for each in early}) == 2
    assert len({each.body for each in late}) == 1


async def test_a_radio_is_told_the_date_and_scripts_may_read_what_it_is_told() -> None:
    station = Station(Pace())
    for titled in (True, False):
        head = station.listens(0, titled=titled).head
        assert f"\r\nDate: {http_date(station.clock.utc_ns() / 1e9)}\r\n" in head
        exposed = [line.partition(": ")[2] for line in head.splitlines() if "-Expose-Headers" in line]
        told = {line.partition(":")[0] for line in head.splitlines() if line.startswith("icy-")}
        assert ("icy-metaint" in told) is titled
        assert {"Date", *told} <= set(", ".join(exposed).split(", "))
