"""What follows from a host's absence: who acts as host, and when operators are told. Pure.

A live stage without a host waits; then the co-host who has been there longest acts as host until the
host is back, also while their line is broken and their seat kept, unless another co-host is there. Where
there is none, operators are told, once. An operator who is on stage has a co-host's seat and is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rostra.bus.messages import Role, Speaker
from rostra.core.ids import SpeakerId


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a stage; times in UTC milliseconds, 0 while it has not happened."""

    acting: str = ""
    host_away_at: int = 0
    alerted_at: int = 0


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
) -> Lead:
    """Return who leads now, given who is on stage in the order in which they came."""
    if is_led(present):
        return Lead()
    away_at = before.host_away_at or now_ms
    able = [each for each in could_act(present) if each.speaker not in operators]
    cohosts = [each.speaker for each in able if each.connected]
    kept = [each.speaker for each in able]
    if SpeakerId(before.acting) in (cohosts or kept):
        return replace(before, host_away_at=away_at)
    if now_ms - away_at < patience_ms:
        return Lead("", away_at, before.alerted_at)
    if cohosts:
        return Lead(cohosts[0], away_at)
    return Lead("", away_at, before.alerted_at or now_ms)
