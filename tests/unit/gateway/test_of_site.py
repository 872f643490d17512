"""The site's own pages and looks, hosts' pages, notices, and what a status says besides."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.bus.messages import (
    Audience,
    DoorOrder,
    Heard,
    HostState,
    Lifecycle,
    Notice,
    Pinned,
    RecordingPolicy,
    Role,
    SiteState,
    Visibility,
)
from rostra.core import words
from rostra.core.ids import AccountId, SpaceId
from rostra.core.settings import Settings
from rostra.gateway.accent import Accent, contrast
from rostra.gateway.stored import kept
from rostra.store.tables import Table

from .conftest import SPACE, House, space_state

NASTY = "<script>alert(1)</script>"
NOTICES = (
    Notice(notice="notice33", text="Ten minutes late", at=1_700_000_000_500, author="Ada"),
    Notice(notice="notice22", text="Slides", at=1_700_000_000_000, author="Ada", link="https://x.example/"),
)


@pytest.mark.parametrize("path", ["/", f"/s/{SPACE}", "/privacy", "/site.css"])
def test_what_a_page_is_made_of_leaves_its_connection_to_what_it_asks_next(house: House, path: str) -> None:
    house.open(space_state(lifecycle=Lifecycle.LIVE))
    assert house.ask(path).status == 200
    assert house.expects_more


@pytest.mark.parametrize(
    ("path", "method"),
    [("/status.json", "GET"), (f"/s/{SPACE}/status.json", "GET"), (f"/s/{SPACE}/join", "POST")],
)
def test_who_is_told_when_to_come_again_comes_by_another(house: House, path: str, method: str) -> None:
    house.open(space_state(lifecycle=Lifecycle.LIVE))
    assert house.ask(path, method=method).status == 200
    assert not house.expects_more


def test_the_status_says_what_everyone_should_know(house: House) -> None:
    house.open(
        space_state(
            notices=NOTICES,
            host_handle="ada",
            host_verified=True,
            visibility=Visibility.UNLISTED,
            recording_policy=RecordingPolicy.HOLD,
        )
    )
    status = house.ask(f"/s/{SPACE}/status.json").json()
    assert (status["host_handle"], status["host_verified"]) == ("ada", True)
    assert (status["visibility"], status["recording_policy"]) == ("unlisted", "hold")
    assert status["notices"][0] == {
        "id": "notice33",
        "text": "Ten minutes late",
        "link": "",
        "author": "Ada",
        "at": 1_700_000_000_500,
        "permalink": f"http://door.example:8000/s/{SPACE}#n-notice33",
    }
    assert [notice["id"] for notice in status["notices"]] == ["notice33", "notice22"]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//x", " https://x.example/"])
def test_a_notice_links_to_the_web_or_nowhere(house: House, link: str) -> None:
    house.open(space_state(notices=(Notice(notice="n", text="Look", at=1, author="Ada", link=link),)))
    assert house.ask(f"/s/{SPACE}/status.json").json()["notices"][0]["link"] == ""
    assert link not in house.ask(f"/s/{SPACE}", accept="text/html").text


@pytest.mark.parametrize("lifecycle", [Lifecycle.SCHEDULED, Lifecycle.LIVE, Lifecycle.PUBLISHED])
def test_a_notice_is_on_the_home_page_and_the_event_page_at_once(house: House, lifecycle: Lifecycle) -> None:
    house.open(space_state(lifecycle))
    paths = ("/", f"/s/{SPACE}")
    assert not any("Ten minutes late" in house.ask(path, accept="text/html").text for path in paths)
    house.directory.take_state(space_state(lifecycle, notices=NOTICES))
    assert all("Ten minutes late" in house.ask(path, accept="text/html").text for path in paths)
    assert 'id="n-notice33"' in house.ask(f"/s/{SPACE}", accept="text/html").text


def test_the_operators_name_for_the_site_is_on_every_page(house: House) -> None:
    house.open(space_state(host_handle="ada"))
    house.directory.take_site(SiteState(name="Radio Ñandú", imprint="Who we are", terms="Be kind"))
    for path in ("/", f"/s/{SPACE}", "/privacy", "/imprint", "/terms", "/nowhere"):
        assert "Radio Ñandú" in house.ask(path, accept="text/html").text, path
    assert house.ask("/card.png").body == "PNG Radio Ñandú".encode()


@pytest.mark.parametrize("path", ["/", "/h/ada"])
def test_a_link_to_the_site_or_to_a_host_is_shared_with_the_sites_card(house: House, path: str) -> None:
    house.open(space_state(host_handle="ada"))
    house.directory.take_site(SiteState(name="Radio Ñandú"))
    page = house.ask(path, accept="text/html").text
    assert '<meta property="og:image" content="http://door.example:8000/card.png">' in page
    assert '<meta property="og:site_name" content="Radio Ñandú">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_every_card_has_the_colour_of_the_site(house: House) -> None:
    house.open(space_state())
    house.directory.take_site(SiteState(name="Rostra", color="#a03050"))
    for path in ("/card.png", f"/s/{SPACE}/card.png"):
        assert house.ask(path).body.endswith(b"#a03050"), path


def test_a_site_without_imprint_or_terms_has_no_such_page(house: House) -> None:
    house.open()
    assert house.ask("/imprint").status == house.ask("/terms").status == 404


def test_the_sites_texts_are_paragraphs_and_nothing_but_text(house: House) -> None:
    house.open()
    house.directory.take_site(SiteState(name="Site", terms=f"One\n\n{NASTY}\r\n\r\nThree"))
    page = house.ask("/terms", accept="text/html").text
    assert NASTY not in page
    assert page.count("<p") >= 3
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_privacy_page_states_every_fact_with_the_times_that_hold(house: House, language: str) -> None:
    page = house.open().ask("/privacy", accept="text/html", accept_language=language).text
    for fact in kept(Settings()):
        for part in ("what", "where", "until"):
            key = f"door.kept.{fact.name}.{part}"
            assert key in words.CATALOGUES[language], key
            text = words.say(language, key, **fact.values)
            assert text.replace("'", "&#39;") in page, key
            assert "{" not in text
            assert text[0].isupper() or text[0].isdigit(), key
    assert "30 " in words.say(language, "door.kept.session.until", days=30)


def test_the_privacy_page_tells_of_what_players_say_only_where_they_say_it() -> None:
    direct, behind = Settings(), Settings(edge_behind_cache=True)
    asked_by_one = Settings(edge_trusted_listen="127.0.0.1:8004")
    names = [[fact.name for fact in kept(settings)] for settings in (direct, behind, asked_by_one)]
    assert ["beacon" in each for each in names] == [False, True, True]


TOLD = {
    "accounts": "account",
    "api_tokens": "token",
    "audit": "audit",
    "blocks": "block",
    "consents": "consent",
    "floor_requests": "asking",
    "invitations": "link",
    "invited": "invited",
    "mutes": "space",
    "notices": "space",
    "passkeys": "account",
    "reminders": "reminder",
    "reports": "report",
    "reserved_links": "reserved",
    "resets": "link",
    "sessions": "session",
    "sound_checks": "check",
    "spaces": "space",
    "speaker_links": "speaker",
}
OF_NOBODY = {"door_order", "edge_pace", "site", "space_orders"}


def test_the_privacy_page_tells_of_every_table_that_is_about_people() -> None:
    """Whoever adds a table says here which line of the page tells of it."""
    assert set(Table.metadata.tables) == TOLD.keys() | OF_NOBODY
    assert {*TOLD.values(), "attempt", "asked"} <= {fact.name for fact in kept(Settings())}


STORED = {
    "rostra.anew": "anew",
    "rostra.ask": "request",
    "rostra.captions": "captions",
    "rostra.data_saver": "saver",
    "rostra.key": "speaker",
    "rostra.microphone": "microphone",
    "rostra.name": "name",
    "rostra.place": "place",
    "rostra.push_to_talk": "push_to_talk",
    "rostra.without_mute_key": "without_mute_key",
    "rostra.remind": "reminder",
    "rostra.reserved": "reserved",
    "rostra.ticket": "listening",
}
COOKIES = {"lang": "language", "on_stage": "on_stage", "rostra_browser": "browser"}
NOT_STORED = {"rostra.events", "rostra.studio"}
"""What marks notes in the audio, and a channel between tabs."""
NAMES_NOTHING = {
    *("event/elsewhere.ts", "speaking/request.ts"),
    *("event/main.ts", "event/onward.ts", "event/place.ts"),
}
"""Reads another page's cookie, or is handed the key; or has it from ``event/remembered.ts``."""


