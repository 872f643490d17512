"""Who leads a stage while the host is away."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rostra.bus.messages import Role, Speaker
from rostra.control.absence import Lead, decide
from rostra.core.ids import SpeakerId

HOST = Speaker(speaker=SpeakerId("hhhhhhh2"), name="Nora", role=Role.HOST)
CO = Speaker(speaker=SpeakerId("ccccccc2"), name="Cleo", role=Role.COHOST)
OTHER = Speaker(speaker=SpeakerId("ccccccc3"), name="Carl", role=Role.COHOST)
ADA = Speaker(speaker=SpeakerId("aaaaaaa2"), name="Ada", role=Role.COHOST)
"""An operator: the stage takes them for a co-host."""
SAM = Speaker(speaker=SpeakerId("sssssss2"), name="Sam", role=Role.SPEAKER)
GONE = Speaker(speaker=SpeakerId("hhhhhhh2"), name="Nora", role=Role.HOST, connected=False)
AT = 1_900_000_000_000


def after(before: Lead, *present: Speaker, seconds: int = 0) -> Lead:
    now_ms = AT + 1_000 * seconds
    return decide(before, present, operators={ADA.speaker}, now_ms=now_ms, patience_ms=60_000, seat_ms=40_000)


def alone(lead: Lead, *, seconds: int = 0) -> Lead:
    """``lead``, with no co-host there since."""
    return replace(lead, alone_at=AT + 1_000 * seconds)


def test_while_the_host_is_there_nobody_acts_and_nothing_is_remembered() -> None:
    assert after(Lead(CO.speaker, AT, AT), HOST, CO) == Lead()


def test_a_cohost_acts_only_after_a_minute_and_then_the_first() -> None:
    away = after(Lead(), CO, OTHER)
    assert away == Lead("", AT)
    assert after(away, CO, OTHER, seconds=59) == away
    assert after(away, CO, OTHER, seconds=60).acting == CO.speaker


def test_a_host_whose_line_is_broken_is_away() -> None:
    assert after(Lead("", AT), GONE, CO, seconds=61).acting == CO.speaker


def test_who_acts_goes_on_acting_though_another_cohost_stands_before_them() -> None:
    acting = Lead(OTHER.speaker, AT)
    assert after(acting, CO, OTHER, seconds=90) == acting


def test_when_who_acts_leaves_the_next_cohost_acts_at_once() -> None:
    assert after(Lead(CO.speaker, AT), OTHER, SAM, seconds=90).acting == OTHER.speaker


def test_who_acts_keeps_the_role_with_the_seat_while_their_line_is_broken_and_nobody_else_could() -> None:
    acting, broken = Lead(CO.speaker, AT), msgspec.structs.replace(CO, connected=False)
    assert after(acting, broken, SAM, seconds=90) == acting
    assert after(acting, broken, OTHER, seconds=90).acting == OTHER.speaker
    held = after(acting, broken, SAM, seconds=90)
    assert after(held, SAM, seconds=130) == Lead("", AT)
    assert after(held, SAM, seconds=150) == Lead("", AT, AT + 150_000)


def test_who_acts_goes_on_after_the_stage_restarted_and_nobody_is_told() -> None:
    acting = Lead(CO.speaker, AT)
    empty = after(acting, seconds=90)
    assert empty == acting
    assert after(empty, seconds=129) == acting
    back = after(empty, CO, seconds=129)
    assert (back, back.alone_at) == (acting, 0)


def test_who_acts_and_does_not_come_back_acts_no_more_and_operators_are_told_a_minute_after() -> None:
    empty = after(Lead(CO.speaker, AT), SAM, seconds=90)
    over = after(empty, SAM, seconds=130)
    assert over == Lead("", AT)
    assert after(over, SAM, seconds=149) == over
    assert after(over, SAM, seconds=150) == Lead("", AT, AT + 150_000)


def test_who_acts_and_is_there_as_something_less_acts_no_more_at_once() -> None:
    demoted = msgspec.structs.replace(CO, role=Role.SPEAKER)
    assert after(Lead(CO.speaker, AT), demoted, seconds=90) == Lead("", AT)


def test_operators_are_not_told_where_the_stage_restarts_as_a_cohost_is_about_to_act() -> None:
    away = after(after(Lead(), CO), CO, seconds=58)
    empty = after(away, seconds=59)
    assert after(empty, seconds=61) == Lead("", AT)
    assert after(empty, CO, seconds=65) == Lead(CO.speaker, AT)


EVERYBODY = st.sampled_from([HOST, CO, OTHER, ADA, SAM])


@given(st.lists(st.tuples(st.integers(1, 30), st.sets(EVERYBODY)), max_size=40))
def test_operators_are_told_only_after_a_minute_without_anybody_who_could_lead(
    looks: list[tuple[int, set[Speaker]]],
) -> None:
    lead, at, led = Lead(), 0, 0
    for seconds, there in looks:
        at += seconds
        led = at if there & {HOST, CO, OTHER} else led
        before, lead = lead, after(lead, *sorted(there, key=lambda each: each.speaker), seconds=at)
        if lead.alerted_at and not before.alerted_at:
            assert at - led >= 60
        if before.acting and not lead.acting and HOST not in there:
            assert at - led >= 40


def test_without_a_cohost_operators_are_told_once() -> None:
    told = after(alone(Lead("", AT)), SAM, seconds=60)
    assert told == Lead("", AT, AT + 60_000)
    assert after(told, SAM, seconds=120) == told


def test_a_cohost_who_comes_after_the_alarm_acts() -> None:
    assert after(Lead("", AT, AT + 60_000), CO, seconds=70) == Lead(CO.speaker, AT)


def test_an_operator_who_came_first_leaves_the_part_to_a_cohost() -> None:
    assert after(Lead("", AT), ADA, CO, seconds=60).acting == CO.speaker
    assert after(Lead(ADA.speaker, AT), ADA, CO, seconds=60).acting == CO.speaker


def test_beside_an_operator_alone_operators_are_told_as_without_anybody() -> None:
    assert after(alone(Lead("", AT)), ADA, SAM, seconds=60) == Lead("", AT, AT + 60_000)
    assert after(alone(Lead(ADA.speaker, AT)), ADA, seconds=60) == Lead("", AT, AT + 60_000)


def test_whoever_has_the_hosts_role_leads_an_operator_too() -> None:
    assert after(Lead("", AT), msgspec.structs.replace(ADA, role=Role.HOST), CO, seconds=60) == Lead()
