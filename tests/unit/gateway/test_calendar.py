"""Calendars: read back by another library, whatever people call their conversations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import SpaceId
from rostra.gateway.calendar import LINE_OCTETS, calendar, folded
from rostra.gateway.origins import Origins

from .conftest import SPACE, START_MS, House, space_state

ORIGINS = Origins("https://door.example", "https://edge.example", "https://back.example")
OTHER = SpaceId("22222222")
START = datetime.fromtimestamp(START_MS / 1000, UTC)


def _read(*states: SpaceState, name: str = "A site") -> icalendar.Calendar:
    raw = calendar(states, ORIGINS, name=name, now_ms=1_700_000_000_000)
    return icalendar.Calendar.from_ical(raw)


def _event(state: SpaceState) -> icalendar.Event:
    (event,) = _read(state).walk("VEVENT")
    return event


def test_an_announced_space_is_an_event_with_a_reminder() -> None:
    event = _event(space_state())
    assert event["SUMMARY"] == "The evening that failed"
    assert event.decoded("DTSTART") == START
    assert event.decoded("DTEND") == START + timedelta(hours=1)
    assert event["SEQUENCE"] == 3
    assert event["STATUS"] == "CONFIRMED"
    assert event["URL"] == f"https://door.example/s/{SPACE}"
    (alarm,) = event.walk("VALARM")
    assert alarm["ACTION"] == "DISPLAY"
    assert alarm.decoded("TRIGGER") == timedelta(minutes=-10)


def test_a_moved_space_is_the_same_event_with_a_higher_sequence() -> None:
    before, after = _event(space_state()), _event(space_state(starts_at=START_MS + 3_600_000, revision=4))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("DTSTART") == START + timedelta(hours=1)


@pytest.mark.parametrize("hours", [-3, 2])
def test_what_is_over_stands_where_it_really_was(hours: int) -> None:
    live_at = START_MS + hours * 3_600_000
    over = space_state(lifecycle=Lifecycle.PUBLISHED, live_at=live_at, ended_at=live_at + 2_400_000)
    event = _event(over)
    assert event.decoded("DTSTART") == START + timedelta(hours=hours)
    assert event.decoded("DTEND") == START + timedelta(hours=hours, minutes=40)


def test_a_space_keeps_its_name_under_another_address() -> None:
    elsewhere = Origins("http://192.0.2.7:8000", "", "")
    raw = calendar([space_state()], elsewhere, name="", now_ms=0)
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert event["UID"] == _event(space_state())["UID"]


def test_a_cancelled_space_is_cancelled_in_calendars_and_rings_no_more() -> None:
    event = _event(space_state(Lifecycle.CANCELLED))
    assert event["STATUS"] == "CANCELLED"
    assert event.walk("VALARM") == []


def test_a_calendar_is_no_message_between_calendars_which_would_need_an_organizer() -> None:
    assert "METHOD" not in _read(space_state())
    assert "ORGANIZER" not in _event(space_state())


def test_an_event_that_is_over_ends_when_it_did() -> None:
    event = _event(space_state(Lifecycle.PUBLISHED, ended_at=START_MS + 600_000))
    assert event.decoded("DTEND") == START + timedelta(minutes=10)


NASTY = "Ten; eleven, \\n twelve\r\nATTENDEE:mailto:x@y\nEND:VCALENDAR\x00\x85\u2028\x1d\tü😀"


def test_a_hostile_title_ends_no_line() -> None:
    read = _read(space_state(title=NASTY, description=NASTY, announced=(NASTY,)), name=NASTY)
    (event,) = read.walk("VEVENT")
    assert "ATTENDEE" not in event
    kept = "Ten; eleven, \\n twelve\nATTENDEE:mailto:x@y\nEND:VCALENDAR\n\n\n\tü😀"
    assert event["SUMMARY"] == kept
    assert event["DESCRIPTION"].startswith(kept)
    assert "ATTENDEE" not in read


texts = st.text(st.characters(codec="utf-8"), max_size=300)


@given(texts, texts)
def test_whatever_the_title_the_calendar_is_one_event_in_short_lines(title: str, description: str) -> None:
    raw = calendar([space_state(title=title, description=description)], ORIGINS, name=title, now_ms=0)
    assert raw.endswith(b"\r\nEND:VCALENDAR\r\n")
    lines = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= LINE_OCTETS and b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.decode("utf-8").strip() is not None for line in lines)
    unfolded = raw.replace(b"\r\n ", b"").split(b"\r\n")
    assert sum(line.startswith(b"BEGIN:VEVENT") for line in unfolded) == 1
    icalendar.Calendar.from_ical(raw)


@given(texts.filter(lambda text: "\r" not in text and "\n" not in text))
def test_a_folded_line_unfolds_to_itself(line: str) -> None:
    assert folded(line).removesuffix(b"\r\n").replace(b"\r\n ", b"") == line.encode()


@pytest.mark.parametrize("page", [f"/s/{SPACE}", "/h/ada"])
def test_a_calendar_speaks_the_language_of_the_page_that_names_it(house: House, page: str) -> None:
    house.open(
        space_state(host_handle="ada", host_name="", moved_to=OTHER), space_state(space=OTHER, title="Two")
    )
    shown = house.ask(f"{page}?stay", accept="text/html", accept_language="es").text
    (link,) = set(re.findall(r'href="([^"]*\.ics[^"]*)"', shown))
    for accept in ("text/calendar", "text/html"):
        answer = house.ask(link.removeprefix("http://door.example:8000"), accept=accept)
        (event,) = icalendar.Calendar.from_ical(answer.body).walk("VEVENT")
        assert "Alguien que ya no está" in event["DESCRIPTION"]
        assert "se trasladó a «Two»" in event["DESCRIPTION"]
    assert "former member" in house.ask(f"/s/{SPACE}/event.ics").text


@pytest.mark.parametrize("path", [f"/s/{SPACE}/event.ics", "/h/ada/events.ics"])
def test_calendars_are_served_as_such(house: House, path: str) -> None:
    house.open(space_state(host_handle="ada"), space_state(space=SpaceId("22222222"), host_handle="bob"))
    answer = house.ask(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(answer.body).walk("VEVENT")
    assert event["URL"] == f"http://door.example:8000/s/{SPACE}"
