"""What can come of a report, for whom: every verdict on every subject, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.bus.messages import Lifecycle, Subject
from rostra.control.identity import Account, Actor, Credential
from rostra.control.moves import check
from rostra.control.permits import MEMBER, MODERATOR, OPERATOR
from rostra.control.space_states import MAX_SOURCES
from rostra.control.verdicts import VERDICTS, Verdict
from rostra.control.verdicts import possible as possible_while
from rostra.core.errors import Conflict
from rostra.core.ids import AccountId
from rostra.store.tables import ReportRow, SpaceRow

D, R, S, H = Verdict.DISMISSED, Verdict.REMOVED, Verdict.SUSPENDED, Verdict.HIDDEN
EVERY_SUBJECT = list(Subject)
BEFORE_OR_LIVE = (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE)


def somebody(role: str, id: str = "judge2222222") -> Actor:
    account = Account(AccountId(id), "judge", "Judge", role)
    return Actor(Credential.SESSION, account=account)


def report(subject: Subject, *, state: str = "open", account: str | None = "author222222") -> ReportRow:
    return ReportRow(id="r", space="s", subject=subject.value, state=state, account=account)


def possible(
    actor: Actor,
    report: ReportRow,
    *,
    author: str | None,
    host: str,
    space: Lifecycle = Lifecycle.LIVE,
) -> frozenset[Verdict]:
    return possible_while(actor, report, author=author, host=host, space=space)


@pytest.mark.parametrize("subject", EVERY_SUBJECT)
def test_an_operator_can_do_to_anybody_what_the_subject_allows(subject: Subject) -> None:
    for role in (MEMBER, MODERATOR, OPERATOR):
        given = possible(somebody(OPERATOR), report(subject), author=role, host=role)
        assert given == VERDICTS[subject]


@pytest.mark.parametrize("subject", EVERY_SUBJECT)
@pytest.mark.parametrize("role", [MODERATOR, OPERATOR])
def test_a_moderator_rules_over_members_and_over_nobody_else(subject: Subject, role: str) -> None:
    moderator = somebody(MODERATOR)
    assert possible(moderator, report(subject), author=MEMBER, host=MEMBER) == VERDICTS[subject]
    assert possible(moderator, report(subject), author=role, host=role) == {D}
    assert possible(moderator, report(subject), author=MEMBER, host=role) == VERDICTS[subject] - {H}
    assert possible(moderator, report(subject), author=role, host=MEMBER) == VERDICTS[subject] - {S, R}


@pytest.mark.parametrize("subject", EVERY_SUBJECT)
def test_a_member_decides_nothing(subject: Subject) -> None:
    assert possible(somebody(MEMBER), report(subject), author=MEMBER, host=MEMBER) == set()


@pytest.mark.parametrize("subject", EVERY_SUBJECT)
def test_nobody_is_suspended_where_no_account_is_and_nobody_suspends_themselves(subject: Subject) -> None:
    operator = somebody(OPERATOR)
    guest = possible(operator, report(subject, account=None), author=None, host=MEMBER)
    assert guest == VERDICTS[subject] - {S}
    own = possible(operator, report(subject, account="judge2222222"), author=OPERATOR, host=OPERATOR)
    assert own == VERDICTS[subject] - {S}


def test_a_report_is_handled_once() -> None:
    for state in Verdict:
        closed = report(Subject.NOTICE, state=state.value)
        assert possible(somebody(OPERATOR), closed, author=MEMBER, host=MEMBER) == set()


def test_only_what_somebody_said_can_be_removed() -> None:
    assert {subject for subject, verdicts in VERDICTS.items() if R in verdicts} == {
        Subject.SPEAKER,
        Subject.NOTICE,
    }


@pytest.mark.parametrize("state", Lifecycle)
def test_a_speaker_is_removed_while_there_is_a_stage_and_a_notice_always(state: Lifecycle) -> None:
    of_speaker, of_notice = [
        possible(somebody(OPERATOR), report(subject), author=MEMBER, host=MEMBER, space=state)
        for subject in (Subject.SPEAKER, Subject.NOTICE)
    ]
    assert (R in of_speaker) == (state in BEFORE_OR_LIVE)
    assert {D, S, H} <= of_speaker
    assert R in of_notice


def space(id: str, lifecycle: Lifecycle = Lifecycle.LIVE, **fields: Any) -> SpaceRow:
    given = {"moved_to": None, "hidden": False, "hidden_reason": "", **fields}
    return SpaceRow(id=id, lifecycle=lifecycle.value, **given)


@pytest.mark.parametrize("source", Lifecycle)
@pytest.mark.parametrize("target", Lifecycle)
def test_what_is_not_over_moves_to_what_is_not_over(source: Lifecycle, target: Lifecycle) -> None:
    fine = source in BEFORE_OR_LIVE and target in BEFORE_OR_LIVE
    try:
        check(space("a", source), space("b", target), sources=0, targets_sources=0)
    except Conflict:
        assert not fine
    else:
        assert fine


@pytest.mark.parametrize(
    ("source", "target", "sources", "targets_sources"),
    [
        (space("a"), space("a"), 0, 0),
        (space("a", moved_to="c"), space("b"), 0, 0),
        (space("a"), space("b", moved_to="c"), 0, 0),
        (space("a"), space("b", moved_to="a"), 1, 0),
        (space("a"), space("b"), 1, 0),
        (space("a"), space("b", hidden=True), 0, 0),
        (space("a"), space("b", hidden_reason="Not here."), 0, 0),
        (space("a"), space("b"), 0, MAX_SOURCES),
    ],
)
def test_chains_circles_and_ways_into_nothing_are_refused(
    source: SpaceRow, target: SpaceRow, sources: int, targets_sources: int
) -> None:
    with pytest.raises(Conflict):
        check(source, target, sources=sources, targets_sources=targets_sources)
