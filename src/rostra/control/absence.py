"""What follows from a host's absence: who acts as host, and when operators are told. Pure.

A live stage without a host waits; then the co-host who has been there longest acts as host until the
host is back, also while their line is broken and their seat kept, unless another co-host is there. Where
there is none, operators are told, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rostra.bus.messages import Role, Speaker
from rostra.core.ids import SpeakerId


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a stage; times in UTC milliseconds, 0 while it has not happened."""

    acting: str = ""
    host_away_at: int = 0
    alerted_at: int = 0


def decide(before: Lead, present: Sequence[Speaker], *, now_ms: int, patience_ms: int) -> Lead:
    """Return who leads now, given who is on stage in the order in which they came."""
    here = [each for each in present if each.connected]
    if any(each.role is Role.HOST for each in here):
        return Lead()
    away_at = before.host_away_at or now_ms
    cohosts = [each.speaker for each in here if each.role is Role.COHOST]
    kept = [each.speaker for each in present if each.role is Role.COHOST]
    if SpeakerId(before.acting) in (cohosts or kept):
        return replace(before, host_away_at=away_at)
    if now_ms - away_at < patience_ms:
        return Lead("", away_at, before.alerted_at)
    if cohosts:
        return Lead(cohosts[0], away_at)
    return Lead("", away_at, before.alerted_at or now_ms)
