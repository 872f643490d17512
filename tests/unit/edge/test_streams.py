"""One ticket, one place: which streams stay, and what the others' clients notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.core.samples import STRETCH
from rostra.edge.begun import Begun, pack, unpack
from rostra.edge.streams import MOST_UNTOLD, RADIO, Stream, Streams, gives_way, trace
from rostra.serving.exchange import Exchange, Transport

ADA, BOB = b"listener", b"other456"
HOME, AWAY = (trace(b"listener", address) for address in ("192.0.2.1", "198.51.100.7"))


class Channel:
    """Keeps what is written and whether the connection was broken off."""

    def __init__(self) -> None:
        self.transport = cast(Transport, self)
        self.write_paused = False
        self.brisk = self.cramped = False
        self.date = b""
        self.written = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def finished(self, *, keep: bool) -> None:
        """Nothing to do."""

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


class Client:
    """One request's client."""

    def __init__(self, *, held: bool = False) -> None:
        self.channel = Channel()
        self.exchange = Exchange(self.channel, head_only=False, keep_alive=True)
        if not held:
            self.exchange.begin(b"head")

    @property
    def hears(self) -> bool:
        return not self.exchange.closed


def segment(number: int, *, rendition: str = "aac64", peer: bytes = HOME) -> Stream:
    return Stream(rendition, number, number, peer)


def stretch(first: int, last: int, *, rendition: str = "aac64", peer: bytes = HOME) -> Stream:
    return Stream(rendition, first, last, peer)


RADIO_HERE = Stream(RADIO, 0, 0, HOME)


def begin(streams: Streams, stream: Stream, listener: bytes = ADA, *, held: bool = False) -> Client:
    client = Client(held=held)
    streams.began(listener, stream, client.exchange)
    return client


def worker(number: int = 0, clock: ManualClock | None = None) -> Streams:
    return Streams(worker=number, clock=clock or ManualClock())


def test_a_player_opens_the_next_segment_while_the_present_one_goes_on() -> None:
    streams = worker()
    present = begin(streams, segment(7))
    following = begin(streams, segment(8), held=True)
    assert present.hears
    assert following.hears
    present.exchange.end()
    third = begin(streams, segment(9), held=True)
    assert following.hears
    assert third.hears
    assert streams.ended == 0


def test_a_player_opens_the_next_stretch_while_the_present_one_goes_on() -> None:
    streams = worker()
    present = begin(streams, stretch(7, 11))
    following = begin(streams, stretch(12, 27), held=True)
    assert (present.hears, following.hears) == (True, True)
    assert streams.ended == 0


def test_a_second_device_that_begins_in_the_middle_of_a_stretch_ends_it() -> None:
    streams = worker()
    first = begin(streams, stretch(7, 11))
    second = begin(streams, stretch(9, 11))
    assert (first.hears, second.hears) == (False, True)
    third = begin(streams, segment(10))
    assert (second.hears, third.hears) == (False, True)


def test_who_asks_for_the_same_segment_again_is_the_one_who_stays() -> None:
    streams = worker()
    half_dead, back = begin(streams, segment(7)), begin(streams, segment(7))
    assert half_dead.channel.aborted
    assert back.hears
    assert (streams.ended, streams.open_count) == (1, 1)


def test_a_player_that_comes_back_ends_all_that_it_left_behind() -> None:
    streams = worker()
    left = [begin(streams, segment(7)), begin(streams, segment(8), held=True)]
    back = begin(streams, segment(7, peer=AWAY))
    assert not any(client.hears for client in left)
    assert back.hears


def test_a_held_answer_that_gives_way_is_refused_with_the_way_back() -> None:
    streams = worker()
    held = begin(streams, segment(8), held=True)
    begin(streams, segment(8), held=True)
    assert held.channel.written.startswith(b"HTTP/1.1 409 ")
    assert b'"in_use_elsewhere"' in held.channel.written
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in held.channel.written
    assert not held.channel.aborted


def test_the_second_of_two_radios_stays_and_a_radio_gives_way_to_segments() -> None:
    streams = worker()
    first, second = begin(streams, RADIO_HERE), begin(streams, RADIO_HERE)
    assert (first.hears, second.hears) == (False, True)
    player = begin(streams, segment(7))
    assert (second.hears, player.hears) == (False, True)


def test_renditions_side_by_side_are_one_player_if_they_come_from_one_address() -> None:
    streams = worker()
    both = [begin(streams, segment(7)), begin(streams, segment(7, rendition="opus32"))]
    assert all(client.hears for client in both)
    stranger = begin(streams, segment(7, rendition="mp3", peer=AWAY))
    assert [client.hears for client in (*both, stranger)] == [False, False, True]


