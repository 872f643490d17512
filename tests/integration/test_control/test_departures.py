"""Leaving for good, and taking along everything that is stored about one."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from rostra.bus import messages as m
from rostra.bus.client import RemoteError
from rostra.core.errors import StageUnavailable
from rostra.core.ids import SpaceId
from rostra.store.database import database_path

PASSWORD = "correct horse battery"


async def recorded(http: Any, title: str) -> str:
    """Host a space to its end; return its id."""
    space = str((await http.post("/api/v1/spaces", json={"title": title})).json()["id"])
    await accept(http, space, "Grace H.")
    for act in ("live", "end"):
        assert (await http.post(f"/api/v1/spaces/{space}/{act}")).status_code == 200
    return space


async def accept(http: Any, space: str, name: str) -> None:
    """Accept to be heard and recorded."""
    asked = (await http.get(f"/api/v1/spaces/{space}/stage")).json()["consent"]
    body = {"text_id": asked["id"], "accepted": True, "name": name, "browser": name}
    assert (await http.post(f"/api/v1/spaces/{space}/stage/consent", json=body)).status_code == 200


async def leave(http: Any, password: str = PASSWORD) -> Any:
    return await http.request("DELETE", "/api/v1/account", json={"password": password})


async def test_recordings_stay_under_another_name_and_what_was_to_come_is_cancelled(
    site: Any, wait_until: Any
) -> None:
    await site.set_up()
    grace = await site.host("grace")
    past = await recorded(grace, "Past")
    coming = (await grace.post("/api/v1/spaces", json={"title": "Coming"})).json()["id"]
    assert (await leave(grace, "wrong password")).status_code == 403
    assert (await leave(grace)).status_code == 204
    await wait_until(lambda: site.states[past].host_name == "")
    state = site.states[past]
    assert state.lifecycle is m.Lifecycle.PUBLISHED
    assert state.people == ("",)
    assert (state.host_handle, state.host_verified) == ("", False)
    await wait_until(lambda: site.states[coming].lifecycle is m.Lifecycle.CANCELLED)
    assert (await grace.get("/api/v1/session")).status_code == 401
    signing_in = await site.browser().post("/api/v1/session", json={"handle": "grace", "password": PASSWORD})
    assert signing_in.status_code == 401


async def test_nothing_that_tells_who_they_were_is_left_in_the_database(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    profile = {"name": "Grace Hopper", "bio": "Compilers", "email": "grace@navy.example"}
    assert (await grace.patch("/api/v1/account", json=profile)).status_code == 200
    await recorded(grace, "Past")
    await grace.post("/api/v1/tokens", json={"name": "hoppers cron"})
    for act, body in (("suspend", {"reason": "Grace sold compilers"}), ("reinstate", {})):
        assert (await site.operator().post(f"/api/v1/accounts/grace/{act}", json=body)).status_code == 200
    space = (await ada.post("/api/v1/spaces", json={"title": "Of Ada"})).json()["id"]
    guest = await site.speaker(ada, space, "speaker", "Admiral Hopper")
    guest.headers["cookie"] = f"rostra_session={grace.cookies['rostra_session']}"
    await accept(guest, space, "Grace H.")
    await report_and_remove(site, ada, space)
    await ask(site, grace, await talk(ada), "waits")
    blocked = await ask(site, grace, await talk(ada), "is blocked")
    body = {"everywhere": False}
    assert (await ada.post(f"{blocked}/block", json=body)).status_code == 204
    assert (await ada.post(f"{await ask(site, grace, await talk(ada), 'may')}/accept")).status_code == 204
    assert (await leave(grace)).status_code == 204
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        left = "\n".join(connection.iterdump()).lower()
    for word in ("grace", "hopper", "compilers", "navy"):
        assert word not in left, word


async def talk(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Of Ada"})).json()["id"])


async def ask(site: Any, http: Any, space: str, secret: str) -> str:
    """Ask to speak as an account; return the address of the request."""
    voucher = (await http.get(f"/api/v1/spaces/{space}/floor/me")).json()["voucher"]
    request = sha256(secret.encode()).hexdigest()
    asked = m.AskToSpeak(space=SpaceId(space), request=request, name="", browser="b", voucher=voucher)
    await site.bus.request(m.FLOOR_ASK, asked, m.Asked)
    return f"/api/v1/spaces/{space}/floor/requests/{request}"


async def report_and_remove(site: Any, judge: Any, space: str) -> None:
    """Let whoever spoke last on a stage be reported, and taken off it."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        (speaker,) = connection.execute("select speaker from consents order by id desc limit 1").fetchone()
    reported = m.Report(
        space=SpaceId(space), subject=m.Subject.SPEAKER, speaker=speaker, grounds=m.Grounds.SPAM, at_s=1
    )
    await site.bus.request(m.CONTROL_REPORT, reported, m.Reported)
    (row,) = (await judge.get("/api/v1/reports")).json()["reports"]
    body = {"verdict": "removed", "note": "No."}
    assert (await judge.post(f"/api/v1/reports/{row['id']}/verdict", json=body)).status_code == 200


