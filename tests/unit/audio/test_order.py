"""Where packets belong: through wrap-around, disorder, jumps and changes of source."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.order import MOST_SHIFT, SILENT, Fate, Order, Place
from rostra.audio.rtp import Rtp
from rostra.core.samples import TICK


def packet(number: int, *, source: int = 1, sequence: int = 0, timestamp: int = 0) -> Rtp:
    """The ``number``-th of a stream that begins at ``sequence`` and ``timestamp``."""
    return Rtp(
        111,
        (sequence + number) % 2**16,
        (timestamp + number * TICK) % 2**32,
        source,
        number.to_bytes(4, "big"),
    )


def place(order: Order, number: int, *, at: int | None = None, **stream: int) -> Place:
    return order.place(packet(number, **stream), (number if at is None else at) * TICK)


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(1, 300))
def test_numbers_go_on_through_every_wrap_around(sequence: int, timestamp: int, packets: int) -> None:
    order = Order()
    for number in range(packets):
        found = place(order, number, sequence=sequence, timestamp=timestamp)
        assert (found.sequence, found.timestamp) == (sequence + number, timestamp + number * TICK)


@given(st.permutations(range(12)))
def test_packets_out_of_order_are_put_where_they_belong(numbers: list[int]) -> None:
    order = Order()
    places = {number: place(order, number, sequence=2**16 - 6, at=20) for number in numbers}
    first = places[0]
    for number, found in places.items():
        assert found.sequence - first.sequence == number
        assert found.timestamp - first.timestamp == number * TICK


def test_one_packet_out_of_place_is_ignored_and_the_second_begins_anew() -> None:
    order = Order()
    for number in range(5):
        place(order, number)
    jump = MOST_SHIFT + 10 * TICK
    assert place(order, 5, timestamp=jump).fate is Fate.IGNORE
    assert place(order, 6).fate is Fate.GOES_ON
    assert place(order, 7, timestamp=jump).fate is Fate.IGNORE
    assert place(order, 8, timestamp=jump).fate is Fate.BEGINS_ANEW
    assert place(order, 9, timestamp=jump).fate is Fate.GOES_ON


def test_a_pause_in_which_nothing_was_sent_is_no_jump() -> None:
    order = Order()
    place(order, 0)
    late = Rtp(111, 1, 600_000, 1, b"")
    assert order.place(late, 600_000).fate is Fate.GOES_ON


def test_another_source_takes_over_when_the_first_is_silent_and_not_before() -> None:
    order = Order()
    place(order, 0)
    place(order, 1)
    assert place(order, 2, source=2, at=1).fate is Fate.IGNORE
    assert place(order, 2).fate is Fate.GOES_ON
    silent = 2 + SILENT // TICK
    assert place(order, 3, source=2, at=silent).fate is Fate.IGNORE
    assert place(order, 4, source=2, at=silent + 1).fate is Fate.BEGINS_ANEW
    assert order.source == 2


@given(
    st.lists(
        st.builds(
            Rtp,
            st.integers(0, 127),
            st.integers(0, 2**16 - 1),
            st.integers(0, 2**32 - 1),
            st.integers(0, 3),
            st.just(b""),
        )
    ),
    st.integers(0, 2000),
)
def test_whatever_numbers_come_those_that_go_on_stay_near_the_stream(packets: list[Rtp], step: int) -> None:
    order = Order()
    now = newest = 0
    for packet in packets:
        now += step
        found = order.place(packet, now)
        if found.fate is Fate.BEGINS_ANEW:
            newest = now - found.timestamp
        elif found.fate is Fate.GOES_ON:
            assert abs((now - found.timestamp) - newest) <= MOST_SHIFT * (len(packets) + 1)
            assert found.timestamp % 2**32 == packet.timestamp
            assert found.sequence % 2**16 == packet.sequence
