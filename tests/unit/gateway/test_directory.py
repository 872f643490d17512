"""What the door knows, in whatever order it is told."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.bus.messages import Audience, Lifecycle, Removed, StageReport, TicketKeys
from rostra.core.errors import UnknownSpace
from rostra.core.ids import SpaceId
from rostra.gateway.directory import MOST_EARLY, Directory

from .conftest import KEYS, SPACE, space_state


@pytest.fixture
def directory() -> Directory:
    return Directory(clock=ManualClock())


def _report(space: SpaceId = SPACE) -> StageReport:
    return StageReport(space=space, live=True)


def test_a_report_that_comes_before_its_space_is_not_lost(directory: Directory) -> None:
    directory.take_report(_report())
    directory.take_state(space_state(Lifecycle.LIVE))
    assert directory.entry(SPACE).report == _report()


def test_reports_of_spaces_that_never_come_do_not_pile_up(directory: Directory) -> None:
    directory.take_report(_report())
    for number in range(MOST_EARLY):
        directory.take_report(_report(SpaceId(f"space{number}")))
    directory.take_state(space_state(Lifecycle.LIVE))
    assert directory.entry(SPACE).report is None


def test_a_removed_space_takes_all_that_was_known_of_it_along(directory: Directory) -> None:
    directory.complete = True
    directory.take_state(space_state(Lifecycle.LIVE))
    directory.take_report(_report())
    directory.take_audience(Audience(space=SPACE, worker=0, listeners=9))
    directory.take_state(Removed(space=SPACE))
    with pytest.raises(UnknownSpace):
        directory.entry(SPACE)
    directory.take_state(space_state(Lifecycle.LIVE))
    entry = directory.entry(SPACE)
    assert (entry.report, directory.listeners(entry)) == (None, 0)


def test_the_audience_of_an_unknown_space_is_nobodys(directory: Directory) -> None:
    directory.take_audience(Audience(space=SPACE, worker=0, listeners=9))
    assert list(directory) == []


def test_it_is_ready_with_keys_and_all_spaces_and_with_neither_alone(directory: Directory) -> None:
    assert not directory.ready
    directory.take_keys(KEYS)
    assert not directory.ready
    directory.complete = True
    assert directory.ready


def test_an_empty_list_of_keys_leaves_the_old_ones(directory: Directory) -> None:
    directory.take_keys(KEYS)
    directory.take_keys(TicketKeys(keys=()))
    assert directory.keyring is not None
    assert directory.keyring.signing.number == 1


def test_what_pages_must_show_at_once_turns_an_entry_and_a_mere_count_does_not(directory: Directory) -> None:
    directory.take_state(space_state(Lifecycle.LIVE))
    entry = directory.entry(SPACE)
    directory.take_audience(Audience(space=SPACE, worker=0, listeners=1))
    somebody_came = (directory.turn, entry.turn)
    directory.take_audience(Audience(space=SPACE, worker=0, listeners=900))
    assert (directory.turn, entry.turn) == somebody_came == (1, 1)
    directory.take_state(space_state(Lifecycle.PUBLISHED))
    assert (directory.turn, entry.turn) == (2, 2)


def test_the_live_spaces_are_known_without_a_walk_past_all_that_were_ever_published(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SpaceId("other22222")
    directory.take_state(space_state(Lifecycle.PUBLISHED, space=SpaceId("longago222")))
    directory.take_state(space_state(Lifecycle.SCHEDULED))
    directory.take_state(space_state(Lifecycle.LIVE, space=other))
    monkeypatch.delattr(Directory, "__iter__")
    assert [entry.state.space for entry in directory.live()] == [other]
    directory.take_state(space_state(Lifecycle.LIVE, revision=4))
    assert {entry.state.space for entry in directory.live()} == {SPACE, other}
    directory.take_state(space_state(Lifecycle.ENDED, space=other))
    directory.take_state(Removed(space=SPACE))
    assert directory.live() == []
