"""Times as people write them: ISO 8601 with an offset, or "now"; zones by their IANA name.

Inside, every time is integer UTC milliseconds. An offset is demanded because a local time alone
is ambiguous for an hour every autumn and impossible for an hour every spring.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rostra.core.clock import Clock
from rostra.core.errors import BadRequest

LATEST_PAST = timedelta(days=1)
"""How long ago a start may lie: longer ago it is a slip of the pen."""
FURTHEST_AHEAD = timedelta(days=3653)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms(clock: Clock) -> int:
    """The present, in UTC milliseconds."""
    return clock.utc_ns() // 1_000_000


def parse_start(text: str, *, clock: Clock) -> int:
    """Return the UTC milliseconds that ``text`` names.

    Raises BadRequest with a sentence for anything but "now" or ISO 8601 with an offset, and for
    times more than a day ago or ten years ahead.
    """
    present = now_ms(clock)
    if text == "now":
        return present
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(
            "The start is not a time. Write it as 2030-01-31T20:00:00+01:00, or “now”.", field="starts_at"
        ) from error
    if time.tzinfo is None:
        raise BadRequest(
            "The start needs an offset from UTC at its end, such as +01:00, or Z for UTC.", field="starts_at"
        )
    start = (time - _EPOCH) // timedelta(milliseconds=1)
    if start < present - LATEST_PAST // timedelta(milliseconds=1):
        raise BadRequest("The start lies in the past.", field="starts_at")
    if start > present + FURTHEST_AHEAD // timedelta(milliseconds=1):
        raise BadRequest("The start lies more than ten years ahead.", field="starts_at")
    return start


def check_zone(name: str) -> str:
    """Return ``name`` when it is an IANA zone; BadRequest otherwise."""
    if name not in _zones():
        raise BadRequest(
            "This time zone is not known here. Use a name such as Europe/Berlin or UTC.", field="time_zone"
        )
    return name


def iso(ms: int, zone: str = "UTC") -> str:
    """Write UTC milliseconds as ISO 8601 in ``zone``, with its offset at that moment."""
    time = _EPOCH + timedelta(milliseconds=ms)
    return time.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds" if ms % 1000 else "seconds")


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
