"""WHIP and WHEP as programs meet them (RFC 9725): statuses, headers, other origins, and who may."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from rostra.bus.messages import CONTROL_WHO, Answer, Known, Monitor, WhoIs
from rostra.control import ways_in
from rostra.core.errors import RostraError
from rostra.core.ids import SessionId, SpaceId
from rostra.core.settings import Settings

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
OFFER = {"content-type": "application/sdp"}
NEWS = {"content-type": "application/trickle-ice-sdpfrag", "if-match": '"first"'}
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


async def make(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])


async def desk(site: Any, http: Any, space: str, *, consents: bool = True) -> Any:
    """A program with the token of a link, as OBS and GStreamer bring it."""
    token = (await http.post(f"/api/v1/spaces/{space}/links", json={"name": "Desk"})).json()["token"]
    client = site.client(f"Bearer {token}")
    client.token = token
    if consents:
        await client.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    return client


async def test_a_source_enters_tells_of_its_ways_begins_anew_and_leaves(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    source = await desk(site, http, space, consents=False)
    early = await source.post(f"/whip/{space}", content=SDP, headers=OFFER)
    assert (early.status_code, early.json()["error"]["code"]) == (403, "consent_needed")
    await source.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    entered = await source.post(f"/whip/{space}", content=SDP, headers=OFFER)
    assert entered.status_code == 201
    assert entered.headers["content-type"].startswith("application/sdp")
    assert entered.headers["etag"] == '"first"'
    assert site.stage.offers[0].one_way is True
    session = entered.headers["location"]
    news = await source.patch(session, content="a=mid:0\r\n", headers=NEWS)
    assert (news.status_code, news.content, news.headers.get("etag")) == (204, b"", None)
    anew = await source.patch(session, content="a=mid:0\r\n", headers={**NEWS, "if-match": "*"})
    assert (anew.status_code, anew.headers["etag"]) == (200, '"second"')
    assert anew.headers["content-type"].startswith("application/trickle-ice-sdpfrag")
    assert [patch.if_match for patch in site.stage.patches] == ['"first"', "*"]
    assert (await source.delete(session)).status_code == 200
    assert site.stage.left[0].session in session
    assert (await source.delete(f"/whip/{space}/nosession")).status_code == 404


async def test_a_session_is_changed_and_ended_by_nobody_but_whoever_made_it(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    source, other = await desk(site, http, space), await desk(site, http, space)
    spoken = (await source.post(f"/whip/{space}", content=SDP, headers=OFFER)).headers["location"]
    heard = (await http.post(f"/whep/{space}", content=SDP, headers=OFFER)).headers["location"]
    for session, strangers in ((spoken, (other, http)), (heard, (source,))):
        on_stage = f"/api/v1/spaces/{space}/stage/sessions/{session.rpartition('/')[2]}"
        for stranger in strangers:
            for refused in (
                await stranger.patch(session, content="a=mid:0\r\n", headers=NEWS),
                await stranger.delete(session),
                await stranger.delete(on_stage),
            ):
                assert refused.status_code == 403
                assert refused.json()["error"] == {
                    "code": "not_allowed",
                    "message": "This connection is somebody else's.",
                }
    assert (site.stage.patches, site.stage.left) == ([], [])
    record = (await http.get("/api/v1/audit?limit=50")).json()["entries"]
    assert sum(entry["act"] == "backstage.refused" for entry in record) > 0
    assert not any(entry["act"] == "stage.leave" for entry in record)
    assert (await source.delete(spoken)).status_code == 200
    assert (await http.delete(heard)).status_code == 200


async def test_what_is_no_offer_of_somebody_who_may_is_refused_as_the_rfc_says(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    source = await desk(site, http, space)
    wrong = await source.post(f"/whip/{space}", json={"sdp": SDP})
    assert (wrong.status_code, wrong.headers["accept-post"]) == (415, "application/sdp")
    assert (await source.post(f"/whip/{space}", content=b"\xff\xfe", headers=OFFER)).status_code == 400
    assert (await source.post("/whip/none", content=SDP, headers=OFFER)).status_code == 404
    for way in ("whip", "whep"):
        address = f"/{way}/{space}"
        stranger = await site.client().post(address, content=SDP, headers=OFFER)
        assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, 'Bearer realm="Rostra"')
        forger = await site.client("Bearer nonsense").post(address, content=SDP, headers=OFFER)
        assert forger.status_code == 401
        assert forger.headers["www-authenticate"] == 'Bearer realm="Rostra", error="invalid_token"'
    other = await make(http)
    assert (await source.post(f"/whip/{other}", content=SDP, headers=OFFER)).status_code == 403
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        refused = await source.request(method, f"/whip/{space}")
        assert (refused.status_code, refused.headers["allow"]) == (405, "OPTIONS, POST")
    for method in ("GET", "PUT", "POST"):
        refused = await source.request(method, f"/whip/{space}/session")
        assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, OPTIONS, PATCH")
    wrong = await source.patch(f"/whip/{space}/session", content="a=mid:0\r\n", headers=OFFER)
    assert (wrong.status_code, wrong.headers["accept-patch"]) == (415, "application/trickle-ice-sdpfrag")
    site.stage.full = True
    full = await source.post(f"/whip/{space}", content=SDP, headers=OFFER)
    assert (full.status_code, full.headers["retry-after"]) == (503, "30")
    await http.post(f"/api/v1/spaces/{space}/cancel")
    assert (await source.post(f"/whip/{space}", content=SDP, headers=OFFER)).status_code == 409


async def test_any_page_may_ask_what_is_taken_and_read_what_it_needs(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    stranger = site.client()
    stranger.headers["origin"] = "https://studio.example"
    asked = await stranger.options(f"/whip/{space}", headers={"access-control-request-method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["accept-post"] == "application/sdp"
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "If-Match" in asked.headers["access-control-allow-headers"]
    assert (await stranger.options(f"/whip/{space}/x")).headers["accept-patch"].endswith("sdpfrag")
    refused = await stranger.post(f"/whip/{space}", content=SDP, headers=OFFER)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
    assert "WWW-Authenticate" in refused.headers["access-control-expose-headers"]
    signed_in = await http.post(
        f"/whip/{space}", content=SDP, headers={**OFFER, "origin": "https://studio.example"}
    )
    assert signed_in.json()["error"]["code"] == "wrong_origin"


async def test_hosts_listen_in_and_speakers_do_not(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    heard = await http.post(f"/whep/{space}", content=SDP, headers=OFFER)
    assert (heard.status_code, heard.text) == (201, "v=0\r\nheard\r\n")
    news = {"content-type": NEWS["content-type"]}
    assert (
        await http.patch(heard.headers["location"], content="a=mid:0\r\n", headers=news)
    ).status_code == 200
    assert site.stage.patches[0].if_match == "*"
    assert (await http.delete(heard.headers["location"])).status_code == 200
    source = await desk(site, http, space)
    assert (await source.post(f"/whep/{space}", content=SDP, headers=OFFER)).status_code == 403


async def test_whoever_listens_in_is_hung_up_on_once_they_may_not_any_more(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await make(http)
    links = f"/api/v1/spaces/{space}/links"
    token = (await http.post(links, json={"role": "cohost"})).json()["token"]
    cohost = site.client(f"Bearer {token}")
    session = (await cohost.post(f"/whep/{space}", content=SDP, headers=OFFER)).headers["location"]
    await http.patch(f"/api/v1/spaces/{space}", json={"title": "Another"})
    await asyncio.sleep(2.5)
    assert site.stage.left == [], "nothing has changed for them"
    (link,) = (await http.get(links)).json()["links"]
    assert (await http.delete(f"{links}/{link['id']}")).status_code == 204
    await wait_until(lambda: [each.session for each in site.stage.left] == [session.rpartition("/")[2]], 20)


async def test_nobody_listens_in_unwatched_where_more_do_than_are_watched(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_in, "MOST_WATCHED", 1)
    http = await site.set_up()
    space = await make(http)
    await listening_in_as(site, "oldest", "newest")
    for _ in range(2):
        assert (await http.post(f"/whep/{space}", content=SDP, headers=OFFER)).status_code == 201
    assert [each.session for each in site.stage.left] == ["oldest"]


async def test_nobody_is_hung_up_on_for_those_whose_connection_broke(
    site: Any, monkeypatch: pytest.MonkeyPatch, wait_until: Any
) -> None:
    monkeypatch.setattr(ways_in, "MOST_WATCHED", 2)
    monkeypatch.setattr(ways_in, "WATCH_S", 0.05)
    http = await site.set_up()
    space = await make(http)
    await listening_in_as(site, "works", "broken", "newest")
    for _ in range(2):
        assert (await http.post(f"/whep/{space}", content=SDP, headers=OFFER)).status_code == 201
    site.stage.monitors.discard("broken")
    looks = site.stage.looks
    await wait_until(lambda: site.stage.looks >= looks + 2)
    assert (await http.post(f"/whep/{space}", content=SDP, headers=OFFER)).status_code == 201
    assert site.stage.left == []


async def listening_in_as(site: Any, *sessions: str) -> None:
    """Let the next who listen in have these sessions."""
    names = iter(sessions)

    async def monitor(asked: Monitor) -> Answer:
        session = SessionId(next(names))
        site.stage.monitors.add(session)
        return Answer(session=session, sdp="v=0\r\nheard\r\n")

    async with site.stage_away():
        site.stage.monitor = monitor


async def test_the_stage_learns_who_brings_a_links_token_and_nothing_of_other_tokens(site: Any) -> None:
    http = await site.set_up()
    space = SpaceId(await make(http))
    source = await desk(site, http, space, consents=False)

    async def who(token: str, place: SpaceId = space) -> Known:
        return await site.bus.request(CONTROL_WHO, WhoIs(space=place, token=token), Known)

    with pytest.raises(RostraError) as early:
        await who(source.token)
    assert early.value.code == "consent_needed"
    await source.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    known = await who(source.token)
    assert (known.name, known.role, known.muted, known.guest) == ("Desk", "speaker", False, True)
    for token in ("", "nonsense", (site.data / "keys" / "local.token").read_text().strip()):
        with pytest.raises(RostraError) as refused:
            await who(token)
        assert refused.value.status == 401
    with pytest.raises(RostraError) as elsewhere:
        await who(source.token, SpaceId(await make(http)))
    assert elsewhere.value.status == 403
    hide = f"/api/v1/spaces/{space}/hidden"
    assert (await http.put(hide, json={"reason": "Not here."})).status_code == 204
    with pytest.raises(RostraError) as hidden:
        await who(source.token)
    assert hidden.value.status == 409
    await http.delete(hide)


async def test_what_changed_while_a_source_was_being_seated_is_told_to_the_stage_after_it(site: Any) -> None:
    http = await site.set_up()
    space = SpaceId(await make(http))
    source = await desk(site, http, space)
    known = await site.bus.request(CONTROL_WHO, WhoIs(space=space, token=source.token), Known)
    speaker = f"/api/v1/spaces/{space}/floor/speakers/{known.speaker}"
    mute = f"/api/v1/spaces/{space}/stage/speakers/{known.speaker}/mute"
    assert (await http.post(mute, json={"muted": True})).status_code == 204
    assert (await http.put(f"{speaker}/place", json={"role": "cohost"})).status_code == 204
    site.stage.mutes.clear()
    site.stage.recasts.clear()
    again = WhoIs(space=space, token=source.token, seated=known)
    now = await site.bus.request(CONTROL_WHO, again, Known)
    assert (now.muted, now.muted_by_host, now.role) == (True, True, "cohost")
    assert [(mute.speaker, mute.muted, mute.by_host) for mute in site.stage.mutes] == [
        (known.speaker, True, True)
    ]
    assert [(recast.speaker, recast.role) for recast in site.stage.recasts] == [(known.speaker, "cohost")]
    assert (await http.post(f"{speaker}/block", json={})).status_code == 204
    with pytest.raises(RostraError) as blocked:
        await site.bus.request(CONTROL_WHO, again, Known)
    assert blocked.value.status == 403
    record = (await http.get("/api/v1/audit", params={"space": space})).json()["entries"]
    assert [entry["act"] for entry in record].count("stage.enter") == 1


class TestRelay:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        secret = tmp_path / "turn.secret"
        secret.write_text("hush\n")
        return Settings(
            data=tmp_path,
            stun_servers=["stun:stun.example"],
            turn_urls=["turn:turn.example:3478", "turns:turn.example:443?transport=tcp"],
            turn_secret=secret,
        )

    async def test_whoever_may_speak_gets_servers_with_a_credential_that_expires(self, site: Any) -> None:
        http = await site.set_up()
        space = await make(http)
        source = await desk(site, http, space)
        address = f"/api/v1/spaces/{space}/stage/ice-servers"
        assert (await site.client().get(address)).status_code == 401
        stun, turn, turns = (await source.get(address)).json()["ice_servers"]
        assert (stun["urls"], stun["username"]) == ("stun:stun.example", "")
        assert [turn["urls"], turns["urls"]] == site.settings.turn_urls
        secret = hmac.new(b"hush", turn["username"].encode(), hashlib.sha1).digest()
        assert turn["credential"] == base64.b64encode(secret).decode()
        assert int(turn["username"].partition(":")[0]) > 1_700_000_000
        entered = await source.post(f"/whip/{space}", content=SDP, headers=OFFER)
        links = entered.headers.get_list("link")
        assert links[0] == '<stun:stun.example>; rel="ice-server"'
        assert links[2].startswith('<turns:turn.example:443?transport=tcp>; rel="ice-server"; username="')
        assert 'credential-type="password"' in links[1]
        assert len((await source.options(f"/whip/{space}")).headers.get_list("link")) == 3
        assert not (await site.client().options(f"/whip/{space}")).headers.get_list("link")
        public = (await http.get("/api/v1/site")).text
        assert "turn.example" not in public

    async def test_everybody_has_a_quota_of_their_own_on_the_relay_before_and_after_they_accept(
        self, site: Any
    ) -> None:
        http = await site.set_up()
        space = await make(http)
        sam, kim = [await site.speaker(http, space, "speaker", name) for name in ("Sam", "Kim")]
        cohost = await site.speaker(http, space, "cohost", "Cleo")

        async def name(person: Any) -> str:
            servers = await person.get(f"/api/v1/spaces/{space}/stage/ice-servers")
            return str(servers.json()["ice_servers"][1]["username"].partition(":")[2])

        async def ear(person: Any) -> str:
            links = (await person.options(f"/whep/{space}")).headers.get_list("link")
            return str(links[1].partition('username="')[2].partition('"')[0].partition(":")[2])

        sams = await name(sam)
        accepted = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "his"}
        consented = await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=accepted)
        assert consented.status_code == 200
        assert await name(sam) == sams
        names = {sams, await name(kim), await name(cohost), await ear(cohost)}
        assert len(names) == 4
        assert not names & {"", "guest", "monitor"}

    async def test_a_secret_that_is_gone_is_said_and_names_the_setting(self, site: Any) -> None:
        http = await site.set_up()
        space = await make(http)
        site.settings.turn_secret.unlink()
        refused = await http.get(f"/api/v1/spaces/{space}/stage/ice-servers")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "turn_secret_unreadable")
