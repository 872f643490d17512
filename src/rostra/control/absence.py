"""What follows from a host's absence: who acts as host, and when operators are told. Pure.

A live stage without a host waits; then the co-host who has been there longest acts as host until the
host is back, also while they are away for no longer than a seat is kept, unless another co-host is there.
Where there has been none for as long as a host is waited for, operators are told, once. An operator who is
on stage has a co-host's seat and is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from rostra.bus.messages import Role, Speaker
from rostra.core.ids import SpeakerId


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a stage; times in UTC milliseconds, 0 while it has not happened."""

    acting: str = ""
    host_away_at: int = 0
    alerted_at: int = 0
    alone_at: int = field(default=0, compare=False)
    """Since when no co-host has been connected either. Seen, not decided: a lead is the same without."""


def is_led(present: Sequence[Speaker]) -> bool:
    """Whether a host is connected."""
    return any(each.role is Role.HOST and each.connected for each in present)


def could_act(present: Sequence[Speaker]) -> list[Speaker]:
    """Those with a co-host's seat while no host is connected: co-hosts, and operators who help."""
    return [] if is_led(present) else [each for each in present if each.role is Role.COHOST]


def decide(
    before: Lead,
    present: Sequence[Speaker],
    *,
    operators: Collection[SpeakerId] = (),
    now_ms: int,
    patience_ms: int,
    seat_ms: int,
) -> Lead:
    """Return who leads now, given who is on stage in the order in which they came.

    A stage that restarts has nobody on it until they come back: whoever acts and is not ``present`` keeps
    the part for ``seat_ms``, and operators are told ``patience_ms`` after the last co-host was there.
    """
    if is_led(present):
        return Lead()
    away_at = before.host_away_at or now_ms
    able = [each for each in could_act(present) if each.speaker not in operators]
    cohosts = [each.speaker for each in able if each.connected]
    kept = [each.speaker for each in able]
    alone_at = 0 if cohosts else before.alone_at or now_ms
    if SpeakerId(before.acting) in (cohosts or kept):
        return replace(before, host_away_at=away_at, alone_at=alone_at)
    if cohosts:
        early = now_ms - away_at < patience_ms
        return Lead("", away_at, before.alerted_at) if early else Lead(cohosts[0], away_at)
    alone_ms = now_ms - alone_at
    left = bool(before.acting) and before.acting not in {each.speaker for each in present}
    if left and alone_ms < seat_ms:
        return replace(before, host_away_at=away_at, alone_at=alone_at)
    told_at = before.alerted_at or (now_ms if alone_ms >= patience_ms else 0)
    return Lead("", away_at, told_at, alone_at)
