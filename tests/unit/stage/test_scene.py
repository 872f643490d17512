"""The tape tells everything at each segment's start and only news in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rostra.bus.messages import Caption
from rostra.core.ids import SpaceId
from rostra.core.samples import QUANTUM, SEGMENT
from rostra.media import events
from rostra.media.events import MAX_CAPTIONS, Change, Notice, Person, Pinned, Snapshot
from rostra.stage.moments import Moments
from rostra.stage.scene import UNTOLD, EventLine, Scene, Words, rounded

ADA = Person(id="ada", name="Ada", role="host")


def test_the_first_chunk_and_every_segment_open_with_a_snapshot() -> None:
    line = EventLine()
    scene = Scene((ADA,), ("ada",), 3)
    for sample in (5 * QUANTUM, SEGMENT, 2 * SEGMENT):
        assert events.parse(line.at(sample, scene)) == Snapshot(
            at=sample, speakers=(ADA,), speaking=("ada",), listeners=3
        )


def test_in_between_only_what_changed_is_told() -> None:
    line = EventLine()
    line.at(0, Scene((ADA,), (), 3))
    assert line.at(QUANTUM, Scene((ADA,), (), 3)) == b""
    change = events.parse(line.at(2 * QUANTUM, Scene((ADA,), ("ada",), 3)))
    assert change == Change(at=2 * QUANTUM, speaking=("ada",))
    change = events.parse(line.at(3 * QUANTUM, Scene((), ("ada",), 4)))
    assert change == Change(at=3 * QUANTUM, speakers=(), listeners=4)


def test_a_full_stage_that_talks_all_the_time_stays_small() -> None:
    line = EventLine()
    people = tuple(Person(id=f"speaker{n}", name="Somebody Longname", role="speaker") for n in range(13))
    sizes = 0
    for number in range(12):
        scene = Scene(people, (f"speaker{number // 4}",), 1_000_000 + number // 3)
        sizes += len(line.at(number * QUANTUM, scene))
    assert sizes * 8 / 3.84 < 5_000


def note(number: int, *, at_s: int) -> Notice:
    return Notice(id=f"n{number}", text=f"Notice {number}", at_ms=at_s * 1000, author="Ada")


def noted(*notices: Notice) -> Scene:
    """A scene in which these stand, newest first."""
    return Scene(words=Words(notices))


def test_a_notice_is_told_in_the_next_chunk_and_by_each_snapshot_of_ten_minutes() -> None:
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    first = note(1, at_s=1001)
    line.at(0, Scene())
    told = events.parse(line.at(4 * QUANTUM, noted(first)))
    assert told == Change(at=4 * QUANTUM, notice=first, notices=("n1",))
    assert line.at(5 * QUANTUM, noted(first)) == b""
    for number in range(1, 160):
        shown = events.parse(line.at(number * SEGMENT, noted(first))).notice
        assert shown == (first if number * SEGMENT < 601 * 48_000 else None)


def test_a_newer_notice_takes_the_place_and_a_withdrawn_one_leaves_with_the_next_snapshot() -> None:
    line, first, second = EventLine(), note(1, at_s=0), note(2, at_s=1)
    line.at(0, noted(first))
    assert events.parse(line.at(QUANTUM, noted(second, first))).notice == second
    assert events.parse(line.at(2 * QUANTUM, noted(first))) == Change(at=2 * QUANTUM, notices=("n1",))
    assert events.parse(line.at(3 * QUANTUM, Scene())) == Change(at=3 * QUANTUM, notices=())
    assert events.parse(line.at(SEGMENT, Scene())) == Snapshot(at=SEGMENT)


def test_of_notices_that_come_at_once_each_is_told_by_a_chunk_of_its_own_the_oldest_first() -> None:
    line = EventLine()
    three = [note(number, at_s=1) for number in (3, 2, 1)]
    line.at(0, Scene())
    told = [events.parse(line.at(number * QUANTUM, noted(*three))) for number in (9, 10, 11, 12)]
    assert told[0] == Change(at=9 * QUANTUM, notice=three[2], notices=("n3", "n2", "n1"))
    assert [each.notice for each in told[1:]] == [three[1], three[0], three[0]]
    assert told[1] == Change(at=10 * QUANTUM, notice=three[1])
    assert isinstance(told[3], Snapshot), "which tells the newest again"
    assert line.at(13 * QUANTUM, noted(*three)) == b""


def test_one_that_is_withdrawn_while_it_waits_is_not_told() -> None:
    line, first, second, third = EventLine(), note(1, at_s=1), note(2, at_s=1), note(3, at_s=1)
    line.at(0, Scene())
    line.at(9 * QUANTUM, noted(third, second, first))
    told = events.parse(line.at(10 * QUANTUM, noted(third, first)))
    assert told == Change(at=10 * QUANTUM, notice=third, notices=("n3", "n1"))
    assert line.at(11 * QUANTUM, noted(third, first)) == b""


def test_what_waits_at_the_end_goes_into_the_last_chunk_with_moments_of_their_own() -> None:
    line, moments = EventLine(), Moments()
    three = [note(number, at_s=1) for number in (3, 2, 1)]
    line.at(0, Scene())
    sample = 9 * QUANTUM
    for number in range(MAX_CAPTIONS + 1):
        moments.caption(Caption(space=SpaceId("abcdefghjk"), text=f"{number}", lang="en"), now_sample=sample)
    told = events.read(line.at(sample, noted(*three), moments.take()) + line.rest(sample, moments))
    assert [each.at for each in told] == [sample, sample + 1, sample + 2]
    assert [each.notice for each in told] == three[::-1]
    assert [len(each.captions) for each in told] == [MAX_CAPTIONS, 1, 0]
    assert line.rest(sample, moments) == b""


def test_what_backstage_has_not_told_of_is_not_said_to_be_none() -> None:
    line, slides = EventLine(), Pinned(link="https://example.org/slides")
    told = [line.at(0, UNTOLD), line.at(SEGMENT, replace(UNTOLD, people=(ADA,)))]
    assert told[0] == b""
    assert events.parse(told[1]) == Change(at=SEGMENT, speakers=(ADA,))
    scene = Scene(words=Words((note(1, at_s=1),), slides))
    told_now = events.parse(line.at(SEGMENT + QUANTUM, scene))
    assert told_now == Snapshot(at=SEGMENT + QUANTUM, notice=note(1, at_s=1), notices=("n1",), pinned=slides)


def test_which_notices_stand_is_told_at_once_where_it_changes_and_by_each_snapshot() -> None:
    line = EventLine()
    old = [note(number, at_s=-3600) for number in (2, 1)]
    line.at(0, noted(old[1]))
    told = events.parse(line.at(QUANTUM, noted(*old)))
    assert told == Change(at=QUANTUM, notices=("n2", "n1"))
    assert events.parse(line.at(2 * QUANTUM, noted(old[0]))) == Change(at=2 * QUANTUM, notices=("n2",))
    assert events.parse(line.at(SEGMENT, noted(old[0]))) == Snapshot(at=SEGMENT, notices=("n2",))
    assert events.parse(line.at(SEGMENT + QUANTUM, Scene())) == Change(at=SEGMENT + QUANTUM, notices=())


def test_of_the_notices_from_before_the_tape_the_newest_is_told_while_it_is_fresh() -> None:
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    two = noted(note(2, at_s=900), note(1, at_s=800))
    assert events.parse(line.at(0, two)).notice == note(2, at_s=900)
    assert line.at(QUANTUM, two) == b""
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    assert events.parse(line.at(0, noted(note(1, at_s=300)))).notice is None


def test_where_a_tape_is_gone_on_with_what_was_written_meanwhile_is_told() -> None:
    line, sample = EventLine(), 100 * SEGMENT
    scene = noted(note(3, at_s=390), note(2, at_s=389), note(1, at_s=300))
    told = [events.parse(each) for each in (line.at(sample, scene), line.at(sample + QUANTUM, scene))]
    assert [each.notice for each in told] == [note(2, at_s=389), note(3, at_s=390)]
    assert line.at(sample + 2 * QUANTUM, scene) == b""


@pytest.mark.parametrize(
    ("listeners", "told"),
    [(0, 0), (7, 7), (999, 999), (1_004, 1_000), (1_005, 1_010), (12_345, 12_300), (999_500, 1_000_000)],
)
def test_the_count_is_told_in_three_digits(listeners: int, told: int) -> None:
    assert rounded(listeners) == told


def test_an_estimate_and_a_longer_cadence_are_told_with_the_count() -> None:
    line = EventLine()
    told = events.parse(line.at(0, Scene(listeners=5)))
    assert told == events.Snapshot(at=0, listeners=5)
    told = events.apply(told, events.parse(line.at(QUANTUM, Scene(listeners=5, estimated=True, cadence=4))))
    assert told == events.Snapshot(at=QUANTUM, listeners=5, estimated=True, cadence=4)
    again = EventLine().at(SEGMENT, Scene(listeners=5, estimated=True, cadence=4))
    assert events.parse(again) == events.Snapshot(at=SEGMENT, listeners=5, estimated=True, cadence=4)


def test_a_limit_set_by_hand_is_told_when_it_comes_and_by_each_snapshot_until_it_is_taken_back() -> None:
    line = EventLine()
    told = events.apply(None, events.parse(line.at(0, Scene())))
    for sample, places in ((QUANTUM, 5_000), (2 * QUANTUM, 0), (SEGMENT, 0), (SEGMENT + QUANTUM, None)):
        told = events.apply(told, events.parse(line.at(sample, Scene(places=places))))
        limit = None if places is None else events.Limit(places)
        assert told == events.Snapshot(at=sample, limit=limit)
    assert line.at(SEGMENT + 2 * QUANTUM, Scene()) == b""


def test_a_change_of_rung_is_told_when_it_comes_and_by_each_snapshot_until_the_ground() -> None:
    line = EventLine()
    told = events.apply(None, events.parse(line.at(0, Scene())))
    assert told == events.Snapshot(at=0)
    told = events.apply(told, events.parse(line.at(QUANTUM, Scene(rung="low"))))
    assert told == events.Snapshot(at=QUANTUM, rung="low")
    assert line.at(2 * QUANTUM, Scene(rung="low")) == b""
    told = events.apply(told, events.parse(line.at(SEGMENT, Scene(rung="low"))))
    assert told == events.Snapshot(at=SEGMENT, rung="low")
    told = events.apply(told, events.parse(line.at(SEGMENT + QUANTUM, Scene())))
    assert told == events.Snapshot(at=SEGMENT + QUANTUM)
