"""Points in time as people read them: ``Tue 24 Nov, 8:00 pm`` in the host's zone.

In Spanish ``mar 24 nov, 20:00``. Pure. The words are the catalogue's,
because the machine's locale must not show through. ``web/src/words/times.ts`` writes the same, and
``web/test/times.json`` holds both to it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rostra.core import words

_NAMED = {
    -600: "HST",
    -540: "AKST",
    -480: "AKDT PST",
    -420: "PDT MST",
    -360: "MDT CST",
    -300: "CDT EST",
    -240: "EDT AST",
    -180: "ADT",
    0: "UTC GMT WET",
    60: "WEST BST CET WAT",
    120: "CEST EET CAT SAST",
    180: "EEST EAT MSK",
    300: "PKT",
    330: "IST",
    420: "WIB",
    480: "HKT AWST",
    540: "JST KST",
    570: "ACST",
    600: "AEST",
    630: "ACDT",
    660: "AEDT",
    720: "NZST",
    780: "NZDT",
}
"""The short names that browsers know too, by what they mean to most who read them, in minutes east of UTC.

The time zone database has others, and some of these twice: to it, Manila is on PST and Shanghai on CST.
"""
_PATTERNS = ("clock", "am", "pm", "days", "months", "date", "date_year", "moment")


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
        "time.date" if same_year else "time.date_year",
        day=words.say(language, "time.days").split()[there.weekday()],
        date=str(there.day),
        month=words.say(language, "time.months").split()[there.month - 1],
        year=str(there.year),
    )


def time_text(utc_ms: int, zone_name: str, *, language: str = words.ENGLISH) -> str:
    """``8:00 pm``, or ``20:00`` where the day is counted in 24 hours."""
    there = _moment(utc_ms, zone(zone_name))
    if words.say(language, "time.clock") == "24":
        return f"{there.hour}:{there.minute:02}"
    half = words.say(language, "time.am" if there.hour < 12 else "time.pm")
    return f"{there.hour % 12 or 12}:{there.minute:02} {half}"


def zone_text(utc_ms: int, zone_name: str) -> str:
    """The zone's short name at that time, ``CET``; ``UTC−3`` where it has none, or shares it with another."""
    there = _moment(utc_ms, zone(zone_name))
    offset = there.utcoffset() or timedelta()
    short = there.tzname() or ""
    known = _NAMED.get(int(offset.total_seconds()) // 60, "").split()
    return short if short in known else _offset_text(offset)


def local_text(utc_ms: int, zone_name: str, *, now_ms: int, language: str = words.ENGLISH) -> str:
    """``Tue 24 Nov, 8:00 pm``, in the zone of that name."""
    return words.say(
        language,
        "time.moment",
        date=date_text(utc_ms, zone_name, now_ms=now_ms, language=language),
        time=time_text(utc_ms, zone_name, language=language),
    )


def same_day(one_ms: int, other_ms: int, zone_name: str) -> bool:
    """Whether two points in time are on one day in a zone."""
    where = zone(zone_name)
    return _moment(one_ms, where).date() == _moment(other_ms, where).date()


def patterns(language: str) -> dict[str, str]:
    """How ``language`` writes times, for the pages' scripts."""
    return {name: words.say(language, f"time.{name}") for name in _PATTERNS}


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
