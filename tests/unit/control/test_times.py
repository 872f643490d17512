"""Times as people write them: offsets, "now", zones, and the two hours a year that are odd."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.control.times import check_zone, iso, now_ms, parse_start
from rostra.core.errors import BadRequest

CLOCK = ManualClock(utc_ns=1_900_000_000_000_000_000)  # 2030-03-17T17:46:40Z


def test_now_is_the_clock() -> None:
    assert parse_start("now", clock=CLOCK) == now_ms(CLOCK) == 1_900_000_000_000


@pytest.mark.parametrize(
    "text",
    ["2030-10-27T02:30:00+02:00", "2030-10-27T00:30:00Z", "2030-10-27T00:30Z", "20301027T003000+00:00"],
)
def test_spellings_of_one_moment_are_one_moment(text: str) -> None:
    assert parse_start(text, clock=CLOCK) == 1_919_291_400_000


def test_the_hour_that_comes_twice_in_autumn_is_told_apart_by_its_offset() -> None:
    summer = parse_start("2030-10-27T02:30:00+02:00", clock=CLOCK)
    winter = parse_start("2030-10-27T02:30:00+01:00", clock=CLOCK)
    assert winter - summer == 3_600_000
    assert iso(summer, "Europe/Berlin") == "2030-10-27T02:30:00+02:00"
    assert iso(winter, "Europe/Berlin") == "2030-10-27T02:30:00+01:00"


def test_the_hour_that_is_skipped_in_spring_is_shown_as_it_was_on_clocks() -> None:
    start = parse_start("2030-03-31T02:30:00+01:00", clock=CLOCK)
    assert iso(start, "Europe/Berlin") == "2030-03-31T03:30:00+02:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a time"),
        ("NOW", "not a time"),
        ("2030-02-30T20:00:00Z", "not a time"),
        ("2030-10-27T20:00:00", "offset"),
        ("2030-10-27", "offset"),
        ("2020-10-27T20:00:00Z", "past"),
        ("0001-01-01T00:00:00+23:59", "past"),
        ("9999-12-31T23:59:59-23:59", "ten years"),
    ],
)
def test_what_is_not_a_start_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        parse_start(text, clock=CLOCK)


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(BadRequest):
        parse_start(text, clock=CLOCK)


@given(
    st.datetimes(datetime(2030, 3, 18), datetime(2039, 12, 31)),
    st.integers(-23 * 60, 23 * 60),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_a_start_written_out_and_read_again_is_the_same_moment(
    local: datetime, offset_min: int, zone: str
) -> None:
    aware = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset_min)))
    start = parse_start(aware.isoformat(), clock=CLOCK)
    assert start == int(aware.astimezone(UTC).timestamp()) * 1000
    assert parse_start(iso(start, zone), clock=CLOCK) == start


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Europe", "europe/berlin", "\0"]
)
def test_what_is_not_a_zone_is_refused(zone: str) -> None:
    with pytest.raises(BadRequest, match="time zone"):
        check_zone(zone)


def test_zones_go_by_their_names() -> None:
    assert check_zone("Europe/Berlin") == "Europe/Berlin"
    assert check_zone("UTC") == "UTC"
