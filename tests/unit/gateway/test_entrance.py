"""Who is let in to which space, by every address it has: one table for the door."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostra.admission.passes import LISTENER, PREVIEWER, check_pass
from rostra.admission.tickets import Keyring, TicketKey, check, recording_of
from rostra.bus.messages import Lifecycle, PassKeys, RecordingPolicy, SpaceState, Visibility
from rostra.core import words
from rostra.core.errors import TicketInvalid
from rostra.core.ids import SpaceId

from .conftest import KEYS, NOW_S, PASS_KEYS, RUN, SPACE, House, Reply, a_pass, space_state

RING = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
PUBLIC, UNLISTED, PRIVATE = Visibility
STRANGER, FORGER, LATECOMER, NEIGHBOUR = (
    "",
    "x" * 54,
    a_pass(end_s=NOW_S - 1),
    a_pass(space=SpaceId("zzzzzzzzzz")),
)
GUEST, HOST = a_pass(LISTENER), a_pass(PREVIEWER)
VISITORS = {
    "stranger": STRANGER,
    "forger": FORGER,
    "latecomer": LATECOMER,
    "neighbour": NEIGHBOUR,
    "guest": GUEST,
    "host": HOST,
}
WELCOME = {"guest", "host"}
OPEN = {
    "": 200,
    "/status.json": 200,
    "/join": 200,
    "/live.m3u8": 302,
    "/live.mpd": 302,
    "/radio.aac": 302,
    "/radio.opus": 302,
    "/radio.mp3": 302,
    "/listen.m3u": 200,
    "/event.ics": 200,
    "/card.png": 200,
}
"""What an address of a live space answers to who may see it."""


def _state(visibility: Visibility, lifecycle: Lifecycle = Lifecycle.LIVE, **changes: object) -> SpaceState:
    return space_state(lifecycle, visibility=visibility, host_handle="ada", **changes)


def _by_cookie(house: House, leaf: str, given: str, **headers: str) -> Reply:
    method = "POST" if leaf == "/join" else "GET"
    cookie = {"cookie": f"a=b; pass_{SPACE}={given}; c=d"} if given else {}
    return house.ask(f"/s/{SPACE}{leaf}", method=method, **cookie, **headers)


def _by_query(house: House, leaf: str, given: str) -> Reply:
    method = "POST" if leaf == "/join" else "GET"
    return house.ask(f"/s/{SPACE}{leaf}?pass={given}" if given else f"/s/{SPACE}{leaf}", method=method)


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("leaf", OPEN)
@pytest.mark.parametrize("visitor", VISITORS)
def test_every_address_of_a_space_answers_those_who_may_see_it_and_nobody_else(
    house: House, visibility: Visibility, leaf: str, visitor: str
) -> None:
    house.open(_state(visibility))
    allowed = visibility is not PRIVATE or visitor in WELCOME
    for answer in (_by_cookie(house, leaf, VISITORS[visitor]), _by_query(house, leaf, VISITORS[visitor])):
        if allowed and leaf == "" and answer.status == 303:
            assert visitor in WELCOME
            continue
        assert answer.status == (OPEN[leaf] if allowed else 403)
        if not allowed:
            codes = {"stranger": "pass_needed", "latecomer": "pass_expired"}
            assert answer.json()["error"]["code"] == codes.get(visitor, "pass_invalid")
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("leaf", [leaf for leaf in OPEN if leaf != "/join"])
def test_the_page_before_a_private_space_says_nothing_of_it(house: House, leaf: str) -> None:
    house.open(_state(PRIVATE, title="Our secret plan", announced=("Ada Lovelace",), has_passphrase=True))
    page = house.ask(f"/s/{SPACE}{leaf}", accept="text/html")
    assert page.status == 403
    for secret in ("Our secret plan", "Ada", "What happened at eight", "ld+json", RUN):
        assert secret not in page.text
    assert f"http://door.example:8002/api/v1/spaces/{SPACE}/pass" in page.text
    assert f'href="http://door.example:8002/pass/{SPACE}"' in page.text
    assert "connect-src 'self' http://door.example:8002;" in page.headers["content-security-policy"]
    assert page.headers["x-robots-tag"] == "noindex"
    assert "no-store" in page.headers["cache-control"]


def test_a_private_space_without_a_passphrase_asks_for_none(house: House) -> None:
    page = house.open(_state(PRIVATE)).ask(f"/s/{SPACE}", accept="text/html").text
    assert "<form" not in page
    assert f'href="http://door.example:8002/pass/{SPACE}"' in page


def test_a_pass_in_the_address_becomes_a_cookie_of_that_space_alone(house: House) -> None:
    house.open(_state(PRIVATE))
    answer = house.ask(f"/s/{SPACE}?t=12&pass={GUEST}", accept="text/html")
    assert (answer.status, answer.headers["location"]) == (303, f"/s/{SPACE}?t=12")
    cookie = answer.headers["set-cookie"].split("; ")
    assert cookie[0] == f"pass_{SPACE}={GUEST}"
    assert set(cookie[1:]) == {f"Path=/s/{SPACE}", "Max-Age=3600", "HttpOnly", "SameSite=Lax"}
    assert answer.headers["cache-control"] == "no-store"


def test_over_https_the_cookie_never_goes_out_in_the_clear(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = House(tmp_path_factory.mktemp("pages"), door_url="https://door.example").open(_state(PRIVATE))
    assert "Secure" in house.ask(f"/s/{SPACE}?pass={GUEST}").headers["set-cookie"].split("; ")


def test_an_old_cookie_does_not_stand_in_the_way_of_a_new_pass(house: House) -> None:
    house.open(_state(PRIVATE))
    cookie = f"pass_{SPACE}={LATECOMER}"
    assert house.ask(f"/s/{SPACE}/status.json?pass={GUEST}", cookie=cookie).status == 200
    newer = f"pass_{SPACE}={GUEST}"
    assert house.ask(f"/s/{SPACE}/status.json?pass={LATECOMER}", cookie=newer).status == 200


def test_a_pass_that_was_ended_opens_nothing_and_the_answer_says_how_to_get_a_new_one(house: House) -> None:
    house.open(_state(PRIVATE, pass_epoch=1, has_passphrase=True))
    for leaf in OPEN:
        for answer in (_by_cookie(house, leaf, GUEST), _by_query(house, leaf, HOST)):
            assert (answer.status, answer.json()["error"]["code"]) == (403, "pass_ended"), leaf
    page = house.ask(f"/s/{SPACE}/listen.m3u", accept="text/html", cookie=f"pass_{SPACE}={GUEST}")
    assert page.status == 403
    assert f'href="http://door.example:8002/pass/{SPACE}"' in page.text
    assert "passphrase" in page.text
    assert _by_cookie(house, "/status.json", a_pass(epoch=1)).status == 200


def test_whoever_is_signed_in_gets_a_new_pass_by_themselves_and_nobody_is_sent_in_circles(
    house: House,
) -> None:
    house.open(_state(PRIVATE, pass_epoch=1))
    for old in (GUEST, LATECOMER):
        cookie = f"pass_{SPACE}={old}"
        sent = house.ask(f"/s/{SPACE}", accept="text/html", cookie=cookie)
        renewal = f"http://door.example:8002/pass/{SPACE}?renew=1"
        assert (sent.status, sent.headers["location"]) == (303, renewal)
        assert "no-store" in sent.headers["cache-control"]
        back = house.ask(f"/s/{SPACE}?pass=not-invited", accept="text/html", cookie=cookie)
        assert back.status == 403
    assert house.ask(f"/s/{SPACE}", accept="text/html").status == 403


def test_a_new_pass_in_the_address_is_taken_though_the_cookie_s_was_ended(house: House) -> None:
    house.open(_state(PRIVATE, pass_epoch=1))
    new, cookie = a_pass(epoch=1), f"pass_{SPACE}={GUEST}"
    taken = house.ask(f"/s/{SPACE}?pass={new}", accept="text/html", cookie=cookie)
    assert (taken.status, taken.headers["location"]) == (303, f"/s/{SPACE}")
    assert f"pass_{SPACE}={new}" in taken.headers["set-cookie"]


def test_a_previewer_s_pass_that_was_ended_previews_nothing(house: House) -> None:
    house.open(_state(PUBLIC, Lifecycle.HELD, recording_policy=RecordingPolicy.HOLD, pass_epoch=1))
    assert _by_cookie(house, "/status.json", HOST).json()["replay"] is None
    assert _by_cookie(house, "/status.json", a_pass(PREVIEWER, epoch=1)).json()["replay"] is not None


@pytest.mark.parametrize("lifecycle", [Lifecycle.LIVE, Lifecycle.HELD])
def test_what_is_handed_on_to_players_never_previews(house: House, lifecycle: Lifecycle) -> None:
    held = {"recording_policy": RecordingPolicy.HOLD}
    house.open(_state(PRIVATE, lifecycle, **held))
    cookie = f"pass_{SPACE}={HOST}"
    page = house.ask(f"/s/{SPACE}", accept="text/html", cookie=cookie)
    playlist = house.ask(f"/s/{SPACE}/listen.m3u", cookie=cookie)
    ring = Keyring(tuple(TicketKey(*key) for key in PASS_KEYS.keys))
    texts = [page.text, playlist.text] if lifecycle is Lifecycle.LIVE else [page.text]
    for text in texts:
        handed = set(re.findall(r"\?pass=([A-Za-z0-9_-]{54})", text))
        assert handed, text
        kinds = {check_pass(ring, each, space=SPACE, epoch=0, now_s=NOW_S).kind for each in handed}
        assert kinds == {LISTENER}
    assert HOST not in page.text + playlist.text
    assert _by_query(house, "/status.json", handed.pop()).json()["replay"] is None


def test_until_the_keys_are_known_a_pass_is_asked_to_wait_and_a_stranger_is_not(house: House) -> None:
    house.open(_state(PRIVATE))
    house.directory.pass_keyring = None
    assert _by_cookie(house, "/status.json", GUEST).status == 503
    assert _by_cookie(house, "/status.json", STRANGER).status == 403


def test_a_private_answer_is_kept_by_no_cache_and_found_by_no_crawler(house: House) -> None:
    house.open(_state(PRIVATE))
    for leaf in OPEN:
        kept = _by_cookie(house, leaf, GUEST).headers
        assert kept["cache-control"] in {"no-store", "private, max-age=300"}, leaf
        assert kept["x-robots-tag"] == "noindex", leaf


@pytest.mark.parametrize("leaf", [*OPEN, "/ask?id=" + "0" * 64])
def test_no_answer_about_an_unlisted_space_is_found_by_a_crawler(house: House, leaf: str) -> None:
    house.open(_state(UNLISTED))
    method = "POST" if leaf == "/join" else "GET"
    assert house.ask(f"/s/{SPACE}{leaf}", method=method).headers["x-robots-tag"] == "noindex"
    house.directory.take_state(_state(PUBLIC, revision=9))
    assert "x-robots-tag" not in house.ask(f"/s/{SPACE}{leaf}", method=method).headers


def test_an_unlisted_page_is_open_to_all_and_found_by_no_crawler(house: House) -> None:
    house.open(_state(UNLISTED))
    page = house.ask(f"/s/{SPACE}", accept="text/html")
    assert page.status == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert "ld+json" not in page.text
    assert "x-robots-tag" not in house.open(_state(PUBLIC, revision=9)).ask(f"/s/{SPACE}").headers


LISTS = ("/", "/h/ada", "/h/ada/events.ics", "/feed.atom", "/sitemap.xml", "/robots.txt")


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("lifecycle", [Lifecycle.SCHEDULED, Lifecycle.LIVE, Lifecycle.PUBLISHED])
def test_lists_name_public_spaces_only(house: House, visibility: Visibility, lifecycle: Lifecycle) -> None:
    # The host has another, public space, so that the lists themselves exist.
    other = space_state(space=SpaceId("22222222"), host_handle="ada")
    house.open(other, _state(visibility, lifecycle, title="Our secret plan"))
    for path in LISTS:
        answer = house.ask(path, accept="text/html")
        named = SPACE in answer.text or "Our secret plan" in answer.text
        assert answer.status == 200, path
        assert named == (visibility is PUBLIC and path != "/robots.txt"), path


@pytest.mark.parametrize("visibility", [UNLISTED, PRIVATE])
def test_a_host_with_nothing_public_has_no_page(house: House, visibility: Visibility) -> None:
    house.open(_state(visibility))
    assert house.ask("/h/ada").status == house.ask("/h/ada/events.ics").status == 404


RECORDINGS = [
    # visibility, lifecycle, policy, who is shown the recording: in the open, behind a ticket
    (PUBLIC, Lifecycle.PUBLISHED, RecordingPolicy.PUBLISH, {"stranger", "guest", "host"}, set()),
    (UNLISTED, Lifecycle.PUBLISHED, RecordingPolicy.PUBLISH, {"stranger", "guest", "host"}, set()),
    (PRIVATE, Lifecycle.PUBLISHED, RecordingPolicy.PUBLISH, set(), {"guest", "host"}),
    (PUBLIC, Lifecycle.ENDED, RecordingPolicy.PUBLISH, {"stranger", "guest", "host"}, set()),
    (PUBLIC, Lifecycle.ENDED, RecordingPolicy.HOLD, set(), {"host"}),
    (PUBLIC, Lifecycle.ENDED, RecordingPolicy.DELETE, set(), set()),
    (PUBLIC, Lifecycle.HELD, RecordingPolicy.HOLD, set(), {"host"}),
    (PRIVATE, Lifecycle.HELD, RecordingPolicy.HOLD, set(), {"host"}),
    (PUBLIC, Lifecycle.PUBLISHED, RecordingPolicy.HOLD, {"stranger", "guest", "host"}, set()),
    (PUBLIC, Lifecycle.DELETED, RecordingPolicy.DELETE, set(), set()),
    (PUBLIC, Lifecycle.DELETED, RecordingPolicy.PUBLISH, set(), set()),
]


@pytest.mark.parametrize(("visibility", "lifecycle", "policy", "in_the_open", "by_ticket"), RECORDINGS)
@pytest.mark.parametrize("visitor", ["stranger", "guest", "host"])
def test_the_status_shows_a_recording_to_whom_it_is_open(
    house: House,
    visibility: Visibility,
    lifecycle: Lifecycle,
    policy: RecordingPolicy,
    in_the_open: set[str],
    by_ticket: set[str],
    visitor: str,
) -> None:
    house.open(_state(visibility, lifecycle, recording_policy=policy))
    answer = _by_cookie(house, "/status.json", VISITORS[visitor])
    if visibility is PRIVATE and visitor == "stranger":
        assert answer.status == 403
        return
    assert answer.json()["state"] == lifecycle.value
    replay = answer.json()["replay"]
    if visitor in in_the_open:
        assert replay["mp4"] == f"http://door.example:8001/r/{SPACE}/{RUN}/aac64.mp4"
    elif visitor in by_ticket:
        assert answer.headers["cache-control"] == "no-store"
        _check_ticketed(replay["mp4"], "aac64.mp4")
        _check_ticketed(replay["hls"], "index.m3u8")
        _check_ticketed(replay["dash"], "manifest.mpd")
        playlist = _by_cookie(house, "/listen.m3u", VISITORS[visitor])
        assert playlist.headers["cache-control"] == "no-store"
        if policy is RecordingPolicy.PUBLISH:
            _check_ticketed(playlist.text.splitlines()[-1], "aac64.mp4")
        else:
            assert playlist.status == 409, "what is handed on does not preview"
    else:
        assert replay is None
        file, radio = (_by_cookie(house, leaf, VISITORS[visitor]) for leaf in ("/listen.m3u", "/radio.aac"))
        assert file.status == radio.status >= 400


def _check_ticketed(address: str, leaf: str) -> None:
    found = re.fullmatch(rf"http://door\.example:8001/t/([\w-]{{64}})/{SPACE}/r/{RUN}/{leaf}", address)
    assert found is not None
    check(RING, found[1], space=recording_of(SPACE, RUN), now_s=NOW_S + 1)
    with pytest.raises(TicketInvalid):
        check(RING, found[1], space=SPACE, now_s=NOW_S + 1)


def test_a_private_recording_has_a_fresh_ticket_at_each_visit(house: House) -> None:
    house.open(_state(PRIVATE, Lifecycle.PUBLISHED))
    addresses = {_by_cookie(house, "/status.json", GUEST).json()["replay"]["mp4"] for _ in range(3)}
    pages = {_by_cookie(house, "", GUEST, accept="text/html").text for _ in range(3)}
    assert len(addresses) == len(pages) == 3


def test_a_held_recording_shown_to_its_host_is_not_shown_to_the_next_visitor(house: House) -> None:
    house.open(_state(PUBLIC, Lifecycle.HELD, recording_policy=RecordingPolicy.HOLD))
    assert _by_cookie(house, "/status.json", HOST).json()["replay"]
    assert _by_cookie(house, "/status.json", STRANGER).json()["replay"] is None
    assert "/r/" not in _by_cookie(house, "", STRANGER, accept="text/html").text


def test_without_scripts_too_a_held_recording_is_said_to_be_held(house: House) -> None:
    house.open(_state(PUBLIC, Lifecycle.HELD, recording_policy=RecordingPolicy.HOLD))
    hosts = _by_cookie(house, "", HOST, accept="text/html").text
    strangers = _by_cookie(house, "", STRANGER, accept="text/html").text
    assert words.say("en", "event.held_preview") in hosts
    assert words.say("en", "event.held") in strangers
    assert words.say("en", "door.scripts_off") not in strangers, "there is nothing to hear by another player"


def test_players_of_a_private_space_are_given_the_visitors_own_pass(house: House) -> None:
    house.open(_state(PRIVATE))
    playlist = _by_cookie(house, "/listen.m3u", GUEST).text
    assert playlist.splitlines()[-1] == f"http://door.example:8000/s/{SPACE}/radio.aac?pass={GUEST}"
    page = _by_cookie(house, "", GUEST, accept="text/html").text
    assert GUEST in page
    assert HOST not in _by_cookie(house, "", HOST, accept="text/html").text


def test_the_generic_card_is_there_for_all(house: House) -> None:
    house.open(_state(PRIVATE, title="Our secret plan"))
    assert house.ask("/card.png").body == b"PNG Rostra"
    assert b"secret" in _by_cookie(house, "/card.png", GUEST).body


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=255)),
    st.text(st.characters(min_codepoint=33, max_codepoint=126)),
)
def test_no_cookie_and_no_query_at_all_opens_a_private_space(house: House, cookie: str, query: str) -> None:
    house.open(_state(PRIVATE))
    for text in (cookie, f"pass_{SPACE}={cookie}"):
        answer = house.ask(f"/s/{SPACE}/status.json?pass={query}&{query}", cookie=text)
        assert answer.status == 403


def test_an_empty_list_of_keys_changes_nothing(house: House) -> None:
    house.open(_state(PRIVATE))
    house.directory.take_pass_keys(PassKeys(keys=()))
    assert _by_cookie(house, "/status.json", GUEST).status == 200
