"""A space that moved: its address leads on, its page names the other, and nobody learns what is private."""

from __future__ import annotations

import re
from typing import Any

import icalendar
import pytest

from rostra.bus.messages import Lifecycle, RecordingPolicy, Removed, SpaceState, Visibility
from rostra.core.ids import SpaceId

from .conftest import RUN, SPACE, House, a_pass, space_state

THERE = SpaceId("therethere")
NEW = f"http://door.example:8000/s/{THERE}"
UNFINISHED = (Lifecycle.SCHEDULED, Lifecycle.LOBBY, Lifecycle.LIVE)
OVER = (Lifecycle.ENDED, Lifecycle.PUBLISHED, Lifecycle.HELD, Lifecycle.DELETED, Lifecycle.CANCELLED)


def moved(lifecycle: Lifecycle = Lifecycle.LIVE, **changes: Any) -> SpaceState:
    return space_state(lifecycle, moved_to=THERE, **changes)


def there(lifecycle: Lifecycle = Lifecycle.LIVE, **changes: Any) -> SpaceState:
    fields = {"title": "The other evening", "moved_from": (SPACE,), "space": THERE, **changes}
    return space_state(lifecycle, **fields)


@pytest.mark.parametrize("target", UNFINISHED)
@pytest.mark.parametrize("source", [*UNFINISHED, Lifecycle.PUBLISHED])
def test_the_old_address_leads_on_until_the_other_is_over(
    house: House, source: Lifecycle, target: Lifecycle
) -> None:
    house.open(moved(source), there(target))
    answer = house.ask(f"/s/{SPACE}", accept="text/html")
    assert (answer.status, answer.headers["location"]) == (302, NEW)
    stayed = house.ask(f"/s/{SPACE}?stay", accept="text/html")
    assert stayed.status == 200
    assert "moved to “The other evening”" in stayed.text


@pytest.mark.parametrize("target", OVER)
def test_once_the_other_is_over_each_page_stands_and_names_the_other(house: House, target: Lifecycle) -> None:
    house.open(moved(Lifecycle.PUBLISHED), there(target))
    old, new = (house.ask(f"/s/{space}", accept="text/html") for space in (SPACE, THERE))
    assert (old.status, new.status) == (200, 200)
    assert f'<a href="{NEW}">' in old.text
    assert "The evening that failed" in new.text
    assert f'<a href="http://door.example:8000/s/{SPACE}?stay">' in new.text


def test_while_the_first_is_not_over_the_other_page_names_it_without_sending_anybody_back(
    house: House,
) -> None:
    page = house.open(moved(), there()).ask(f"/s/{THERE}", accept="text/html")
    assert "<bdi>The evening that failed</bdi>” moved here" in page.text
    assert f"/s/{SPACE}?stay" not in page.text.partition('id="boot"')[2].partition("</script>")[2]


def test_the_status_file_says_where_it_goes_on(house: House) -> None:
    house.open(moved(), there(Lifecycle.LOBBY))
    told = house.ask(f"/s/{SPACE}/status.json").json()
    assert told["moved"] == {"space": THERE, "title": "The other evening", "url": NEW, "state": "lobby"}
    assert told["state"] == "live", "it is still heard until its host ends it"
    back = house.ask(f"/s/{THERE}/status.json").json()
    assert (back["moved"], [each["space"] for each in back["moved_from"]]) == (None, [SPACE])


@pytest.mark.parametrize("name", ["live.m3u8", "radio.aac", "live.mpd"])
def test_players_are_led_on_once_there_is_something_to_hear(house: House, name: str) -> None:
    house.open(moved(), there(Lifecycle.SCHEDULED))
    assert "/t/" in house.ask(f"/s/{SPACE}/{name}").headers["location"]
    house.directory.take_state(there())
    answer = house.ask(f"/s/{SPACE}/{name}")
    assert (answer.status, answer.headers["location"]) == (302, f"{NEW}/{name}")


def test_a_private_space_is_not_named_and_lets_nobody_in_by_a_move(house: House) -> None:
    house.open(moved(), there(visibility=Visibility.PRIVATE))
    for path in (f"/s/{SPACE}?stay", f"/s/{SPACE}/status.json", f"/s/{SPACE}/event.ics", "/feed.atom", "/"):
        assert "The other evening" not in house.ask(path, accept="text/html").text, path
    assert "moved to a private one" in house.ask(f"/s/{SPACE}?stay", accept="text/html").text
    assert house.ask(f"/s/{SPACE}", accept="text/html").headers["location"] == NEW
    assert house.ask(f"/s/{THERE}", accept="text/html").status == 403
    for_here = a_pass()
    assert house.ask(f"/s/{THERE}/join?pass={for_here}", method="POST").status == 403
    assert house.ask(f"/s/{THERE}/join?pass={a_pass(space=THERE)}", method="POST").status == 200


