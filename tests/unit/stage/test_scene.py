"""The tape tells everything at each segment's start and only news in between."""

from __future__ import annotations

import pytest

from rostra.core.samples import QUANTUM, SEGMENT
from rostra.media import events
from rostra.media.events import Change, Notice, Person, Snapshot
from rostra.stage.scene import EventLine, Scene, rounded

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


def test_a_notice_is_told_in_the_next_chunk_and_by_each_snapshot_of_ten_minutes() -> None:
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    first = note(1, at_s=1001)
    line.at(0, Scene())
    told = events.parse(line.at(4 * QUANTUM, Scene(notice=first)))
    assert told == Change(at=4 * QUANTUM, notice=first)
    assert line.at(5 * QUANTUM, Scene(notice=first)) == b""
    for number in range(1, 160):
        shown = events.parse(line.at(number * SEGMENT, Scene(notice=first))).notice
        assert shown == (first if number * SEGMENT < 601 * 48_000 else None)


def test_a_newer_notice_takes_the_place_and_a_withdrawn_one_leaves_with_the_next_snapshot() -> None:
    line = EventLine()
    line.at(0, Scene(notice=note(1, at_s=0)))
    assert events.parse(line.at(QUANTUM, Scene(notice=note(2, at_s=1)))).notice == note(2, at_s=1)
    assert line.at(2 * QUANTUM, Scene()) == b""
    assert events.parse(line.at(SEGMENT, Scene())) == Snapshot(at=SEGMENT)


def test_which_notices_stand_is_told_at_once_where_it_changes_and_by_each_snapshot() -> None:
    line = EventLine()
    line.at(0, Scene(notices=("n1",)))
    assert events.parse(line.at(QUANTUM, Scene(notices=("n2", "n1")))) == Change(
        at=QUANTUM, notices=("n2", "n1")
    )
    assert events.parse(line.at(2 * QUANTUM, Scene(notices=("n2",)))) == Change(
        at=2 * QUANTUM, notices=("n2",)
    )
    assert events.parse(line.at(SEGMENT, Scene(notices=("n2",)))) == Snapshot(at=SEGMENT, notices=("n2",))
    assert events.parse(line.at(SEGMENT + QUANTUM, Scene())) == Change(at=SEGMENT + QUANTUM, notices=())


def test_a_notice_from_before_the_tape_is_told_while_it_is_fresh() -> None:
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    assert events.parse(line.at(0, Scene(notice=note(1, at_s=900)))).notice is not None
    line = EventLine(anchor_utc_ns=1000 * 10**9)
    assert events.parse(line.at(0, Scene(notice=note(1, at_s=300)))).notice is None


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
