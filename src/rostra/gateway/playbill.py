"""One space as a row or a card of a list: what a page says of it in a line or two. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rostra.core import moments, words
from rostra.core.addresses import STAY
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway.directory import Entry
from rostra.gateway.status import LATE, OneNotice, guests, notices, people, vouched, word
from rostra.gateway.view import View

Told: TypeAlias = Callable[[Entry], tuple[int, bool]]
"""How many listen to a space as pages tell it, and whether that is an estimate."""


@dataclass(frozen=True, slots=True)
class Playbill:
    """One space in a list."""

    href: str
    """Its own page, also where it has moved: such a one is listed for its recording."""
    title: str
    people: tuple[str, ...]
    guests: frozenset[str]
    """Which of them no account stands for."""
    starts_at_iso: str
    starts_local: str
    time_zone: str
    listeners: int | str
    """An estimate says so; 0 where nobody listens."""
    length: str
    late: bool
    host_handle: str
    vouched: str
    """Whose name among them is verified; empty for nobody's."""
    recording_policy: str
    notice: OneNotice | None
    """The newest, if there is any; when it was written: ``notice_iso``, ``notice_local``."""
    notice_iso: str
    notice_local: str


def playbill(entry: Entry, told: Told, view: View) -> Playbill:
    """Return what a list says of a space."""
    state = entry.state
    begun_at = state.live_at or state.starts_at
    newest = next(iter(notices(state, view.origins)), None)

    def local(utc_ms: int) -> str:
        return moments.local_text(utc_ms, state.time_zone, now_ms=view.now_ms, language=view.lang)

    return Playbill(
        href=f"/s/{state.space}?{STAY}" if state.moved_to else f"/s/{state.space}",
        title=state.title,
        people=people(state, view.lang),
        guests=guests(state),
        starts_at_iso=moments.iso(begun_at),
        starts_local=f"{local(begun_at)} {moments.zone_text(begun_at, state.time_zone)}",
        time_zone=state.time_zone,
        listeners=count_text(view.lang, *told(entry)),
        length=length_text(state.recording.duration_samples, view.lang) if state.recording else "",
        late=word(state, entry.report, now_ms=view.now_ms) == LATE,
        host_handle=state.host_handle,
        vouched=vouched(state),
        recording_policy=state.recording_policy.value,
        notice=newest,
        notice_iso=moments.iso(newest.at) if newest else "",
        notice_local=f"{local(newest.at)} {moments.zone_text(newest.at, state.time_zone)}" if newest else "",
    )


def count_text(language: str, listeners: int, estimated: bool) -> int | str:
    """How many listen, to be said: a number, or an estimate as ``≈1,200``; nobody is nobody."""
    return f"≈{words.number(language, listeners)}" if estimated and listeners else listeners


def length_text(samples: int, language: str) -> str:
    """A duration as people say it: ``48 s``, ``12 min``, ``1 h 02 min``."""
    seconds = samples // SAMPLE_RATE
    if seconds < 60:
        return words.say(language, "door.length_seconds", seconds=seconds)
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return words.say(language, "door.length_hours", hours=hours, minutes=f"{minutes:02}")
    return words.say(language, "door.length_minutes", minutes=minutes)