def test_an_unlisted_space_is_found_by_who_is_at_the_old_one_and_by_nobody_else(house: House) -> None:
    house.open(moved(host_handle="ada"), there(visibility=Visibility.UNLISTED, host_handle="ada"))
    for path in (
        "/",
        "/feed.atom",
        "/h/ada",
        "/h/ada/events.ics",
        f"/s/{SPACE}/event.ics",
        f"/s/{SPACE}?stay",
    ):
        told = house.ask(path, accept="text/html").text.replace("\r\n ", "")
        assert THERE not in told, path
        assert "The other evening" not in told, path
        if path not in ("/", "/h/ada"):
            assert "moved to another one" in told, path
    assert house.ask(f"/s/{SPACE}", accept="text/html").headers["location"] == NEW
    told = house.ask(f"/s/{SPACE}/status.json").json()["moved"]
    assert told == {"space": THERE, "title": "", "url": NEW, "state": ""}, "open pages go along"


@pytest.mark.parametrize("target", [Lifecycle.LIVE, Lifecycle.PUBLISHED])
def test_a_page_that_may_not_name_the_other_leads_there_by_its_own_address(
    house: House, target: Lifecycle
) -> None:
    house.open(moved(), there(target, visibility=Visibility.UNLISTED))
    page = house.ask(f"/s/{SPACE}?stay", accept="text/html").text
    (notice,) = re.findall(r'<p class="notice" id="moved">.*?</p>', page)
    assert (f'<a href="http://door.example:8000/s/{SPACE}">' in notice) is (target is Lifecycle.LIVE)


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        (Visibility.PUBLIC, Visibility.PUBLIC, True),
        (Visibility.PUBLIC, Visibility.UNLISTED, False),
        (Visibility.PUBLIC, Visibility.PRIVATE, False),
        (Visibility.UNLISTED, Visibility.UNLISTED, True),
        (Visibility.UNLISTED, Visibility.PRIVATE, False),
    ],
)
def test_of_what_is_behind_a_narrower_door_nothing_is_told_but_where(
    house: House, source: Visibility, target: Visibility, told: bool
) -> None:
    house.open(moved(visibility=source), there(Lifecycle.LOBBY, visibility=target))
    said = house.ask(f"/s/{SPACE}/status.json").json()["moved"]
    assert (said["title"], said["state"]) == (("The other evening", "lobby") if told else ("", ""))
    assert (said["space"], said["url"]) == (THERE, NEW)


@pytest.mark.parametrize(
    ("source", "target", "named"),
    [
        (Visibility.PUBLIC, Visibility.PUBLIC, True),
        (Visibility.UNLISTED, Visibility.UNLISTED, True),
        (Visibility.UNLISTED, Visibility.PUBLIC, False),
        (Visibility.PRIVATE, Visibility.PUBLIC, False),
        (Visibility.PRIVATE, Visibility.PRIVATE, False),
    ],
)
def test_a_page_names_nothing_that_came_from_behind_a_narrower_door(
    house: House, source: Visibility, target: Visibility, named: bool
) -> None:
    house.open(moved(visibility=source), there(visibility=target))
    given = f"?pass={a_pass(space=THERE)}" if target is Visibility.PRIVATE else ""
    told = house.ask(f"/s/{THERE}/status.json{given}")
    assert ("The evening that failed" in told.text) is named
    assert (SPACE in told.text) is named


def test_who_may_not_see_the_first_is_not_led_to_the_second(house: House) -> None:
    house.open(moved(visibility=Visibility.PRIVATE), there())
    assert house.ask(f"/s/{SPACE}", accept="text/html").status == 403
    assert house.ask(f"/s/{SPACE}/status.json").status == 403


@pytest.mark.parametrize("lifecycle", UNFINISHED)
def test_lists_show_where_it_goes_on_and_feeds_and_calendars_lead_there(
    house: House, lifecycle: Lifecycle
) -> None:
    house.open(moved(lifecycle), there(host_handle="ada"))
    home = house.ask("/", accept="text/html").text
    assert f"/s/{SPACE}" not in home
    assert f"/s/{THERE}" in home
    feed = house.ask("/feed.atom").text
    assert f"http://door.example:8000/s/{SPACE}" not in feed
    assert NEW in feed
    calendar = house.ask(f"/s/{SPACE}/event.ics").text
    assert f"URL:{NEW}" in calendar
    assert "moved to “The other evening”" in calendar.replace("\r\n ", "")


