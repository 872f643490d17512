"""The tape tells everything at each segment's start and only news in between."""

from __future__ import annotations

from rostra.core.samples import QUANTUM, SEGMENT
from rostra.media import events
from rostra.media.events import Change, Person, Snapshot
from rostra.stage.scene import EventLine, Scene

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
