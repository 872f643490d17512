"""What happens once is told by one chunk, and a caption stands where it was said."""

from __future__ import annotations

import msgspec
import pytest

from rostra.admission.reactions import KINDS, MOST_PER_S
from rostra.bus.messages import AudienceNote, Caption
from rostra.core.errors import TooManyRequests
from rostra.core.ids import SpaceId
from rostra.core.samples import QUANTUM, SAMPLE_RATE, SEGMENT
from rostra.media import events
from rostra.media.events import Change, Pinned, Snapshot
from rostra.stage.moments import MOST_WAITING, NOTHING, Moment, Moments, place
from rostra.stage.scene import EventLine, Scene, Words

SPACE = SpaceId("abcdefghjk")
NOW = 100 * SAMPLE_RATE


def said(text: str = "Good evening.", **more: int) -> Caption:
    return Caption(space=SPACE, text=text, lang="en", **more)


def note(**pressed: int) -> AudienceNote:
    return AudienceNote(space=SPACE, listeners=3, reactions=tuple(pressed.items()))


def test_reactions_of_a_second_are_told_by_one_chunk_only() -> None:
    moments = Moments()
    moments.note(note(clap=12, heart=1))
    assert moments.take().reactions == {"clap": 12, "heart": 1}
    assert moments.take() is NOTHING


def test_the_newest_second_wins_and_a_quiet_one_takes_nothing_away() -> None:
    moments = Moments()
    moments.note(note(clap=1))
    moments.note(note(clap=2))
    moments.note(note())
    assert moments.take().reactions == {"clap": 2}


def test_the_note_of_a_roaring_crowd_is_within_a_kilobyte() -> None:
    roaring = AudienceNote(
        space=SPACE,
        listeners=1_000_000,
        estimated=True,
        cadence=12,
        reactions=tuple((kind, MOST_PER_S) for kind in KINDS),
    )
    assert len(msgspec.msgpack.encode(roaring)) <= 1_000


def test_captions_leave_in_order_four_a_chunk_and_more_than_may_wait_are_refused() -> None:
    moments = Moments()
    placed = [moments.caption(said(f"Line {n}"), now_sample=NOW) for n in range(MOST_WAITING)]
    with pytest.raises(TooManyRequests):
        moments.caption(said(), now_sample=NOW)
    told = [line for _ in range(MOST_WAITING // 4) for line in moments.take().captions]
    assert told == placed
    assert moments.take() is NOTHING


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (said(), NOW),
        (said(ago_ms=2_500), NOW - 120_000),
        (said(at=NOW - 48_000), NOW - 48_000),
        (said(at=NOW + 48_000), NOW),
        (said(at=0), NOW - 60 * SAMPLE_RATE),
    ],
)
def test_a_line_stands_where_it_was_said_never_ahead_and_at_most_a_minute_back(
    line: Caption, at: int
) -> None:
    assert place(line, now_sample=NOW).at == at


def test_lines_stand_in_the_order_in_which_they_were_written_unless_they_say_where() -> None:
    moments = Moments()
    for text, language, more in (
        ("First", "pt-BR", {"ago_ms": 500}),
        ("pasted with it", "pt-br", {"ago_ms": 900}),
        ("in another language", "en", {"ago_ms": 900}),
        ("placed", "pt-BR", {"at": NOW - 3 * SAMPLE_RATE}),
    ):
        moments.caption(Caption(space=SPACE, text=text, lang=language, **more), now_sample=NOW)
    half, most = NOW - SAMPLE_RATE // 2, NOW - SAMPLE_RATE * 9 // 10
    assert [(line.at, line.lang) for line in moments.take().captions] == [
        (half, "pt-BR"),
        (half, "pt-BR"),
        (most, "en"),
        (NOW - 3 * SAMPLE_RATE, "pt-BR"),
    ]


def test_a_line_is_never_before_the_beginning() -> None:
    assert place(said(ago_ms=10_000), now_sample=SAMPLE_RATE).at == 0


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (said("No."), 1.5),
        (said("x" * 60), 3.9),
        (said("x" * 300), 7.0),
        (said(duration_ms=3_200), 3.2),
        (said(duration_ms=20), 0.5),
        (said(duration_ms=90_000), 20.0),
    ],
)
def test_a_line_stays_as_long_as_it_is_read_or_as_its_writer_says(line: Caption, seconds: float) -> None:
    assert place(line, now_sample=NOW).samples == round(seconds * SAMPLE_RATE)


def test_a_moment_is_told_with_news_with_a_snapshot_and_alone() -> None:
    line, moments = EventLine(), Moments()
    placed = moments.caption(said(), now_sample=QUANTUM)
    told = moments.take()
    line.at(0, Scene())
    assert events.parse(line.at(QUANTUM, Scene(), told)) == Change(at=QUANTUM, captions=(placed,))
    assert line.at(2 * QUANTUM, Scene()) == b""
    clapped = Moment(reactions={"clap": 2})
    assert events.parse(line.at(SEGMENT, Scene(), clapped)) == Snapshot(at=SEGMENT, reactions={"clap": 2})
    assert events.parse(line.at(2 * SEGMENT, Scene())) == Snapshot(at=2 * SEGMENT)


def test_a_pinned_link_is_told_at_once_by_every_snapshot_and_its_going_too() -> None:
    line, slides = EventLine(), Pinned(link="https://example.org/slides", label="Slides")
    seen = events.parse(line.at(0, Scene()))
    assert isinstance(seen, Snapshot)
    seen = events.apply(seen, events.parse(line.at(QUANTUM, Scene(words=Words(pinned=slides)))))
    assert seen.pinned == slides
    assert line.at(2 * QUANTUM, Scene(words=Words(pinned=slides))) == b""
    again = events.parse(line.at(SEGMENT, Scene(words=Words(pinned=slides))))
    assert isinstance(again, Snapshot)
    assert again.pinned == slides
    gone = events.parse(line.at(SEGMENT + QUANTUM, Scene()))
    assert gone == Change(at=SEGMENT + QUANTUM, pinned=Pinned())
    assert events.apply(again, gone).pinned is None


def test_music_for_an_empty_stage_is_told_as_it_begins_and_ends() -> None:
    line = EventLine()
    line.at(0, Scene())
    assert events.parse(line.at(QUANTUM, Scene(hold=True))) == Change(at=QUANTUM, hold=True)
    assert events.parse(line.at(SEGMENT, Scene(hold=True))) == Snapshot(at=SEGMENT, hold=True)
    assert events.parse(line.at(SEGMENT + QUANTUM, Scene())) == Change(at=SEGMENT + QUANTUM, hold=False)


def test_only_boxes_with_captions_are_said_to_have_some() -> None:
    moments = Moments()
    moments.caption(said('"captions":[{'), now_sample=0)
    with_captions = EventLine().at(0, Scene(), moments.take())
    assert events.tells_captions(with_captions)
    assert not events.tells_captions(EventLine().at(0, Scene(), Moment(reactions={"clap": 1})))
