"""Every address in every state of a space, as a visitor meets it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostra.admission.passes import LISTENER, PREVIEWER
from rostra.admission.tickets import Keyring, TicketKey, check
from rostra.bus.messages import (
    Audience,
    Lifecycle,
    RecordingPolicy,
    Removed,
    Role,
    Speaker,
    StageReport,
    Visibility,
)
from rostra.core.ids import SpaceId, SpeakerId
from rostra.core.role import RoleContext
from rostra.core.settings import Settings
from rostra.gateway import worker as door
from rostra.gateway.origins import MOST_NAMES
from rostra.gateway.pages import Pages
from rostra.gateway.report_box import ReportBox

from .conftest import KEYS, RUN, SPACE, START_MS, House, a_pass, space_state

RING = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
RECORDED = (Lifecycle.ENDED, Lifecycle.PUBLISHED)
"""As ``space_state`` makes them, with a recording to be published."""
NOT_LIVE = [state for state in Lifecycle if state is not Lifecycle.LIVE]
PLAYERS = {
    "live.m3u8": "index.m3u8",
    "live.mpd": "manifest.mpd",
    "radio.aac": "radio.aac",
    "radio.opus": "radio.opus",
    "radio.mp3": "radio.mp3",
}
EDGE = "http://door.example:8001"


def _report(*speakers: Speaker) -> StageReport:
    return StageReport(space=SPACE, live=True, speakers=speakers)


def _speaker(**changes: object) -> Speaker:
    fields = {"speaker": SpeakerId("speaker2"), "name": "Ada", "role": Role.HOST}
    return Speaker(**(fields | changes))  # type: ignore[arg-type]  # a test's shorthand


def said_before_the_start(lifecycle: Lifecycle) -> str:
    """Whoever waits keeps the countdown, though speakers meet in the lobby already."""
    return "scheduled" if lifecycle is Lifecycle.LOBBY else lifecycle.value


@pytest.mark.parametrize("lifecycle", list(Lifecycle))
def test_the_event_page_stands_in_every_state(house: House, lifecycle: Lifecycle) -> None:
    page = house.open(space_state(lifecycle)).ask(f"/s/{SPACE}", accept="text/html")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "The evening that failed" in page.text
    assert f'data-state="{said_before_the_start(lifecycle)}"' in page.text
    assert (
        f'<meta property="og:image" content="http://door.example:8000/s/{SPACE}/card.png?v=3">' in page.text
    )


@pytest.mark.parametrize("lifecycle", list(Lifecycle))
def test_the_status_file_says_where_a_space_stands(house: House, lifecycle: Lifecycle) -> None:
    answer = house.open(space_state(lifecycle)).ask(f"/s/{SPACE}/status.json")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "max-age=1"
    assert answer.headers["access-control-allow-origin"] == "*"
    status = answer.json()
    assert (status["v"], status["space"], status["state"]) == (1, SPACE, said_before_the_start(lifecycle))
    assert (status["title"], status["host"]) == ("The evening that failed", "Ada Lovelace")
    assert status["starts_at"] == START_MS
    assert status["now"] == 1_700_000_000_000
    assert len(answer.body) < 1024


@pytest.mark.parametrize("lifecycle", NOT_LIVE)
def test_joining_a_space_whose_room_is_closed_is_refused_with_the_reason(
    house: House, lifecycle: Lifecycle
) -> None:
    later = space_state(lifecycle, starts_at=START_MS + 3_600_000)
    answer = house.open(later).ask(f"/s/{SPACE}/join", method="POST")
    assert answer.status == 409
    error = answer.json()["error"]
    assert error["code"] == "not_live"
    assert error["detail"] == {"state": said_before_the_start(lifecycle)}
    assert error["message"].startswith("This conversation ")


@pytest.mark.parametrize("lifecycle", NOT_LIVE)
@pytest.mark.parametrize("leaf", PLAYERS)
def test_a_player_that_comes_while_nothing_is_live_is_told_so(
    house: House, lifecycle: Lifecycle, leaf: str
) -> None:
    answer = house.open(space_state(lifecycle)).ask(f"/s/{SPACE}/{leaf}")
    if lifecycle is Lifecycle.DELETED:
        assert (answer.status, answer.json()["error"]["code"]) == (410, "recording_deleted")
    elif lifecycle in RECORDED:
        assert answer.status == 302
    else:
        assert (answer.status, answer.json()["error"]["code"]) == (409, "not_live")


@pytest.mark.parametrize(
    ("leaf", "target"),
    [("live.m3u8", "index.m3u8"), ("live.mpd", "manifest.mpd"), ("radio.aac", "aac64.mp4")],
)
def test_a_player_that_comes_after_the_end_gets_the_recording(house: House, leaf: str, target: str) -> None:
    answer = house.open(space_state(Lifecycle.PUBLISHED)).ask(f"/s/{SPACE}/{leaf}")
    assert answer.headers["location"] == f"{EDGE}/r/{SPACE}/{RUN}/{target}"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(("leaf", "target"), [("live.m3u8", "index.m3u8"), ("live.mpd", "manifest.mpd")])
def test_a_player_with_a_pass_gets_a_held_or_private_recording_by_a_ticket(
    house: House, leaf: str, target: str
) -> None:
    house.open(space_state(Lifecycle.HELD))
    address = f"/s/{SPACE}/{leaf}"
    assert house.ask(address).json()["error"]["message"].endswith("until the host releases it.")
    assert house.ask(f"{address}?pass={a_pass(LISTENER)}").status == 409
    ticketed = rf"{EDGE}/t/[\w-]{{64}}/{SPACE}/r/{RUN}/{target}"
    held = house.ask(f"{address}?pass={a_pass(PREVIEWER)}")
    assert re.fullmatch(ticketed, held.headers["location"])
    house.open(space_state(Lifecycle.PUBLISHED, visibility=Visibility.PRIVATE))
    private = house.ask(f"{address}?pass={a_pass(LISTENER)}")
    assert re.fullmatch(ticketed, private.headers["location"])


def test_joining_a_live_space_gives_a_ticket_that_the_edge_accepts(house: House) -> None:
    answer = house.open(space_state(Lifecycle.LIVE)).ask(f"/s/{SPACE}/join", method="POST", body=b"{}")
    joined = answer.json()
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert joined.keys() == {"admitted", "ticket", "edge", "base", "run"}
    assert joined["admitted"] is True
    assert joined["run"] == RUN
    assert joined["edge"] == EDGE
    assert joined["base"] == f"{EDGE}/t/{joined['ticket']}/{SPACE}/"
    ticket = check(RING, joined["ticket"], space=SPACE, now_s=1_700_000_001)
    assert (ticket.admit_by_s, ticket.end_s) == (1_700_000_120, 1_700_086_400)


def test_two_who_join_are_two_listeners(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    tickets = [house.ask(f"/s/{SPACE}/join", method="POST").json()["ticket"] for _ in range(2)]
    first, second = (check(RING, text, space=SPACE, now_s=1_700_000_001) for text in tickets)
    assert first.listener != second.listener


@pytest.mark.parametrize(("leaf", "target"), PLAYERS.items())
def test_a_stable_player_address_leads_to_a_fresh_ticket(house: House, leaf: str, target: str) -> None:
    answer = house.open(space_state(Lifecycle.LIVE)).ask(f"/s/{SPACE}/{leaf}")
    assert answer.status == 302
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    found = re.fullmatch(rf"{EDGE}/t/([\w-]{{64}})/{SPACE}/{re.escape(target)}", answer.headers["location"])
    assert found is not None
    check(RING, found[1], space=SPACE, now_s=1_700_000_001)


def test_the_playlist_file_names_the_radio_address(house: House) -> None:
    answer = house.open(space_state(Lifecycle.LIVE, title="One\nTwo\r\nhttp://evil.example/")).ask(
        f"/s/{SPACE}/listen.m3u"
    )
    assert answer.headers["content-type"].startswith("audio/x-mpegurl")
    assert answer.text == (
        f"#EXTM3U\n#EXTINF:-1,One Two http://evil.example/\nhttp://door.example:8000/s/{SPACE}/radio.aac\n"
    )


def test_the_playlist_file_of_a_past_evening_names_its_recording(house: House) -> None:
    answer = house.open(space_state(Lifecycle.PUBLISHED)).ask(f"/s/{SPACE}/listen.m3u")
    assert answer.text.splitlines()[-1] == f"{EDGE}/r/{SPACE}/{RUN}/aac64.mp4"


@pytest.mark.parametrize(
    ("lifecycle", "status"),
    [(Lifecycle.HELD, 409), (Lifecycle.ENDED, 409), (Lifecycle.CANCELLED, 409), (Lifecycle.DELETED, 410)],
)
def test_where_there_is_nothing_to_hear_any_more_the_playlist_file_is_refused_as_the_radio_is(
    house: House, lifecycle: Lifecycle, status: int
) -> None:
    house.open(space_state(lifecycle, recording_policy=RecordingPolicy.HOLD))
    answers = [house.ask(f"/s/{SPACE}/{leaf}") for leaf in ("listen.m3u", "radio.aac")]
    assert [each.status for each in answers] == [status, status]
    assert answers[0].json()["error"] == answers[1].json()["error"]


@pytest.mark.parametrize("lifecycle", [Lifecycle.SCHEDULED, Lifecycle.LOBBY])
def test_the_playlist_file_of_what_is_to_come_names_the_radio_address_that_it_will_have(
    house: House, lifecycle: Lifecycle
) -> None:
    answer = house.open(space_state(lifecycle)).ask(f"/s/{SPACE}/listen.m3u")
    assert answer.text.splitlines()[-1] == f"http://door.example:8000/s/{SPACE}/radio.aac"


def test_a_host_who_does_not_come_is_late_by_the_clock_alone(house: House) -> None:
    house.open(space_state())
    house.clock.advance(ms=599_999)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "scheduled"
    house.clock.advance(ms=1_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "late"
    assert "Not started yet" in house.ask(f"/s/{SPACE}", accept="text/html").text
    assert "Not started yet" in house.ask("/", accept="text/html").text


def test_a_lobby_that_emptied_before_the_start_is_late_afterwards(house: House) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    house.directory.take_report(_report(_speaker()))
    house.clock.advance(ms=700_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "lobby"
    house.directory.take_report(_report(_speaker(connected=False)))
    house.clock.advance(ms=1_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "late"


def test_without_host_and_co_host_it_has_not_started_whoever_else_is_on_stage(house: House) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    house.directory.take_report(_report(_speaker(role=Role.SPEAKER, guest=True)))
    house.clock.advance(ms=700_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "late"
    assert "Not started yet" in house.ask(f"/s/{SPACE}", accept="text/html").text
    house.directory.take_report(_report(_speaker(role=Role.SPEAKER), _speaker(role=Role.COHOST)))
    house.clock.advance(ms=1_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "lobby"


def test_whoever_waits_keeps_the_countdown_while_speakers_meet_in_the_lobby(house: House) -> None:
    house.open(space_state(Lifecycle.LOBBY))
    house.directory.take_report(_report(_speaker()))
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "scheduled"
    house.clock.advance(ms=700_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["state"] == "lobby"


def test_who_is_on_stage_and_how_many_listen_is_in_the_status(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    house.directory.take_report(_report(_speaker(muted=True), _speaker(speaker="speaker3", connected=False)))
    for worker, listeners in enumerate((40, 2)):
        house.directory.take_audience(Audience(space=SPACE, worker=worker, listeners=listeners))
    status = house.ask(f"/s/{SPACE}/status.json").json()
    assert status["listeners"] == 42
    assert status["speakers"] == [
        {"id": "speaker2", "name": "Ada", "role": "host", "muted": True, "speaking": False, "guest": False}
    ]


def test_listeners_of_an_edge_that_fell_silent_are_not_counted_for_long(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    house.directory.take_audience(Audience(space=SPACE, worker=0, listeners=40))
    house.clock.advance(ms=14_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["listeners"] == 40
    house.clock.advance(ms=2_000)
    assert house.ask(f"/s/{SPACE}/status.json").json()["listeners"] == 0


@pytest.mark.parametrize("lifecycle", [Lifecycle.ENDED, Lifecycle.PUBLISHED])
def test_a_finished_space_says_where_its_recording_is(house: House, lifecycle: Lifecycle) -> None:
    status = house.open(space_state(lifecycle)).ask(f"/s/{SPACE}/status.json").json()
    folder = f"{EDGE}/r/{SPACE}/{RUN}"
    assert status["replay"] == {
        "mp4": f"{folder}/aac64.mp4",
        "hls": f"{folder}/index.m3u8",
        "dash": f"{folder}/manifest.mpd",
        "seconds": 3723.0,
    }


def test_the_page_of_a_recording_says_when_it_was_live_and_for_how_long(house: House) -> None:
    live_at = START_MS + 7 * 60_000
    lasted = {"live_at": live_at, "ended_at": live_at + 3_130_000}
    page = house.open(space_state(Lifecycle.LIVE, **lasted)).ask(f"/s/{SPACE}", accept="text/html").text
    assert ">Tue 14 Nov, 11:23 pm</time>" in page
    house.open(space_state(Lifecycle.PUBLISHED, revision=4, **lasted))
    page = house.ask(f"/s/{SPACE}", accept="text/html").text
    assert ">Tue 14 Nov, 11:30 pm</time>" in page
    assert '<span id="lasted">It was live for 52 min.</span>' in page


def test_the_page_of_what_is_live_early_says_when_it_was_announced(house: House) -> None:
    def page(early_s: int, revision: int) -> str:
        live_at = START_MS - early_s * 1000
        house.open(space_state(Lifecycle.LIVE, live_at=live_at, revision=revision))
        return house.ask(f"/s/{SPACE}", accept="text/html").text

    assert '<span id="lasted"></span>' in page(30, 4), "nobody is early by half a minute"
    early = page(20 * 60, 5)
    assert ">Tue 14 Nov, 11:03 pm</time>" in early
    assert '<span id="lasted">Live early: announced for 11:23 pm</span>' in early


def test_the_page_of_what_is_live_names_nobody_who_is_not_on_stage(house: House) -> None:
    everybody = ("Ada Lovelace", "Gus", "Lea")
    there = _speaker(speaker=SpeakerId("speaker3"), name="Lea", role=Role.SPEAKER)
    house.open(space_state(announced=everybody)).directory.take_report(_report(there))

    def named() -> list[str]:
        page = house.ask(f"/s/{SPACE}", accept="text/html").text
        line = re.search(r'<p class="with">(.*?)</p>', page, re.DOTALL)
        found = re.search(r'"performer": ?(\[.*?\])', page)
        assert line is not None
        assert found is not None
        names = re.findall(r"<bdi>(.*?)</bdi>", line[1])
        assert [each["name"] for each in json.loads(found[1])] == names, "nor do search engines"
        return names

    assert named() == list(everybody)
    house.open(space_state(Lifecycle.LIVE, announced=everybody, revision=4))
    assert named() == ["Lea"]
    house.open(space_state(Lifecycle.PUBLISHED, announced=everybody, revision=5))
    assert named() == list(everybody)


@pytest.mark.parametrize("policy", list(RecordingPolicy))
def test_a_space_whose_tape_was_lost_promises_no_recording(house: House, policy: RecordingPolicy) -> None:
    lost = space_state(
        Lifecycle.ENDED, recording=None, recording_policy=policy, ended_reason="The tape is damaged."
    )
    house.open(lost)
    status = house.ask(f"/s/{SPACE}/status.json").json()
    assert (status["state"], status["reason"], status["replay"]) == ("lost", "The tape is damaged.", None)
    page = house.ask(f"/s/{SPACE}", accept="text/html").text
    assert "Its recording was lost to a fault" in page
    for promise in ("being prepared", "until the host releases it", "being deleted"):
        assert promise not in page
    refused = house.ask(f"/s/{SPACE}/join", method="POST").json()["error"]
    assert refused["message"] == "This conversation has ended. Its recording was lost to a fault."


def test_a_burst_of_requests_renders_once_a_second(house: House) -> None:
    house.open(space_state())
    first = house.ask(f"/s/{SPACE}/status.json")
    house.clock.advance(ms=999)
    assert house.ask(f"/s/{SPACE}/status.json") == first
    house.clock.advance(ms=1)
    assert house.ask(f"/s/{SPACE}/status.json").json()["now"] == first.json()["now"] + 1000


def test_whoever_comes_first_after_a_start_waits_for_no_template(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PAGES", tmp_path)
    context = RoleContext(
        settings=Settings(), clock=house.clock, index=0, sockets=(), stopping=asyncio.Event()
    )
    shelf, desk, rooms, applause = house.shelf, house.desk, house.rooms, house.applause
    reports, reminders, askers = ReportBox(clock=house.clock), house.reminders, house.askers
    house.door = door.build(
        context, house.directory, shelf, desk, reports, rooms, applause, reminders, askers
    )
    house.open(space_state(Lifecycle.LIVE))
    compiled: list[object] = []
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *said, **_: compiled.append(said))
    for path in ("/", f"/s/{SPACE}", "/nothing"):
        assert house.ask(path, accept="text/html").status in (200, 404)
    assert not compiled


def test_the_page_carries_the_status_its_script_starts_from(house: House) -> None:
    page = house.open(space_state(Lifecycle.LIVE)).ask(f"/s/{SPACE}", accept="text/html").text
    boot = _boot(page)
    status = house.ask(f"/s/{SPACE}/status.json").json()
    assert boot.items() >= status.items()
    assert boot["description"] == "What happened at eight."
    assert boot["urls"]["join"] == f"/s/{SPACE}/join"
    assert boot["urls"]["studio"] == f"http://door.example:8002/studio/{SPACE}"


def _boot(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    boot: dict[str, object] = json.loads(found[1])
    return boot


NASTY = "\"'><script>alert(1)</script><!--&amp;\u2028\r\nSet-Cookie: a=b {{ 7*7 }} </title>"


def test_a_hostile_title_stays_text_everywhere(house: House) -> None:
    state = space_state(Lifecycle.LIVE, title=NASTY, description=NASTY, host_name=NASTY, announced=(NASTY,))
    house.open(state)
    for path in (f"/s/{SPACE}", "/"):
        page = house.ask(path, accept="text/html")
        assert "<script>alert" not in page.text
        assert "<!--" not in page.text.split("<!doctype html>", 1)[1]
        assert "49" not in page.text.split("</head>", 1)[1].split("<svg", 1)[0]
        assert "set-cookie" not in page.headers
    assert _boot(house.ask(f"/s/{SPACE}", accept="text/html").text)["title"] == NASTY
    assert house.ask(f"/s/{SPACE}/status.json").json()["title"] == NASTY
    for leaf in (*PLAYERS, "listen.m3u"):
        assert "set-cookie" not in house.ask(f"/s/{SPACE}/{leaf}").headers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_any_title_comes_back_as_it_was(house: House, title: str) -> None:
    house.open(space_state(title=title))
    house.clock.advance(ms=1000)
    assert _boot(house.ask(f"/s/{SPACE}", accept="text/html").text)["title"] == title


def test_the_page_may_load_from_the_door_and_the_edge_and_ask_backstage(house: House) -> None:
    page = house.open(space_state()).ask(f"/s/{SPACE}", accept="text/html")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {EDGE} http://door.example:8002"
    assert policy["media-src"] == f"'self' blob: {EDGE}"
    assert policy["img-src"] == "'self' data:"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in page.headers


def test_public_addresses_from_the_settings_win_over_the_host_header(tmp_path: Path) -> None:
    house = House(tmp_path, door_url="https://live.example/", edge_url="https://audio.example")
    page = house.open(space_state(Lifecycle.LIVE)).ask(
        f"/s/{SPACE}", host="other.example", accept="text/html"
    )
    assert f'<link rel="canonical" href="https://live.example/s/{SPACE}">' in page.text
    assert "other.example:8000" not in page.text
    assert house.ask(f"/s/{SPACE}/join", method="POST").json()["edge"] == "https://audio.example"


@pytest.mark.parametrize(
    "path",
    ["/", "/h/ada", f"/s/{SPACE}", f"/s/{SPACE}/status.json", "/feed.atom", "/sitemap.xml", "/s/zyxwvutsrq"],
)
@pytest.mark.parametrize("named", ["door_url", "edge_url", "control_url"])
def test_what_one_host_header_says_is_in_nobody_elses_page(tmp_path: Path, named: str, path: str) -> None:
    house = House(tmp_path, **{named: "https://live.example"}).open(
        space_state(Lifecycle.PUBLISHED, host_handle="ada"),
        space_state(space=SpaceId("zyxwvutsrq"), visibility=Visibility.PRIVATE, has_passphrase=True),
    )
    house.ask(path, host="evil.example", accept="text/html")
    answer = house.ask(path, host="door.example", accept="text/html")
    assert "evil.example" not in answer.text + str(answer.headers)


def test_invented_host_names_neither_have_pages_rendered_without_end_nor_push_out_a_name_in_use(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(space_state(Lifecycle.LIVE))
    rendered = []
    render = Pages.event
    monkeypatch.setattr(Pages, "event", lambda *given, **named: rendered.append(1) or render(*given, **named))

    def names(host: str) -> bool:
        return f"http://{host}:8001" in house.ask(f"/s/{SPACE}/join", method="POST", host=host).text

    assert names("door.example")
    for number in range(500):
        house.ask(f"/s/{SPACE}", host=f"h{number}.example", accept="text/html")
    assert len(rendered) <= MOST_NAMES + 1
    page = house.ask(f"/s/{SPACE}", host="h499.example", accept="text/html")
    assert "h499.example" not in page.text + str(page.headers), "beyond a few it names our own"
    assert names("door.example")
    assert not names("late.example")
    for _ in range(3):
        house.clock.advance(ms=25_000)
        assert names("door.example")
    assert names("late.example"), "names that nobody asks for make room"


@pytest.mark.parametrize(
    ("host", "origin", "source"),
    [
        ("Door.Example", "http://door.example:8001", "http://door.example:8001"),
        ("192.0.2.7", "http://192.0.2.7:8001", "http://192.0.2.7:8001"),
        ("[2001:db8::7]", "http://[2001:db8::7]:8001", "http://*:8001"),
        ("", "http://localhost:8001", "http://localhost:8001"),
    ],
)
def test_the_edge_is_reached_under_the_name_that_the_visitor_used(
    house: House, host: str, origin: str, source: str
) -> None:
    house.open(space_state(Lifecycle.LIVE))
    assert house.ask(f"/s/{SPACE}/join", method="POST", host=host).json()["edge"] == origin
    page = house.ask(f"/s/{SPACE}", host=host, accept="text/html")
    assert f"connect-src 'self' {source} " in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/s/zzzzzzzzzz", f"/s/{SPACE}/nothing", "/s/", "/s/../etc/passwd", "/nowhere", "/assets/"]
)
def test_nothing_at_an_address_is_a_page_for_people_and_json_for_programs(house: House, path: str) -> None:
    house.open(space_state())
    page = house.ask(path, accept="text/html,*/*")
    assert page.status == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is no" in page.text
    program = house.ask(path, accept="*/*")
    assert program.status == 404
    assert program.json()["error"]["code"] in {"not_found", "unknown_space"}


def test_an_unknown_space_is_named_as_such(house: House) -> None:
    assert house.open().ask("/s/zzzzzzzzzz/join", method="POST").json()["error"]["code"] == "unknown_space"


def test_a_removed_space_is_gone_at_once(house: House) -> None:
    house.open(space_state())
    assert house.ask(f"/s/{SPACE}").status == 200
    house.directory.take_state(Removed(space=SPACE))
    assert house.ask(f"/s/{SPACE}").status == 404


def test_a_refusal_shown_to_a_person_leads_back_to_the_event_page(house: House) -> None:
    page = house.open(space_state()).ask(f"/s/{SPACE}/live.m3u8", accept="text/html")
    assert page.status == 409
    assert f'href="/s/{SPACE}"' in page.text


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        (f"/s/{SPACE}/join", "GET", "POST"),
        (f"/s/{SPACE}", "POST", "GET, HEAD"),
        ("/", "DELETE", "GET, HEAD"),
    ],
)
def test_another_method_is_refused_with_the_right_one(
    house: House, path: str, method: str, allow: str
) -> None:
    house.open(space_state())
    house.ask(f"/s/{SPACE}", method="PUT", accept="text/html")
    for accept in ("text/html", "*/*"):
        answer = house.ask(path, method=method, accept=accept)
        assert (answer.status, answer.headers["allow"]) == (405, allow)


def test_an_oversized_join_is_refused(house: House) -> None:
    house.open(space_state(Lifecycle.LIVE))
    assert house.ask(f"/s/{SPACE}/join", method="POST", body=bytes(1025)).status == 413


@pytest.mark.parametrize(
    "path", ["/", f"/s/{SPACE}", f"/s/{SPACE}/status.json", f"/s/{SPACE}/live.m3u8", "/healthz"]
)
def test_until_the_spaces_are_known_visitors_are_asked_to_wait(house: House, path: str) -> None:
    answer = house.ask(path)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["error"]["message"].endswith("Please try again in a moment.")
    page = house.ask(path, accept="text/html")
    assert page.status == 503
    assert page.headers["refresh"] == "2"


def test_once_open_the_door_says_it_is_well(house: House) -> None:
    assert house.open().ask("/healthz").json() == {"ok": True}


def test_the_home_page_sorts_spaces_into_live_upcoming_and_recordings(house: House) -> None:
    spaces = {Lifecycle.LIVE: "22222222", Lifecycle.SCHEDULED: "33333333", Lifecycle.PUBLISHED: "44444444"}
    house.open(*(space_state(life, space=SpaceId(name), title=life.value) for life, name in spaces.items()))
    house.directory.take_audience(Audience(space=SpaceId("22222222"), worker=0, listeners=7))
    page = house.ask("/", accept="text/html").text
    order = [
        page.index(text)
        for text in ("Live now", "22222222", "Upcoming", "33333333", "Recordings", "44444444")
    ]
    assert order == sorted(order)
    assert "7 listening" in page
    assert "1 h 02 min" in page


def test_an_empty_house_says_so(house: House) -> None:
    page = house.open(space_state(Lifecycle.CANCELLED)).ask("/", accept="text/html")
    assert page.status == 200
    assert "The house is empty" in page.text


def test_a_space_that_nobody_started_leaves_the_home_page_after_a_day(house: House) -> None:
    house.open(space_state())
    house.clock.advance(ms=600_000 + 24 * 3600 * 1000)
    assert SPACE not in house.ask("/", accept="text/html").text


def test_a_page_is_compressed_for_who_accepts_it(house: House) -> None:
    house.open(space_state())
    packed = house.ask(f"/s/{SPACE}", accept="text/html", accept_encoding="br, gzip;q=0.8")
    plain = house.ask(f"/s/{SPACE}", accept="text/html", accept_encoding="gzip;q=0, *")
    whatever = house.ask(f"/s/{SPACE}", accept="text/html", accept_encoding="identity;q=0, *")
    assert whatever.headers["content-encoding"] == "gzip"
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert packed.body == plain.body
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize("path", ["/favicon.ico", "/favicon.svg"])
def test_the_icon_is_there_from_the_first_moment(house: House, path: str) -> None:
    assert house.ask(path).headers["content-type"] == "image/svg+xml"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126)),
    st.sampled_from(["", "/s", "/s/", f"/s/{SPACE}", f"/s/{SPACE}/", "/assets/"]),
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]),
    st.sampled_from(["text/html", "*/*"]),
)
def test_no_request_at_all_makes_the_door_stumble(
    house: House, tail: str, stem: str, method: str, accept: str
) -> None:
    answer = house.open(space_state()).ask(f"{stem}/{tail}", method=method, accept=accept)
    assert answer.status in {200, 404, 405, 409}
