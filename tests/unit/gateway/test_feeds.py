"""The feed, the site map, the rules for crawlers and the event for search engines."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostra.bus.messages import Lifecycle, RecordingPolicy, SiteState, Visibility
from rostra.core import words
from rostra.core.ids import SpaceId

from .conftest import RUN, SPACE, START_MS, House, space_state

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NASTY = "]]></title><script>alert(1)</script>&amp;<!--\x00\x0b\ufffe\u2028\"'"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _feed(house: House, **headers: str) -> ElementTree.Element:
    answer = house.ask("/feed.atom", **headers)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.body)


def _links(parent: ElementTree.Element) -> dict[str | None, ElementTree.Element]:
    return {link.get("rel"): link for link in parent.findall(f"{ATOM}link")}


def test_the_feed_holds_what_a_reader_needs(house: House) -> None:
    house.open(space_state(host_handle="ada", updated_at=START_MS))
    feed = _feed(house)
    (entry,) = feed.findall(f"{ATOM}entry")
    for parent in (feed, entry):  # RFC 4287, 4.1.1 and 4.1.2: exactly one of each.
        for name in ("id", "title", "updated"):
            (element,) = parent.findall(f"{ATOM}{name}")
            assert element.text
        assert RFC3339.fullmatch(parent.findtext(f"{ATOM}updated") or "")
    assert _links(feed)["self"].get("href") == "http://door.example:8000/feed.atom"
    assert _links(entry)["alternate"].get("href") == f"http://door.example:8000/s/{SPACE}"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada Lovelace"
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == "http://door.example:8000/h/ada"
    assert "enclosure" not in _links(entry)


def test_a_published_recording_is_its_entrys_enclosure(house: House) -> None:
    house.open(space_state(Lifecycle.PUBLISHED))
    (entry,) = _feed(house).findall(f"{ATOM}entry")
    enclosure = _links(entry)["enclosure"]
    assert enclosure.get("href") == f"http://door.example:8001/r/{SPACE}/{RUN}/aac64.mp4"
    assert (enclosure.get("type"), enclosure.get("length")) == ("audio/mp4", "30000000")


@pytest.mark.parametrize(
    ("lifecycle", "policy"),
    [
        (Lifecycle.ENDED, RecordingPolicy.HOLD),
        (Lifecycle.HELD, RecordingPolicy.HOLD),
        (Lifecycle.ENDED, RecordingPolicy.DELETE),
        (Lifecycle.DELETED, RecordingPolicy.PUBLISH),
        (Lifecycle.CANCELLED, RecordingPolicy.PUBLISH),
    ],
)
def test_what_cannot_be_heard_is_on_no_page_but_stays_in_the_feed(
    house: House, lifecycle: Lifecycle, policy: RecordingPolicy
) -> None:
    house.open(space_state(lifecycle, recording_policy=policy))
    (entry,) = _feed(house).findall(f"{ATOM}entry")
    assert "enclosure" not in _links(entry)
    assert SPACE not in house.ask("/", accept="text/html").text


def test_a_subscriber_learns_of_a_cancellation(house: House) -> None:
    house.open(space_state(updated_at=START_MS))
    before = _feed(house)
    house.directory.take_state(space_state(Lifecycle.CANCELLED, updated_at=START_MS + 1000))
    after = _feed(house)
    changed = [feed.findtext(f"{ATOM}entry/{ATOM}updated") or "" for feed in (before, after)]
    assert changed[0] < changed[1]
    assert (after.findtext(f"{ATOM}entry/{ATOM}summary") or "").startswith("This conversation was cancelled.")


def test_what_nobody_started_leaves_the_feed_after_a_day(house: House) -> None:
    house.open(space_state())
    assert _feed(house).findall(f"{ATOM}entry")
    house.clock.advance(ms=25 * 3600 * 1000)
    assert _feed(house).findall(f"{ATOM}entry") == []


def test_what_bears_an_account_s_address_bears_its_name_whoever_is_the_host_on_stage(house: House) -> None:
    house.open(space_state(host_name="Bob", account_name="Ann", host_handle="ann", announced=("Bob",)))
    (entry,) = _feed(house).findall(f"{ATOM}entry")
    author = entry.find(f"{ATOM}author")
    assert author is not None
    assert [each.text for each in author] == ["Ann", "http://door.example:8000/h/ann"]
    document = _event_document(house)
    assert document["organizer"]["name"] == "Ann"
    assert [each["name"] for each in document["performer"]] == ["Bob"]
    page = house.ask("/h/ann", accept="text/html").text
    assert "<h1>Ann</h1>" in page
    assert "<title>Ann ·" in page
    assert "X-WR-CALNAME:Ann ·" in house.ask("/h/ann/events.ics").text
    assert words.say("en", "door.host.title", name="Ann") in house.ask(f"/s/{SPACE}", accept="text/html").text


def test_a_page_that_no_list_names_leads_to_no_hosts_page_which_may_not_be_there(house: House) -> None:
    house.open(space_state(visibility=Visibility.UNLISTED, account_name="Ann", host_handle="ann"))
    assert house.ask("/h/ann", accept="text/html").status == 404
    assert "/h/ann" not in house.ask(f"/s/{SPACE}", accept="text/html").text


def test_an_entry_keeps_its_id_for_good(house: House) -> None:
    house.open(space_state())
    before = _feed(house).findtext(f"{ATOM}entry/{ATOM}id")
    house.directory.take_state(space_state(Lifecycle.LIVE, title="Another title"))
    assert _feed(house, accept_language="es").findtext(f"{ATOM}entry/{ATOM}id") == before


def test_an_empty_site_has_a_valid_feed(house: House) -> None:
    house.open()
    assert _feed(house).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


texts = st.text(st.characters(codec="utf-8"), max_size=100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(texts | st.just(NASTY), texts | st.just(NASTY))
def test_whatever_the_title_the_feed_is_well_formed(house: House, title: str, name: str) -> None:
    house.open(space_state(title=title, description=title, host_name=name))
    house.directory.take_site(SiteState(name=name))
    (entry,) = _feed(house).findall(f"{ATOM}entry")
    readable = [char for char in title if char.isalnum()]
    assert [char for char in entry.findtext(f"{ATOM}title") or "" if char.isalnum()] == readable
    assert len(list(entry)) == 7


def test_the_site_map_names_pages_that_exist(house: House) -> None:
    house.open(space_state(host_handle="ada"), space_state(Lifecycle.CANCELLED, space=SpaceId("22222222")))
    root = ElementTree.fromstring(house.ask("/sitemap.xml").body)
    assert root.tag == f"{SITEMAP}urlset"
    addresses = [url.findtext(f"{SITEMAP}loc") or "" for url in root]
    assert set(addresses) == {
        "http://door.example:8000/",
        "http://door.example:8000/h/ada",
        f"http://door.example:8000/s/{SPACE}",
    }
    for address in addresses:
        assert house.ask(address.removeprefix("http://door.example:8000")).status == 200


def test_crawlers_are_told_where_the_map_is_and_what_is_no_page(house: House) -> None:
    house.open(space_state(title="x\nDisallow: /\nSitemap: http://evil.example/"))
    lines = house.ask("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /s/*/join" in lines
    assert "Disallow: /" not in lines
    assert [line for line in lines if line.startswith("Sitemap:")] == [
        "Sitemap: http://door.example:8000/sitemap.xml"
    ]


def _event_document(house: House, **headers: str) -> dict[str, Any]:
    page = house.ask(f"/s/{SPACE}", accept="text/html", **headers).text
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    document: dict[str, Any] = json.loads(found[0])
    return document


def test_a_search_engine_reads_an_event(house: House) -> None:
    house.open(space_state(host_handle="ada"))
    event = _event_document(house)
    address = f"http://door.example:8000/s/{SPACE}"
    assert (event["@context"], event["@type"]) == ("https://schema.org", "Event")
    assert event["name"] == "The evening that failed"
    assert event["startDate"] == "2023-11-14T22:23:20Z"
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["location"] == {"@type": "VirtualLocation", "url": address}
    assert event["organizer"] == {
        "@type": "Person",
        "name": "Ada Lovelace",
        "url": "http://door.example:8000/h/ada",
    }


def test_a_search_engine_is_told_of_a_cancelled_event_and_of_a_recording(house: House) -> None:
    house.open(space_state(Lifecycle.CANCELLED))
    assert _event_document(house)["eventStatus"] == "https://schema.org/EventCancelled"
    house.directory.take_state(space_state(Lifecycle.PUBLISHED))
    recording = _event_document(house)["recordedIn"]
    assert recording["contentUrl"] == f"http://door.example:8001/r/{SPACE}/{RUN}/aac64.mp4"
    assert recording["duration"] == "PT3723S"
    house.directory.take_state(space_state(Lifecycle.HELD, recording_policy=RecordingPolicy.HOLD))
    assert "recordedIn" not in _event_document(house)


def test_a_search_engine_is_told_of_another_start(house: House) -> None:
    house.open(space_state(starts_before=START_MS - 3_600_000))
    event = _event_document(house)
    assert event["eventStatus"] == "https://schema.org/EventRescheduled"
    assert (event["previousStartDate"], event["startDate"]) == (
        "2023-11-14T21:23:20Z",
        "2023-11-14T22:23:20Z",
    )
    house.directory.take_state(space_state(Lifecycle.CANCELLED, starts_before=START_MS - 3_600_000))
    assert _event_document(house)["eventStatus"] == "https://schema.org/EventCancelled"


def test_an_event_document_speaks_as_its_page_does(house: House) -> None:
    house.open(space_state(host_name=""))
    event = _event_document(house, accept_language="es")
    assert event["organizer"]["name"] == event["performer"][0]["name"] == "Alguien que ya no está"


def test_a_hostile_title_stays_inside_the_event_document(house: House) -> None:
    house.open(space_state(title=NASTY, description=NASTY, host_name=NASTY, announced=(NASTY, NASTY)))
    event = _event_document(house)
    assert event["name"] == event["description"] == event["organizer"]["name"] == NASTY