async def test_who_was_let_speak_and_left_is_announced_no_longer_and_their_link_opens_nothing(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    accepted, waiting = await talk(ada), await talk(ada)
    await ada.post(f"{await ask(site, grace, accepted, 'her secret')}/accept")
    await ask(site, grace, waiting, "another")
    here = f"/api/v1/spaces/{accepted}/stage"
    speaker = site.client("Speaker her secret")
    await accept(speaker, accepted, "Grace")
    await wait_until(lambda: site.states[accepted].people == ("Ada", "Grace"))
    assert (await speaker.get(here)).status_code == 200
    asked = m.AskToSpeak(
        space=SpaceId(accepted),
        request="0" * 64,
        name="",
        voucher=(await grace.get(f"/api/v1/spaces/{accepted}/floor/me")).json()["voucher"],
    )
    assert (await leave(grace)).status_code == 204
    await wait_until(lambda: "Grace" not in site.states[accepted].people)
    assert (await site.client("Speaker her secret").get(here)).status_code == 401
    assert (await ada.get(f"/api/v1/spaces/{waiting}/stage")).json()["requests"] == []
    with pytest.raises(RemoteError) as refused:
        await site.bus.request(m.FLOOR_ASK, asked, m.Asked)
    assert refused.value.code == "sign_in_needed"


async def test_what_a_suspension_hid_stays_hidden_when_the_account_is_deleted(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    past = await recorded(grace, "Past")
    called_off, coming = [
        SpaceId((await grace.post("/api/v1/spaces", json={"title": title})).json()["id"])
        for title in ("Buy my coins", "Buy more coins")
    ]
    told: dict[str, m.SpaceState | m.Removed] = {}

    async def listen() -> None:
        async with site.bus.subscribe("space.*.state", m.SpaceState, m.Removed) as states:
            async for _, state in states:
                told[state.space] = state

    async with asyncio.TaskGroup() as group:
        listening = group.create_task(listen())
        await ada.post("/api/v1/accounts/grace/suspend", json={"reason": "spam"})
        await ada.post(f"/api/v1/spaces/{called_off}/cancel")
        assert (await ada.request("DELETE", "/api/v1/accounts/grace")).status_code == 204
        await wait_until(lambda: isinstance(state := told.get(past), m.SpaceState) and not state.host_name)
        assert [type(told[space]) for space in (called_off, coming)] == [m.Removed, m.Removed]
        listening.cancel()
    assert (await ada.get(f"/api/v1/spaces/{coming}")).json()["state"] == "cancelled"
    await site.restart()
    assert isinstance(told[past], m.SpaceState), "what was said in public stays"


async def test_a_refused_departure_cancels_nothing(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    coming = await talk(grace)
    await accept(grace, coming, "Grace H.")
    async with site.stage_away():
        assert (await leave(grace)).status_code == 503
        assert (await grace.get(f"/api/v1/spaces/{coming}")).json()["state"] == "scheduled"
    assert (await leave(grace)).status_code == 204


async def test_a_space_scheduled_in_the_midst_of_a_departure_is_cancelled_too(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    going_live = await talk(grace)
    await accept(grace, going_live, "Grace H.")
    site.stage.begun, site.stage.begin = asyncio.Event(), asyncio.Event()
    site.stage.refuses_live = StageUnavailable()
    going = asyncio.create_task(grace.post(f"/api/v1/spaces/{going_live}/live"))
    await site.stage.begun.wait()
    leaving = asyncio.create_task(leave(grace))
    await wait_until(lambda: bool(site.stage.taken_off))
    late = await talk(grace)
    site.stage.begin.set()
    assert ((await going).status_code, (await leaving).status_code) == (503, 204)
    for space in (going_live, late):
        assert (await ada.get(f"/api/v1/spaces/{space}")).json()["state"] == "cancelled"


async def test_the_handle_is_free_again_and_the_new_owner_gets_nothing_of_the_old(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    await recorded(grace, "Past")
    await leave(grace)
    newcomer = await site.host("grace")
    assert (await newcomer.get("/api/v1/spaces")).json()["spaces"] == []


async def test_nobody_leaves_in_the_middle_of_their_own_live_space(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Live"})).json()["id"]
    coming = (await grace.post("/api/v1/spaces", json={"title": "Coming"})).json()["id"]
    await grace.post(f"/api/v1/spaces/{space}/live")
    assert (await leave(grace)).status_code == 409
    assert (await grace.get(f"/api/v1/spaces/{coming}")).json()["state"] == "scheduled"
    await grace.post(f"/api/v1/spaces/{space}/end")
    assert (await leave(grace)).status_code == 204


async def test_an_operator_deletes_an_account_for_somebody_else(site: Any) -> None:
    http = await site.set_up()
    await site.host("grace")
    assert (await http.request("DELETE", "/api/v1/accounts/grace")).status_code == 204
    assert (await http.get("/api/v1/accounts/grace")).status_code == 404
    assert [each["handle"] for each in (await http.get("/api/v1/accounts")).json()["accounts"]] == ["ada"]


async def test_an_export_holds_everything_about_one_and_no_secret_and_nobody_else(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await recorded(grace, "Past")
    await recorded(ada, "Of somebody else")
    await grace.post("/api/v1/tokens", json={"name": "cron"})
    answer = await grace.get("/api/v1/account/export")
    assert 'filename="rostra-grace.json"' in answer.headers["content-disposition"]
    document = answer.json()
    assert document["account"]["handle"] == "grace"
    assert [space["title"] for space in document["spaces"]] == ["Past"]
    assert [each["name"] for each in document["consents"]] == ["Grace H."]
    assert "recorded" in document["consents"][0]["text"]
    assert [each["name"] for each in document["api_tokens"]] == ["cron"]
    assert {"space.create", "stage.consent", "account.create"} <= {each["act"] for each in document["audit"]}
    text = json.dumps(document)
    for secret in ("argon2", "_hash", "Of somebody else"):
        assert secret not in text, secret
    assert (await ada.get("/api/v1/accounts/grace/export")).json()["account"] == document["account"]
    record = (await ada.get("/api/v1/audit")).json()["entries"]
    exports = [each for each in record if each["act"] == "account.export"]
    assert [each["actor"]["name"] for each in exports] == ["Ada", "Grace"], "one's own is on record, too"


async def test_an_export_says_which_link_is_pinned_and_where_an_empty_stage_s_music_lies(
    site: Any,
) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    pinned = {"link": "https://example.org/slides", "label": "Slides"}
    assert (await grace.put(f"/api/v1/spaces/{space}/pinned", json=pinned)).is_success
    assert (await grace.get("/api/v1/account/export")).json()["hold_music"] == []
    assert (await grace.put(f"/api/v1/spaces/{space}/hold-music", content=b"OggS")).is_success
    document = (await grace.get("/api/v1/account/export")).json()
    (music,) = document["hold_music"]
    assert (music["space"], music["file"]) == (space, f"hold/{space}.pcm")
    assert music["duration_ms"] > 0
    assert document["spaces"][0]["pinned_link"] == pinned["link"]
    await grace.post(f"/api/v1/spaces/{space}/cancel")
    assert (await grace.get("/api/v1/account/export")).json()["hold_music"] == [], "it goes with the space"


async def test_an_export_tells_of_the_links_that_were_given_to_one_and_of_places_set_apart(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = await talk(ada)
    await ada.post(f"{await ask(site, grace, space, 'her secret')}/accept")
    mine = (await grace.post("/api/v1/spaces", json={"title": "Mine"})).json()["id"]
    for http, of in ((grace, mine), (ada, space)):
        await http.put(f"/api/v1/spaces/{of}/door", json={"reserved": 5})
        body = {"name": f"Press of {of}", "places": 2}
        made = await http.post(f"/api/v1/spaces/{of}/door/links", json=body)
        assert made.status_code == 201, made.text
    answer = await grace.get("/api/v1/account/export")
    document = answer.json()
    assert [(each["space"], each["name"], each["role"]) for each in document["links_given"]] == [
        (space, "Grace", "speaker")
    ]
    assert [(each["name"], each["places"]) for each in document["reserved_links"]] == [
        (f"Press of {mine}", 2)
    ]
    assert sha256(b"her secret").hexdigest() not in str(document["links_given"])


async def test_an_export_tells_of_open_links_for_a_new_password_and_not_the_links(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    assert (await site.operator().post("/api/v1/accounts/grace/reset")).status_code == 201
    (reset,) = (await grace.get("/api/v1/account/export")).json()["resets"]
    assert sorted(reset) == ["account", "by_operator", "created_at", "created_by", "expires_at"]
    assert reset["by_operator"] is True


async def test_an_export_keeps_between_operators_why_somebody_was_suspended(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await ada.post("/api/v1/accounts/grace/suspend", json={"reason": "told by Ann"})
    await ada.post("/api/v1/accounts/grace/reinstate")
    document = (await grace.get("/api/v1/account/export")).json()
    assert "account.suspend" in {each["act"] for each in document["audit"]}
    assert "told by Ann" not in json.dumps(document)


async def test_whoever_leaves_takes_their_open_invitations_along(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await ada.patch("/api/v1/accounts/grace", json={"role": "moderator"})
    made = await grace.post(
        "/api/v1/accounts/invitations", json={"role": "member", "email": "eve@example.org"}
    )
    assert made.status_code == 201, made.text
    exported = (await grace.get("/api/v1/account/export")).json()
    assert [each["email"] for each in exported["invitations_made"]] == ["eve@example.org"]
    assert (await ada.delete("/api/v1/accounts/grace")).status_code == 204
    assert (await ada.get("/api/v1/accounts/invitations")).json()["invitations"] == []


@pytest.mark.parametrize("fall", ["suspended", "made a moderator", "made a member"])
@pytest.mark.parametrize("role", ["operator", "member"])
async def test_an_invitation_is_good_only_while_whoever_made_it_may_make_it(
    site: Any, fall: str, role: str
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await ada.patch("/api/v1/accounts/grace", json={"role": "operator"})
    made = (await grace.post("/api/v1/accounts/invitations", json={"role": role})).json()["url"]
    given, path = {"token": made.partition("#")[2]}, "/api/v1/invitations"
    assert (await site.client().post(f"{path}/look", json=given)).status_code == 200
    await demote(ada, fall)
    good = (fall, role) == ("made a moderator", "member")
    assert (await site.client().post(f"{path}/look", json=given)).status_code == (200 if good else 404)
    listed = (await ada.get("/api/v1/accounts/invitations")).json()["invitations"]
    assert [each["role"] for each in listed] == ([role] if good else [])
    eve = {"handle": "eve", "name": "Eve", "password": PASSWORD}
    answer = await site.browser().post(f"{path}/accept", json=eve | given)
    assert answer.status_code == (201 if good else 404), answer.text


@pytest.mark.parametrize("fall", ["suspended", "made a moderator", "made a member"])
async def test_a_link_for_a_new_password_is_good_only_while_whoever_made_it_is_an_operator(
    site: Any, fall: str
) -> None:
    ada = await site.set_up()
    grace, _ = await site.host("grace"), await site.host("eve")
    await ada.patch("/api/v1/accounts/grace", json={"role": "operator"})
    made = (await grace.post("/api/v1/accounts/ada/reset")).json()["url"]
    given, path = {"token": made.partition("#")[2]}, "/api/v1/resets"
    assert (await site.client().post(f"{path}/look", json=given)).status_code == 200
    await demote(ada, fall)
    assert (await site.client().post(f"{path}/look", json=given)).status_code == 404
    taken = await site.browser().post(f"{path}/use", json={**given, "password": "of somebody else"})
    assert taken.json()["error"]["code"] == "link_used"
    assert (await ada.get("/api/v1/session")).status_code == 200
    by_key = (await site.operator().post("/api/v1/accounts/eve/reset")).json()["url"]
    given = {"token": by_key.partition("#")[2]}
    assert (await site.client().post(f"{path}/look", json=given)).status_code == 200


async def demote(ada: Any, fall: str) -> None:
    """Let ``ada`` suspend Grace, or make her something less."""
    if fall == "suspended":
        answer = await ada.post("/api/v1/accounts/grace/suspend", json={"reason": "spam"})
    else:
        answer = await ada.patch("/api/v1/accounts/grace", json={"role": fall.rpartition(" ")[2]})
    assert answer.status_code == 200, answer.text


async def test_what_they_told_others_audiences_bears_their_name_no_longer(site: Any, wait_until: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = (await ada.post("/api/v1/spaces", json={"title": "Of Ada"})).json()["id"]
    cohost = await site.speaker(ada, space, "cohost", "Grace the Great")
    cohost.headers["cookie"] = f"rostra_session={grace.cookies['rostra_session']}"
    for http, text in ((cohost, "By link"), (ada, "By Ada")):
        posted = await http.post(f"/api/v1/spaces/{space}/notices", json={"text": text})
        assert posted.status_code == 201, posted.text
    exported = (await grace.get("/api/v1/account/export")).json()
    assert [each["text"] for each in exported["notices"]] == ["By link"]
    assert (await leave(grace)).status_code == 204
    await wait_until(lambda: site.states[space].notices[1].author == "")
    assert [each.author for each in site.states[space].notices] == ["Ada", ""]
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        assert connection.execute("select account from notices where author = ''").fetchall() == [(None,)]


async def test_whoever_bears_the_name_of_somebody_who_left_keeps_it_beside_what_they_wrote(
    site: Any, wait_until: Any
) -> None:
    await site.set_up()
    grace, other = await site.host("grace"), await site.host("hopper")
    space = await talk(grace)
    cohost = await site.speaker(grace, space, "cohost", "Grace")
    cohost.headers["cookie"] = f"rostra_session={other.cookies['rostra_session']}"
    for http in (grace, cohost):
        posted = await http.post(f"/api/v1/spaces/{space}/notices", json={"text": "We begin."})
        assert (posted.status_code, posted.json()["author"]) == (201, "Grace")
    assert (await leave(grace)).status_code == 204
    await wait_until(lambda: "" in {each.author for each in site.states[space].notices})
    assert sorted(each.author for each in site.states[space].notices) == ["", "Grace"]