def test_other_tickets_are_other_places() -> None:
    streams = worker()
    ada, bob = begin(streams, segment(7)), begin(streams, segment(7), BOB)
    assert ada.hears
    assert bob.hears


def test_an_answer_that_is_over_already_is_no_stream() -> None:
    streams = worker()
    present, whole = begin(streams, segment(7)), Client()
    whole.exchange.end()
    streams.began(ADA, segment(7), whole.exchange)
    assert present.hears
    assert len(list(unpack(streams.take_begun()))) == 1


def test_a_newer_stream_at_another_worker_ends_the_older_here_and_not_the_other_way() -> None:
    clock = ManualClock()
    here, there = worker(0, clock), worker(1, clock)
    older = begin(here, segment(7))
    clock.advance(ms=1)
    newer = begin(there, segment(7))
    first, second = here.take_begun(), there.take_begun()
    there.take_others(0, first)
    here.take_others(1, second)
    assert (older.hears, newer.hears) == (False, True)
    assert (here.ended, there.ended) == (1, 0)


def test_two_workers_agree_on_streams_of_the_same_millisecond() -> None:
    clock = ManualClock()
    here, there = worker(0, clock), worker(1, clock)
    clients = [begin(here, RADIO_HERE), begin(there, RADIO_HERE)]
    first, second = here.take_begun(), there.take_begun()
    there.take_others(0, first)
    here.take_others(1, second)
    assert [client.hears for client in clients] == [False, True]


def test_a_player_whose_segments_come_from_two_workers_in_turn_is_left_alone() -> None:
    clock = ManualClock()
    workers = [worker(0, clock), worker(1, clock)]
    present = begin(workers[0], segment(0))
    for number in range(1, 9):
        clock.advance(ms=3_200)
        following = begin(workers[number % 2], segment(number), held=True)
        for mine in (0, 1):
            workers[1 - mine].take_others(mine, workers[mine].take_begun())
        assert present.hears
        assert following.hears
        present.exchange.end()
        present = following


def test_a_workers_own_message_ends_nothing() -> None:
    streams = worker()
    player = begin(streams, RADIO_HERE)
    streams.take_others(0, streams.take_begun())
    assert player.hears


def test_what_is_not_told_yet_is_bounded() -> None:
    streams = worker()
    for _ in range(MOST_UNTOLD + 5):
        begin(streams, RADIO_HERE)
    assert len(list(unpack(streams.take_begun()))) == MOST_UNTOLD
    assert streams.take_begun() == b""


begun = st.tuples(
    st.integers(0, 1),
    st.builds(
        lambda rendition, first, more, peer: Stream(rendition, first, first + more, peer),
        st.sampled_from(["aac64", "opus32", RADIO]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from([HOME, AWAY]),
    ),
)


@given(st.lists(begun, min_size=1, max_size=30))
def test_whoever_came_last_stays_and_nothing_that_clashes_with_them(
    arrivals: list[tuple[int, Stream]],
) -> None:
    clock = ManualClock()
    workers = [worker(0, clock), worker(1, clock)]
    clients = []
    for number, stream in arrivals:
        clock.advance(ms=1)
        clients.append((stream, begin(workers[number], stream)))
    for mine in (0, 1):
        workers[1 - mine].take_others(mine, workers[mine].take_begun())
    last, newest = clients[-1]
    assert newest.hears
    heard = [stream for stream, client in clients[:-1] if client.hears]
    assert not any(gives_way(stream, last) for stream in heard)
    assert sum(each.ended for each in workers) == len(clients) - len(heard) - 1


def test_no_address_is_kept_but_a_trace_that_tells_one_listeners_apart() -> None:
    assert trace(ADA, "192.0.2.1") == trace(ADA, "192.0.2.1")
    assert trace(ADA, "192.0.2.1") != trace(ADA, "198.51.100.7")
    assert trace(ADA, "192.0.2.1") != trace(BOB, "192.0.2.1")
    assert len(trace(ADA, "2001:db8::1")) == 2


@given(
    st.lists(
        st.builds(
            lambda listener, rendition, first, more, peer, at_ms: Begun(
                listener, rendition, first, first + more, peer, at_ms
            ),
            listener=st.binary(min_size=8, max_size=8),
            rendition=st.sampled_from(["radio", "aac64", "aac32", "opus32", "opus16", "mp3"]),
            first=st.integers(0, 2**32 - 1),
            more=st.integers(0, STRETCH - 1),
            peer=st.binary(min_size=2, max_size=2),
            at_ms=st.integers(0, 2**64 - 1),
        )
    )
)
def test_what_workers_tell_each_other_reads_as_it_was_packed(begun: list[Begun]) -> None:
    packed = pack(begun)
    assert list(unpack(packed)) == begun
    assert list(unpack(packed + b"torn")) == begun
