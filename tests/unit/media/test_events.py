from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audience import seen_at
from rostra.core.samples import QUANTUM, SEGMENT, seconds
from rostra.core.settings import WrongSetting, read_settings
from rostra.media import cmaf, events
from rostra.media.boxes import MalformedMedia, full_box
from rostra.media.cmaf import OPUS, Track
from rostra.media.events import Change, Notice, Person, Snapshot

TRACK = Track("opus32", OPUS, 50_000, 960)
ANN = Person("annannan", "Ann Arbor", "host")
BEN = Person("benbenbe", "Ben Nevis", "speaker", muted=True)

texts = st.text(max_size=30)
people = st.lists(st.builds(Person, texts, texts, texts, st.booleans()), max_size=5)
ids = st.lists(texts, max_size=5)
counts = st.integers(0, 2**40)


def a_chunk(number: int, event: bytes) -> bytes:
    return cmaf.chunk(
        TRACK, sequence=number + 1, start_sample=number * QUANTUM, frames=[b"x"] * 16, events=event
    )


@given(at=counts, speakers=people, speaking=ids, listeners=counts)
def test_a_snapshot_is_read_as_it_was_written(
    at: int, speakers: list[Person], speaking: list[str], listeners: int
) -> None:
    message = events.snapshot(at=at, speakers=speakers, speaking=speaking, listeners=listeners)
    expected = Snapshot(at=at, speakers=tuple(speakers), speaking=tuple(speaking), listeners=listeners)
    assert events.parse(message) == expected
    assert events.read(a_chunk(0, message)) == [expected]


@given(at=counts, speaking=st.none() | ids, listeners=st.none() | counts)
def test_a_change_says_only_what_is_different(
    at: int, speaking: list[str] | None, listeners: int | None
) -> None:
    found = events.parse(events.change(at=at, speaking=speaking, listeners=listeners))
    stated = None if speaking is None else tuple(speaking)
    assert found == Change(at=at, speakers=None, speaking=stated, listeners=listeners)


def test_a_stage_with_as_many_people_as_may_be_set_is_seen() -> None:
    most = read_settings({"max_speakers": events.MAX_SPEAKERS}).max_speakers
    crowd = [Person(f"person{number:02}", f"Ann Arbor {number}", "speaker") for number in range(most)]
    message = events.snapshot(at=0, speakers=crowd, speaking=[person.id for person in crowd])
    assert events.parse(message).speakers == tuple(crowd)
    with pytest.raises(WrongSetting):
        read_settings({"max_speakers": most + 1})


def test_an_event_is_an_id3_tag_that_players_know() -> None:
    message = events.snapshot(at=96_000, speakers=[ANN])
    assert message[8:12] == bytes.fromhex("01000000")
    assert int.from_bytes(message[12:16], "big") == 48_000
    assert int.from_bytes(message[16:24], "big") == 96_000
    assert b"https://aomedia.org/emsg/ID3\0\0ID3\4\0\0" in message
    assert b"PRIV" in message
    assert message.endswith(
        b'rostra.events\0{"v":1,"at":96000,"speakers":[{"id":"annannan","name":"Ann Arbor","role":"host"}],'
        b'"speaking":[],"listeners":0}'
    )


def test_who_speaks_is_known_at_any_time() -> None:
    chunks = [
        a_chunk(0, events.snapshot(at=0, speakers=[ANN, BEN], speaking=[], listeners=2)),
        a_chunk(1, events.change(at=QUANTUM + 480, speaking=[ANN.id])),
        a_chunk(2, b""),
        a_chunk(
            3, events.change(at=3 * QUANTUM, listeners=9) + events.change(at=3 * QUANTUM + 9, speaking=[])
        ),
    ]
    spoke = [seen_at(chunks, at) for at in (0, QUANTUM, QUANTUM + 480, 3 * QUANTUM, 4 * QUANTUM)]
    assert [state.speaking for state in spoke if state] == [(), (), (ANN.id,), (ANN.id,), ()]
    last = spoke[-1]
    assert last == Snapshot(at=3 * QUANTUM + 9, speakers=(ANN, BEN), speaking=(), listeners=9)


def test_nothing_is_seen_before_the_first_event() -> None:
    assert seen_at([a_chunk(0, b""), a_chunk(1, events.snapshot(at=QUANTUM))], 5) is None


def test_an_event_of_somebody_else_is_passed_over() -> None:
    foreign = full_box(b"emsg", 1, 0, bytes(20), b"urn:scte:scte35:2013:bin\0\0", b"splice")
    private = events.snapshot(at=0).replace(b"rostra.events", b"somebody.else")
    ours = events.snapshot(at=7)
    assert events.read(a_chunk(0, foreign + private + ours)) == [events.parse(ours)]
    with pytest.raises(MalformedMedia):
        events.parse(foreign)


@pytest.mark.parametrize(
    "body",
    [
        b'{"v":2,"at":0}',
        b'{"v":1}',
        b'{"v":1,"at":-1}',
        b'{"v":1,"at":0,"speaking":[7]}',
        b'{"v":1,"at":0,"speakers":[{"id":"a","name":"' + b"n" * 201 + b'","role":"host"}]}',
        b"\xff",
        b"",
    ],
)
def test_a_body_that_is_not_ours_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMedia):
        events.parse(events._message(0, events._tag(body)))


@given(st.integers(0, 170), st.integers(1, 255))
def test_a_changed_byte_is_read_or_refused(at: int, flip: int) -> None:
    data = bytearray(events.snapshot(at=0, speakers=[ANN], listeners=3))
    data[at] ^= flip
    with contextlib.suppress(MalformedMedia):
        events.parse(bytes(data))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_as_an_event(data: bytes) -> None:
    with pytest.raises(MalformedMedia):
        events.parse(data)


def test_a_lively_evening_stays_within_two_kilobits_a_second() -> None:
    """Four people on stage; somebody begins or stops every second, the count changes every second."""
    stage = [Person(f"speaker{n}", f"Speaker Number {n}", "speaker", muted=n > 2) for n in range(4)]
    sent = len(events.snapshot(at=0, speakers=stage, speaking=["speaker1", "speaker2"], listeners=54_321))
    for second in range(1, 4):
        sent += len(events.change(at=second * 48_000, speaking=["speaker1"], listeners=54_321))
    assert sent * 8 / seconds(SEGMENT) <= 2_000


@given(text=texts, link=texts, at_ms=counts)
def test_a_notice_is_read_as_it_was_written_and_stays_until_the_next_snapshot(
    text: str, link: str, at_ms: int
) -> None:
    notice = Notice(id="n2", text=text, at_ms=at_ms, author="Ann", link=link)
    told = events.parse(events.change(at=5, notice=notice))
    assert told == Change(at=5, notice=notice)
    seen = events.apply(Snapshot(at=0, speakers=(ANN,)), told)
    assert (seen.notice, seen.speakers) == (notice, (ANN,))
    assert events.apply(seen, Change(at=6, listeners=2)).notice == notice
    assert events.apply(seen, Snapshot(at=7)).notice is None
