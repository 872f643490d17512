"""The table of a space's life, and what backstage concludes from a stage's report."""

from __future__ import annotations

import pytest

from rostra.bus.messages import Lifecycle, Recording, RecordingPolicy, Role, SpaceState, Speaker, StageReport
from rostra.control import audit
from rostra.control.conductor import catch_up, whose_end
from rostra.control.lifecycle import CLOSING, TRANSITIONS, Act, after, on_stage_possible
from rostra.core.errors import Conflict
from rostra.core.ids import AccountId, RunId, SpaceId, SpeakerId
from rostra.core.words import CATALOGUES, LANGUAGES
from rostra.store.tables import SpaceRow

SPACE = SpaceId("abcdefgh22")
RUN = RunId("run22222")


def test_every_pair_not_in_the_table_is_refused_with_a_sentence() -> None:
    for present in Lifecycle:
        for act in Act:
            if (present, act) in TRANSITIONS:
                assert after(present, act) is TRANSITIONS[present, act]
            else:
                with pytest.raises(Conflict, match=r"^This conversation .* and cannot .*\.$"):
                    after(present, act)


def test_why_something_cannot_happen_is_said_in_the_readers_language() -> None:
    with pytest.raises(Conflict) as refused:
        after(Lifecycle.LIVE, Act.CANCEL)
    assert refused.value.sentence == "This conversation is live and cannot be cancelled."
    assert refused.value.said("es") == "Esta conversación está en directo y no se puede cancelar."
    assert refused.value.detail == {"state": "live", "act": "cancel"}
    for language in LANGUAGES:
        words = CATALOGUES[language]
        assert {f"error.conflict.transition.state.{state}" for state in Lifecycle} <= words.keys()
        assert {f"error.conflict.transition.act.{act}" for act in Act} <= words.keys()


def test_a_space_can_reach_every_state_and_leave_all_but_the_last_two() -> None:
    reached = {Lifecycle.SCHEDULED} | set(TRANSITIONS.values())
    assert reached == set(Lifecycle)
    assert {present for present, _ in TRANSITIONS} == set(Lifecycle) - {
        Lifecycle.DELETED,
        Lifecycle.CANCELLED,
    }


def test_nothing_leads_back_from_live() -> None:
    assert {act for present, act in TRANSITIONS if present is Lifecycle.LIVE} == {Act.END}


def test_each_policy_has_its_own_end() -> None:
    ends = {policy: after(Lifecycle.ENDED, CLOSING[policy]).value for policy in RecordingPolicy}
    assert ends == {"publish": "published", "hold": "held", "delete": "deleted"}


def test_only_a_held_recording_is_released_and_nothing_comes_back_from_deletion() -> None:
    assert [present for present, act in TRANSITIONS if act is Act.RELEASE] == [Lifecycle.HELD]
    assert not [act for present, act in TRANSITIONS if present is Lifecycle.DELETED]


def test_the_stage_is_closed_once_a_space_has_ended_or_was_cancelled() -> None:
    for present in Lifecycle:
        if present in (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE):
            on_stage_possible(present)
        else:
            with pytest.raises(Conflict):
                on_stage_possible(present)


def state(lifecycle: Lifecycle) -> SpaceState:
    return SpaceState(
        space=SPACE,
        revision=1,
        lifecycle=lifecycle,
        title="T",
        description="",
        host=AccountId("a"),
        host_name="Ada",
        starts_at=0,
        time_zone="UTC",
        run=RUN if lifecycle is Lifecycle.LIVE else None,
    )


def report(
    *, present: bool = False, live: bool = False, finished: bool = False, run: RunId = RUN
) -> StageReport:
    nora = Speaker(speaker=SpeakerId("n"), name="Nora", role=Role.HOST, connected=present)
    recording = Recording(duration_samples=1, size_bytes=1) if finished else None
    return StageReport(space=SPACE, live=live, run=run, speakers=(nora,), finished=recording)


@pytest.mark.parametrize(
    ("lifecycle", "seen", "act"),
    [
        (Lifecycle.SCHEDULED, report(), None),
        (Lifecycle.SCHEDULED, report(present=True), Act.ENTER),
        (Lifecycle.SCHEDULED, report(live=True), Act.GO_LIVE),
        (Lifecycle.LOBBY, report(present=True), None),
        (Lifecycle.LOBBY, report(), Act.EMPTY),
        (Lifecycle.LOBBY, report(present=True, live=True), Act.GO_LIVE),
        (Lifecycle.LIVE, report(present=True, live=True), None),
        (Lifecycle.LIVE, report(), None),
        (Lifecycle.LIVE, report(finished=True), Act.END),
        (Lifecycle.LIVE, report(finished=True, run=RunId("older222")), None),
        (Lifecycle.PUBLISHED, report(present=True, finished=True), None),
        (Lifecycle.CANCELLED, report(present=True), None),
    ],
)
def test_what_backstage_concludes_from_a_report(
    lifecycle: Lifecycle, seen: StageReport, act: Act | None
) -> None:
    assert catch_up(state(lifecycle), seen) is act


@pytest.mark.parametrize(
    ("by", "why", "told", "lost", "reason", "actor"),
    [
        ("", "", "", False, "", audit.SYSTEM),
        ("", "", "disk_full", False, "disk_full", audit.SYSTEM),
        ("account:a", "ended_by_site: Spam", "", False, "ended_by_site: Spam", "account:a"),
        ("account:a", "", "", False, "", "account:a"),
        ("account:a", "ended_by_site: Spam", "ended_nobody", False, "ended_nobody", audit.SYSTEM),
        ("account:a", "ended_by_site: Spam", "tape_damaged", True, "ended_by_site: Spam", "account:a"),
        ("account:a", "", "tape_damaged", True, "tape_damaged", "account:a"),
        ("", "", "tape_damaged", True, "tape_damaged", audit.SYSTEM),
    ],
)
def test_an_end_is_of_whoever_asked_for_it_unless_the_stage_came_first(
    by: str, why: str, told: str, lost: bool, reason: str, actor: str
) -> None:
    row = SpaceRow(ending_by=by, ending_reason=why)
    report = StageReport(space=SPACE, live=False, run=RUN, lost=lost, reason=told)
    assert whose_end(row, report) == (reason, actor)
