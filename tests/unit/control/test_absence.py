"""Who leads a stage while the host is away."""

from __future__ import annotations

import msgspec

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
    return decide(before, present, operators={ADA.speaker}, now_ms=now_ms, patience_ms=60_000)


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
    assert after(acting, SAM, seconds=90) == Lead("", AT, AT + 90_000)


def test_without_a_cohost_operators_are_told_once() -> None:
    alone = after(Lead("", AT), SAM, seconds=60)
    assert alone == Lead("", AT, AT + 60_000)
    assert after(alone, SAM, seconds=120) == alone


def test_a_cohost_who_comes_after_the_alarm_acts() -> None:
    assert after(Lead("", AT, AT + 60_000), CO, seconds=70) == Lead(CO.speaker, AT)


def test_an_operator_who_came_first_leaves_the_part_to_a_cohost() -> None:
    assert after(Lead("", AT), ADA, CO, seconds=60).acting == CO.speaker
    assert after(Lead(ADA.speaker, AT), ADA, CO, seconds=60).acting == CO.speaker


def test_beside_an_operator_alone_operators_are_told_as_without_anybody() -> None:
    assert after(Lead("", AT), ADA, SAM, seconds=60) == Lead("", AT, AT + 60_000)
    assert after(Lead(ADA.speaker, AT), ADA, seconds=60) == Lead("", AT, AT + 60_000)


def test_whoever_has_the_hosts_role_leads_an_operator_too() -> None:
    assert after(Lead("", AT), msgspec.structs.replace(ADA, role=Role.HOST), CO, seconds=60) == Lead()
