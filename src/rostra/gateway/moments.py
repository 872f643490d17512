"""Points in time as people read them: ``Tue 24 Nov, 8:00 pm`` in the host's zone.

In Spanish ``mar 24 nov, 20:00``. Pure. The words are the catalogue's,
because the machine's locale must not show through.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rostra.core import words


def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name; UTC when there is none such."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def iso(utc_ms: int) -> str:
    """``2026-11-24T19:00:00Z``."""
    return _moment(utc_ms, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_text(
    utc_ms: int, zone_name: str, *, now_ms: int | None = None, language: str = words.ENGLISH
) -> str:
    """``Tue 24 Nov``; with the year when it is not the one of ``now_ms``."""
    there = _moment(utc_ms, zone(zone_name))
    same_year = now_ms is not None and _moment(now_ms, zone(zone_name)).year == there.year
    return words.say(
        language,
        "door.date" if same_year else "door.date_year",
        day=words.say(language, "door.days").split()[there.weekday()],
        date=str(there.day),
        month=words.say(language, "door.months").split()[there.month - 1],
        year=str(there.year),
    )


def time_text(utc_ms: int, zone_name: str, *, language: str = words.ENGLISH) -> str:
    """``8:00 pm``, or ``20:00`` where the day is counted in 24 hours."""
    there = _moment(utc_ms, zone(zone_name))
    if "24" in words.say(language, "door.clock"):
        return f"{there.hour}:{there.minute:02}"
    return f"{there.hour % 12 or 12}:{there.minute:02} {'am' if there.hour < 12 else 'pm'}"


def zone_text(utc_ms: int, zone_name: str) -> str:
    """The zone's short name at that time, ``CET``; ``UTC−3`` where it has only a number."""
    there = _moment(utc_ms, zone(zone_name))
    short = there.tzname() or "UTC"
    return short if short.isalpha() else _offset_text(there.utcoffset() or timedelta())


def local_text(utc_ms: int, zone_name: str, *, now_ms: int, language: str = words.ENGLISH) -> str:
    """``Tue 24 Nov, 8:00 pm``, in the zone of that name."""
    return words.say(
        language,
        "door.moment",
        date=date_text(utc_ms, zone_name, now_ms=now_ms, language=language),
        time=time_text(utc_ms, zone_name, language=language),
    )


def _moment(utc_ms: int, where: tzinfo) -> datetime:
    # Added to the epoch, not read from a timestamp: exact, and no limit but the calendar's.
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc_ms)).astimezone(where)
    except OverflowError:
        return datetime(9999, 12, 31, tzinfo=UTC)


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
