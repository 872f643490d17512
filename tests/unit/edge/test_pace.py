"""How much one write carries, and who is due when."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.messages import EdgePolicy
from rostra.core.pace import LANES, Change, Pace, PaceUnusable
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.lateness import BOUNDS_MS, Due
from rostra.edge.pace import Pacing, lane
from rostra.edge.segments import LiveSegments
from rostra.edge.sweep import SLICE, Delivery, sweep
from rostra.edge.window import Window
from rostra.serving.exchange import Exchange
from rostra.serving.metrics import Histogram
from rostra.serving.response import LAST_CHUNK
from unit.edge.test_laggards import Stuck

DIVISORS = (1, 2, 3, 4, 6, 12)
PACES = [Pace(cadence, cohorts) for cadence in DIVISORS for cohorts in DIVISORS if cohorts <= cadence]


@pytest.mark.parametrize("pace", PACES)
def test_every_lane_is_due_once_in_a_cadence_and_cohorts_are_of_one_size(pace: Pace) -> None:
    turns = [list(pace.due(quanta)) for quanta in range(5 * 12, 5 * 12 + pace.cadence)]
    assert Counter(lane for turn in turns for lane in turn) == dict.fromkeys(range(LANES), 1)
    assert {len(turn) for turn in turns if turn} == {LANES // pace.cohorts}


@pytest.mark.parametrize(("cadence", "cohorts"), [(0, 1), (5, 1), (2, 3), (4, 0), (12, 5), (24, 1)])
def test_a_pace_that_does_not_fit_a_segment_is_refused(cadence: int, cohorts: int) -> None:
    with pytest.raises(PaceUnusable):
        Pace(cadence, cohorts)


def test_an_announced_pace_holds_from_its_time_on() -> None:
    pacing = Pacing(Pace())
    pacing.announce(EdgePolicy(cadence=2, cohorts=2, from_ms=8_000))
    assert pacing.known(7_999) == (Pace(), Change(Pace(), Pace(2, 2), 8_000))
    assert pacing.at(8_000) == Pace(2, 2)
    assert pacing.known(8_001) == (Pace(2, 2), None)


def test_players_are_told_the_end_of_a_change_while_its_steps_hold() -> None:
    pacing = Pacing(Pace())
    change = Change.told(Pace(), Pace(12, 6), 0)
    pacing.announce(EdgePolicy(cadence=12, cohorts=6, from_ms=change.from_ms))
    held = [pacing.at(at_ms) for at_ms in range(0, change.from_ms + 1, 80)]
    assert list(dict.fromkeys(held)) == [Pace(), Pace(2, 2), Pace(3, 3), Pace(4, 4), Pace(6, 6), Pace(12, 6)]
    pacing = Pacing(Pace())
    pacing.announce(EdgePolicy(cadence=12, cohorts=6, from_ms=change.from_ms))
    assert {pacing.told(at_ms) for at_ms in range(0, change.from_ms + 1, 80)} == {12}


def test_a_change_that_is_told_again_without_its_time_comes_no_sooner() -> None:
    pacing = Pacing(Pace())
    pacing.announce(EdgePolicy(cadence=12, cohorts=1, from_ms=90_000))
    pacing.announce(EdgePolicy(cadence=12, cohorts=1, from_ms=0))
    assert pacing.at(1_000) == Pace()


def test_a_worker_that_starts_after_a_change_begins_with_all_of_it() -> None:
    pacing = Pacing(Pace())
    pacing.announce(EdgePolicy(cadence=12, cohorts=1, from_ms=90_000))
    assert pacing.at(90_001) == Pace(12)


def body(written: bytes, *, whole: bool = True) -> bytes:
    """Decode a chunked response, which must be ``whole``, or else must not have ended."""
    _, _, rest = written.partition(b"\r\n\r\n")
    data = b""
    while rest and not rest.startswith(LAST_CHUNK):
        size, _, rest = rest.partition(b"\r\n")
        data, rest = data + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert rest == (LAST_CHUNK if whole else b"")
    return data


class Client:
    """A listener to some segments who takes everything."""

    def __init__(
        self, segments: LiveSegments, first: int, last: int, lane: int, *, http10: bool = False
    ) -> None:
        self.channel = Stuck(takes=10**9)
        self._http10 = http10
        self.exchange = Exchange(self.channel, head_only=False, keep_alive=True)
        segments.stretch(first, last, self.exchange, http10=http10, stalled=False, lane=lane)

    @property
    def body(self) -> bytes:
        head, _, rest = self.channel.written.partition(b"\r\n\r\n")
        return rest if self._http10 or b"\r\nContent-Length" in head else body(self.channel.written)

    @property
    def body_so_far(self) -> bytes:
        """Of an answer that does not end by itself."""
        written = self.channel.written
        return written.partition(b"\r\n\r\n")[2] if self._http10 else body(written, whole=False)


JOIN = st.tuples(
    st.integers(0, 5 * 12 - 1), st.integers(-2, 1), st.integers(0, 15), st.integers(0, 11), st.booleans()
)
"""When, from which segment on (counted from the newest), how many more, in which lane, by HTTP/1.0."""


@given(
    joins=st.lists(JOIN, min_size=1, max_size=20),
    paces=st.lists(st.sampled_from(PACES), min_size=5, max_size=5),
    ends_at=st.integers(24, 60),
    sweeps=st.lists(st.booleans(), min_size=60, max_size=60),
)
async def test_every_listener_gets_what_was_asked_for_byte_for_byte_at_any_pace(
    joins: list[tuple[int, int, int, int, bool]], paces: list[Pace], ends_at: int, sweeps: list[bool]
) -> None:
    window = Window(0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [])
    spoken = [bytes([65 + n]) * (n + 1) for n in range(ends_at)]
    clients: list[tuple[int, int, Client]] = []
    for quanta, chunk in enumerate(spoken):
        for at, ahead, more, lane_, http10 in joins:
            first = max(0, quanta // 12 + ahead)
            if at == quanta:
                clients.append(
                    (first, first + more, Client(segments, first, first + more, lane_, http10=http10))
                )
        window.append(chunk)
        segments.arrived(paces[quanta // 12].due(quanta + 1))
        if sweeps[quanta]:
            await sweep(segments.due())
    window.end()
    await sweep(segments.ended())
    for first, last, client in clients:
        expected = b"".join(spoken[first * CHUNKS_PER_SEGMENT : (last + 1) * CHUNKS_PER_SEGMENT])
        assert client.exchange.closed
        if expected:
            assert client.body == expected
    assert segments.open_count == 0


async def test_cohorts_are_written_to_a_quantum_apart() -> None:
    window = Window(0)
    segments = LiveSegments(window, clock=ManualClock(), read_older=lambda _: [])
    for each in range(LANES):
        Client(segments, 0, 0, each)
    written = []
    for quanta in range(1, 9):
        window.append(b"chunk")
        segments.arrived(Pace(4, 4).due(quanta))
        written.append(sum(map(len, segments.due())))
    assert written == [3] * 8


def test_a_listener_keeps_a_lane() -> None:
    assert {lane(bytes([n])) for n in range(256)} == set(range(LANES))
    assert lane(b"ada") == lane(b"ada")


async def test_others_have_their_turn_during_a_sweep() -> None:
    heard: list[int] = []
    exchanges = [Exchange(Stuck(takes=0), head_only=False, keep_alive=True)] * (2 * SLICE + 5)
    parts = (exchanges[: SLICE // 2], exchanges[SLICE // 2 : SLICE + 7], exchanges[SLICE + 7 :])
    acted: list[Exchange] = []
    await sweep([Delivery(part, acted.append) for part in parts], heard.append)
    assert heard == [SLICE, SLICE, 5]
    assert len(acted) == len(exchanges)


async def test_who_has_had_no_turn_when_a_sweep_fails_is_dropped_and_does_not_wait_for_ever() -> None:
    channels = [Stuck(takes=10**9) for _ in range(SLICE + 5)]
    exchanges = [Exchange(channel, head_only=False, keep_alive=True) for channel in channels]
    faulty = exchanges[SLICE]

    def act(exchange: Exchange) -> None:
        if exchange is faulty:
            raise KeyError("a fault of ours")
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")

    half = len(exchanges) // 2
    with pytest.raises(KeyError):
        await sweep(Delivery(part, act) for part in (exchanges[half:], exchanges[:half]))
    assert faulty.closed
    assert all(channel.aborted is not bool(channel.written) for channel in channels), (
        "each has one or the other"
    )


def test_lateness_counts_from_what_the_way_here_takes_at_least() -> None:
    clock, late = ManualClock(), Histogram(BOUNDS_MS)
    due = Due(clock.utc_ns(), clock=clock, late_ms=late)
    clock.advance(ms=320 + 150)
    due.arrived(15_360)
    clock.advance(ms=5)
    due.wrote(7)
    due.swept()
    clock.advance(ms=320 + 60)
    due.arrived(2 * 15_360)
    due.wrote(3)
    assert late.counts[0] == 7
    assert late.counts[BOUNDS_MS.index(100)] == 3
    assert late.total == 7 * 5 + 3 * 65