def _cookies(script: str) -> set[str]:
    """Return the names of the cookies that ``script`` writes."""
    constants = dict(re.findall(r"^const (\w+) = '(\w+)'", script, re.MULTILINE))
    written = re.findall(r"document\.cookie = `(?:\$\{(\w+)\}|(\w+))=", script)
    return {constants[constant] if constant else name for constant, name in written}


def test_the_privacy_page_names_all_that_pages_store_in_a_browser() -> None:
    """Whoever lets a page remember something more adds its key here and the row there."""
    web = Path(__file__).parents[3] / "web" / "src"
    scripts = {
        path.relative_to(web).as_posix(): path.read_text()
        for path in web.rglob("*")
        if path.suffix in {".ts", ".svelte"} and ".test." not in path.name
    }
    keys = {file: {*re.findall(r"['\"`](rostra\.[a-z_]+)", text)} for file, text in scripts.items()}
    cookies = {file: _cookies(text) for file, text in scripts.items()}
    assert set().union(*keys.values()) - NOT_STORED == STORED.keys()
    assert set().union(*cookies.values()) == COOKIES.keys()
    storing = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|\bremembered\(")
    using = {file for file, text in scripts.items() if storing.search(text)}
    assert {file for file in using if not keys[file] | cookies[file]} == NAMES_NOTHING
    assert {*STORED.values(), *COOKIES.values()} <= {fact.name for fact in kept(Settings())}
    for key, name in STORED.items():
        for language in ("en", "es"):
            assert key in words.say(language, f"door.kept.{name}.where"), (language, key)


def test_a_hosts_page_shows_what_they_say_about_themselves_and_their_picture(house: House) -> None:
    host = AccountId("hosthost2222")
    house.open(space_state(host=host, host_handle="ada"))
    assert house.ask("/h/ada/picture").status == 404
    assert "portrait" not in house.ask("/h/ada", accept="text/html").text
    picture = "data:image/webp;base64," + b64encode(b"RIFF a picture").decode()
    house.directory.take_host(HostState(host=host, bio=f"Counts. {NASTY}", picture=picture))
    page = house.ask("/h/ada", accept="text/html").text
    assert "Counts. &lt;script&gt;" in page
    assert 'src="/h/ada/picture"' in page
    answer = house.ask("/h/ada/picture")
    assert (answer.status, answer.headers["content-type"], answer.body) == (
        200,
        "image/webp",
        b"RIFF a picture",
    )
    house.directory.take_host(HostState(host=host, picture="data:text/html;base64,PGI+"))
    assert house.ask("/h/ada/picture").status == 404


def test_whoever_hosts_nothing_public_has_no_picture_in_the_open(house: House) -> None:
    host = AccountId("hosthost2222")
    house.open(space_state(host=host, host_handle="ada", visibility=Visibility.UNLISTED))
    house.directory.take_host(HostState(host=host, picture="data:image/webp;base64,UklGRg=="))
    assert house.ask("/h/ada/picture").status == 404


def test_a_hosts_page_shows_what_is_to_come_and_what_was(house: House) -> None:
    house.open(
        space_state(host_handle="ada", host_verified=True, title="To come"),
        space_state(Lifecycle.PUBLISHED, space=SpaceId("22222222"), host_handle="ada", title="Gone by"),
        space_state(space=SpaceId("33333333"), host_handle="bob", title="Somebody else's"),
    )
    page = house.ask("/h/ada", accept="text/html")
    assert page.status == 200
    assert page.text.index("To come") < page.text.index("Gone by")
    assert "Somebody else" not in page.text
    assert "/h/ada/events.ics" in page.text


@pytest.mark.parametrize(
    "path", ["/h/", "/h/nobody", "/h/ada/nothing", "/h/%00", "/h/%ff", "/h/../s", "/h/ada/"]
)
def test_no_such_host_is_no_page(house: House, path: str) -> None:
    house.open(space_state(host_handle="ada" if path != "/h/ada/" else ""))
    assert house.ask(path).status == 404


def test_the_sites_colour_is_a_sheet_of_its_own(house: House) -> None:
    house.open()
    house.directory.take_site(SiteState(name="Site", color="#0a5FFF"))
    page = house.ask("/", accept="text/html").text
    assert '<link rel="stylesheet" href="/site.css?v=0a5fff">' in page
    sheet = house.ask("/site.css")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "--lamp: #0a5fff; --on-lamp: #ffffff;" in sheet.text


@pytest.mark.parametrize("color", ["", "red", "#12345", "#1234567", "#12345g", "#123456;}*{x:y", "#١٢٣٤٥٦"])
def test_nothing_but_a_colour_is_one(color: str) -> None:
    assert Accent.of(color) is None


@given(st.integers(0, 0xFFFFFF))
def test_text_is_readable_on_every_colour(number: int) -> None:
    accent = Accent.of(f"#{number:06x}")
    assert accent is not None
    assert contrast(accent.color, accent.ink) >= 4.5


def test_a_notice_whose_author_left_says_so_in_the_reader_s_language(house: House) -> None:
    house.open(space_state(notices=(Notice(notice="n", text="Look", at=1, author=""),)))
    for language, name in (("en", "A former member"), ("es", "Alguien que ya no está")):
        page = house.ask(f"/s/{SPACE}", accept="text/html", accept_language=language).text
        assert f"<bdi>{name}</bdi>" in page


def test_a_host_who_left_is_called_so_in_the_reader_s_language(house: House) -> None:
    house.open(space_state(host_name="", host_handle="", announced=("",)))
    for language, name in (("en", "A former member"), ("es", "Alguien que ya no está")):
        page = house.ask(f"/s/{SPACE}", accept="text/html", accept_language=language).text
        assert f"<bdi>{name}</bdi>" in page


def test_the_home_page_carries_the_edition_that_its_script_compares(house: House) -> None:
    house.open(space_state())
    told = house.ask("/status.json")
    assert (told.status, told.headers["cache-control"]) == (200, "max-age=1")
    assert f'data-edition="{told.json()["edition"]}" data-poll="1500"' in house.ask("/").text


def test_a_notice_a_start_and_a_late_host_make_a_new_edition_and_nothing_else_does(house: House) -> None:
    house.open(space_state(revision=1))
    seen = [_edition(house)]
    house.directory.take_state(space_state(revision=2, notices=NOTICES))
    seen.append(_edition(house))
    house.directory.take_state(space_state(Lifecycle.LIVE, revision=3))
    seen.append(_edition(house))
    house.clock.advance(ms=5_000)
    assert _edition(house) == seen[-1]
    house.directory.take_state(space_state(revision=4))
    house.clock.advance(ms=3_600_000)
    seen.append(_edition(house))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("path", ["/", "/h/ada"])
def test_a_list_tells_how_many_listen_as_the_event_page_does(house: House, path: str) -> None:
    house.open(space_state(Lifecycle.LIVE, host_handle="ada"))
    _listen(house, 1_234)
    assert "Live · 1,234 listening" in house.ask(path).text
    _listen(house, 1_234, estimated=True)
    assert "Live · ≈1,234 listening" in house.ask(path).text
    house.rooms.take_order(DoorOrder(rung="quiet"))
    _listen(house, 1_234)
    assert "Live · ≈1,200 listening" in house.ask(path).text
    _listen(house, 0, estimated=True)
    assert "listening" not in house.ask(path).text


def test_open_lists_learn_that_the_audience_has_grown_and_not_of_each_who_comes(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    seen = []
    for listeners in (1, 2, 40, 43, 49, 51):
        _listen(house, listeners)
        seen.append(_edition(house))
    assert seen[2] == seen[3] == seen[4]
    assert len(set(seen)) == 4
    _listen(house, 51, estimated=True)
    assert _edition(house) not in seen


def test_what_is_not_listed_makes_no_new_edition(house: House) -> None:
    house.open(space_state())
    before = _edition(house)
    house.directory.take_state(space_state(space=SpaceId("zyxwvutsrq"), visibility=Visibility.UNLISTED))
    assert _edition(house) == before


def test_pages_are_told_to_ask_less_often_the_more_of_them_do(tmp_path: Path) -> None:
    house = House(tmp_path, poll_rate=1).open(space_state())
    assert house.ask(f"/s/{SPACE}/status.json").json()["poll_ms"] == 1500
    for _ in range(9):
        house.ask("/status.json")
    house.clock.advance(ms=1001)
    assert house.ask(f"/s/{SPACE}/status.json").json()["poll_ms"] > 5000


def _listen(house: House, listeners: int, *, estimated: bool = False) -> None:
    told = Audience(space=SPACE, worker=0, listeners=listeners, estimated=estimated)
    house.directory.take_audience(told)
    house.clock.advance(ms=1_001)


def _edition(house: House) -> str:
    edition: str = house.ask("/status.json").json()["edition"]
    return edition


HEARD = (
    Heard(name="Ada Lovelace", role=Role.HOST),
    Heard(name="Sam", role=Role.SPEAKER, guest=True),
    Heard(name="", role=Role.SPEAKER),
)


@pytest.mark.parametrize("path", ["/", "/h/ada"])
def test_lists_say_of_a_guest_that_they_are_one(house: House, path: str) -> None:
    state = space_state(Lifecycle.PUBLISHED, heard=HEARD, host_handle="ada")
    page = house.open(state).ask(path, accept="text/html").text
    assert "<bdi>Ada Lovelace</bdi>, <bdi>Sam</bdi> (guest), <bdi>A former member</bdi>" in page


def test_a_recordings_page_names_everybody_as_the_stage_did(house: House) -> None:
    state = space_state(Lifecycle.PUBLISHED, heard=HEARD)
    page = house.open(state).ask(f"/s/{SPACE}", accept="text/html").text
    cards = re.findall(r'<b dir="auto">(.*?)</b><small>(.*?)</small>', page)
    assert cards == [("Ada Lovelace", "Host"), ("Sam", "Speaker · guest"), ("A former member", "Speaker")]


def test_everybody_sees_who_pinned_the_link(house: House) -> None:
    state = space_state(Lifecycle.LIVE, pinned=Pinned(link="https://x.example/", label="Slides"))
    page = house.open(state).ask(f"/s/{SPACE}", accept="text/html").text
    (pinned,) = re.findall(r'<p class="pinned" id="pinned">(.*?)</p>', page)
    assert re.sub("<[^>]*>", "", pinned) == "Pinned by the host: Slides"
    assert "visually-hidden" not in pinned