@pytest.mark.parametrize("path", [f"/s/{SPACE}/event.ics", "/h/ada/events.ics"])
@pytest.mark.parametrize("source", [*UNFINISHED, Lifecycle.ENDED, Lifecycle.HELD])
@pytest.mark.parametrize("target", [Lifecycle.SCHEDULED, Lifecycle.PUBLISHED])
def test_calendars_cancel_what_goes_on_elsewhere_and_ring_for_the_other_only(
    house: House, path: str, source: Lifecycle, target: Lifecycle
) -> None:
    house.open(
        moved(source, host_handle="ada", recording_policy=RecordingPolicy.HOLD),
        there(target, host_handle="ada"),
    )
    events = icalendar.Calendar.from_ical(house.ask(path).body).walk("VEVENT")
    (old,) = (each for each in events if each["SUMMARY"] == "The evening that failed")
    assert old["STATUS"] == "CANCELLED"
    assert old.walk("VALARM") == []
    assert old["URL"] == NEW
    assert "moved to “The other evening”" in old["DESCRIPTION"]
    others = [each for each in events if each is not old]
    assert [each["STATUS"] for each in others] == ["CONFIRMED"] * len(others)


def test_a_recording_of_its_own_makes_it_an_event_again(house: House) -> None:
    house.open(moved(Lifecycle.PUBLISHED), there(Lifecycle.PUBLISHED))
    (event,) = icalendar.Calendar.from_ical(house.ask(f"/s/{SPACE}/event.ics").body).walk("VEVENT")
    assert event["STATUS"] == "CONFIRMED"
    assert f"<loc>http://door.example:8000/s/{SPACE}</loc>" in house.ask("/sitemap.xml").text
    page = house.ask(f"/s/{SPACE}", accept="text/html").text
    assert "application/ld+json" in page
    assert f'<link rel="canonical" href="http://door.example:8000/s/{SPACE}">' in page


@pytest.mark.parametrize("source", [*UNFINISHED, Lifecycle.PUBLISHED])
def test_the_site_map_names_no_address_that_leads_on(house: House, source: Lifecycle) -> None:
    told = house.open(moved(source), there(Lifecycle.SCHEDULED)).ask("/sitemap.xml").text
    assert f"/s/{SPACE}<" not in told
    assert f"<loc>{NEW}</loc>" in told


@pytest.mark.parametrize("target", [Lifecycle.SCHEDULED, Lifecycle.LIVE, Lifecycle.PUBLISHED])
def test_search_engines_take_the_other_page_for_one_that_moved(house: House, target: Lifecycle) -> None:
    page = house.open(moved(), there(target)).ask(f"/s/{SPACE}?stay", accept="text/html").text
    assert f'<link rel="canonical" href="{NEW}">' in page
    assert "application/ld+json" not in page
    assert 'name="robots"' not in page


def test_a_page_whose_other_they_must_not_learn_is_not_found_either(house: House) -> None:
    house.open(moved(), there(visibility=Visibility.UNLISTED))
    page = house.ask(f"/s/{SPACE}?stay", accept="text/html").text
    assert '<meta name="robots" content="noindex">' in page
    assert "application/ld+json" not in page


def test_both_recordings_are_listed(house: House) -> None:
    house.open(moved(Lifecycle.PUBLISHED), there(Lifecycle.PUBLISHED, run=RUN))
    home = house.ask("/", accept="text/html").text
    assert f"/s/{SPACE}" in home
    assert f"/s/{THERE}" in home


@pytest.mark.parametrize("target", [*UNFINISHED, *OVER])
def test_a_listed_recording_leads_to_itself_wherever_its_space_has_moved(
    house: House, target: Lifecycle
) -> None:
    house.open(moved(Lifecycle.PUBLISHED), there(target))
    (listed,) = re.findall(rf'href="(/s/{SPACE}[^"]*)"', house.ask("/", accept="text/html").text)
    page = house.ask(listed, accept="text/html")
    assert page.status == 200
    assert "<title>The evening that failed" in page.text


def test_a_target_that_is_gone_leaves_the_page_as_it_was(house: House) -> None:
    house.open(moved(), there())
    house.directory.take_state(Removed(space=THERE))
    house.clock.advance(ms=2000)
    assert house.ask(f"/s/{SPACE}", accept="text/html").status == 200
    assert house.ask(f"/s/{SPACE}/status.json").json()["moved"] is None


def test_a_hidden_space_says_why_at_its_address_and_is_nowhere_else(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    house.directory.take_state(Removed(space=SPACE, reason="It called for violence <b>."))
    page = house.ask(f"/s/{SPACE}", accept="text/html")
    assert page.status == 410
    assert "hidden by an operator" in page.text
    assert "It called for violence &lt;b&gt;." in page.text
    told = house.ask(f"/s/{SPACE}/status.json").json()["error"]
    assert (told["code"], told["detail"]["reason"]) == ("space_hidden", "It called for violence <b>.")
    assert house.ask(f"/s/{SPACE}/join", method="POST").status == 410
    for path in ("/", "/feed.atom", "/sitemap.xml"):
        assert SPACE not in house.ask(path, accept="text/html").text
    house.directory.take_state(space_state(Lifecycle.PUBLISHED))
    assert house.ask(f"/s/{SPACE}", accept="text/html").status == 200
    house.directory.take_state(Removed(space=SPACE))
    assert house.ask(f"/s/{SPACE}", accept="text/html").status == 404
