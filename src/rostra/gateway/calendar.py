"""Spaces as a calendar, iCalendar (RFC 5545): one event each, in UTC. Pure.

A plain calendar, no message between calendars: those have a METHOD and then need an ORGANIZER (RFC 5546
§3.2.1), which Outlook takes for a mail address (MS-OXCICAL §2.1.3.1.1.20.16); we tell nobody's.

What people wrote is escaped, stripped of control characters and folded, so that a title can neither
end its line nor begin another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core import moments, words
from rostra.gateway.listing import is_elsewhere
from rostra.gateway.onward import Onward, found_at, moved_text, nowhere
from rostra.gateway.origins import Origins
from rostra.gateway.permanent import changed_ms, permanent_id
from rostra.gateway.status import people

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75
"""RFC 5545 §3.1, line break not counted."""
LENGTH_MS = 3_600_000
"""How long an event stands in a calendar while nobody knows its end."""
_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_BEFORE = (Lifecycle.SCHEDULED, Lifecycle.LOBBY)


def calendar(
    states: Iterable[SpaceState],
    origins: Origins,
    *,
    name: str,
    now_ms: int,
    to: Onward = nowhere,
    language: str = words.ENGLISH,
) -> bytes:
    """Return a calendar of that name with an event for each space; ``to`` says where each goes on.

    One that goes on elsewhere is cancelled, and whoever has both is rung for the other only.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rostra//Rostra//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *(line for state in states for line in _event(state, origins, now_ms, to, language)),
        "END:VCALENDAR",
    ]
    return b"".join(map(folded, lines))


def text(value: str) -> str:
    """Escape a value of type TEXT (RFC 5545 §3.3.11)."""
    value = _CONTROLS.sub("", _BREAKS.sub("\n", value))
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Return a content line in pieces of at most :data:`LINE_OCTETS`, no character cut in two."""
    pieces, piece = [], b""
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(piece) + len(octets) > LINE_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def _event(state: SpaceState, origins: Origins, now_ms: int, to: Onward, language: str) -> Iterator[str]:
    target = to(state)
    address = origins.event(found_at(state, target))
    off = state.lifecycle is Lifecycle.CANCELLED or is_elsewhere(state, to)
    yield "BEGIN:VEVENT"
    yield f"UID:{permanent_id(state.space)}"
    yield f"SEQUENCE:{state.revision}"
    yield f"DTSTAMP:{_stamp(now_ms)}"
    yield f"LAST-MODIFIED:{_stamp(changed_ms(state))}"
    begins_ms = _begin_ms(state)
    yield f"DTSTART:{_stamp(begins_ms)}"
    yield f"DTEND:{_stamp(state.ended_at if state.ended_at > begins_ms else begins_ms + LENGTH_MS)}"
    yield f"SUMMARY:{text(state.title)}"
    yield f"DESCRIPTION:{text(_description(state, address, target, language))}"
    yield f"URL:{address}"
    yield f"LOCATION:{text(address)}"
    yield f"CONFERENCE;VALUE=URI;FEATURE=AUDIO:{address}"
    yield f"STATUS:{'CANCELLED' if off else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    if state.lifecycle in _BEFORE and not off:
        yield from _alarm(state)
    yield "END:VEVENT"


def _alarm(state: SpaceState) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield "TRIGGER:-PT10M"
    yield f"DESCRIPTION:{text(state.title)}"
    yield "END:VALARM"


def _description(state: SpaceState, address: str, target: SpaceState | None, language: str) -> str:
    parts = (
        moved_text(state, target, language),
        state.description,
        ", ".join(people(state, language)),
        address,
    )
    return "\n\n".join(part for part in parts if part)


def _begin_ms(state: SpaceState) -> int:
    """When it was announced for; once it is over, when it really began, which may be hours before that."""
    return state.live_at if state.live_at and state.ended_at else state.starts_at


def _stamp(utc_ms: int) -> str:
    return moments.iso(utc_ms).replace("-", "").replace(":", "")
