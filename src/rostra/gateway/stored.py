"""What this deployment keeps about people: the facts behind the privacy page. Pure.

One row per kind of thing. Durations come from the settings, so that the page cannot promise another
time than the one that holds; the words are the catalogue's, ``door.kept.<name>.…``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from rostra.core.settings import Settings

_HOUR_S = 3_600
REPORT_DAYS = 90
"""As control sweeps them (``control/sweeper.py``); a test compares both."""

REMINDER_DAYS = 7
"""As control sweeps them (``control/reminder_policy.py``); a test compares both."""

NOTICES = 20
"""Of a space, as control keeps them (``control/space_states.py``); a test compares both."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing. The catalogue says what it is, where it is and until when, with ``values``."""

    name: str
    values: Mapping[str, int] = field(default_factory=dict)


def kept(settings: Settings) -> tuple[Kept, ...]:
    """Return everything that is kept, listeners' things first: they are most."""
    return (
        Kept("listening", {"hours": ceil(settings.ticket_life_s / _HOUR_S)}),
        *([Kept("beacon")] if settings.behind_cache else []),
        Kept("pass", {"hours": settings.pass_hours}),
        Kept("language"),
        Kept("saver"),
        Kept("captions"),
        Kept("anew"),
        Kept("reaction"),
        Kept("place"),
        Kept("newcomers"),
        Kept("reserved"),
        Kept("asking"),
        Kept("request"),
        Kept("name"),
        Kept("browser"),
        Kept("block"),
        Kept("asked"),
        Kept("speaker"),
        Kept("check"),
        Kept("on_stage"),
        Kept("microphone"),
        Kept("push_to_talk"),
        Kept("without_mute_key"),
        Kept("account"),
        Kept("session", {"days": settings.session_days}),
        Kept("token"),
        Kept("attempt"),
        Kept("link", {"days": settings.invitation_days, "hours": settings.reset_hours}),
        Kept("invited"),
        Kept("space", {"notices": NOTICES}),
        Kept("pinned"),
        Kept("hold_music"),
        Kept("recording"),
        Kept("consent"),
        Kept("report", {"days": REPORT_DAYS}),
        Kept("reminder", {"days": REMINDER_DAYS}),
        Kept("audit"),
        Kept("log"),
    )
