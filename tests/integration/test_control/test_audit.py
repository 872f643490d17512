"""The record: every act with who did it; operators read all, hosts what concerns their spaces."""

from __future__ import annotations

from typing import Any

from harness.floor import enters
from rostra.bus.messages import SeatLost, seat_lost
from rostra.core.ids import SpaceId, SpeakerId
from rostra.stage.errors import TakenOff

PASSWORD = "correct horse battery"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


async def acts(http: Any, **query: Any) -> list[str]:
    answer = await http.get("/api/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["act"] for entry in answer.json()["entries"]]


async def test_every_act_on_an_account_is_recorded_with_who_did_it_and_to_whom(site: Any) -> None:
    http = await site.set_up()
    await site.host("grace")
    for act, body in (
        ("verify", None),
        ("unverify", None),
        ("suspend", {"reason": "spam"}),
        ("reinstate", None),
        ("reset", None),
    ):
        await http.post(f"/api/v1/accounts/grace/{act}", json=body)
    await http.patch("/api/v1/accounts/grace", json={"role": "moderator"})
    await http.post("/api/v1/accounts/invitations", json={})
    await http.patch("/api/v1/site", json={"name": "Casa"})
    entries = (await http.get("/api/v1/audit", params={"limit": 8})).json()["entries"]
    assert [entry["act"] for entry in entries] == [
        "site.change",
        "invitation.create",
        "account.role",
        "reset.create",
        "account.reinstate",
        "account.suspend",
        "account.unverify",
        "account.verify",
    ]
    suspended = entries[5]
    assert (suspended["actor"]["handle"], suspended["about"]["handle"]) == ("ada", "grace")
    assert suspended["detail"] == {"reason": "spam"}
    assert entries[2]["detail"] == {"before": "member", "after": "moderator"}


async def done(http: Any, *asked: tuple[str, str, Any]) -> None:
    """Ask for these, one after the other; each is done."""
    for method, path, body in asked:
        answer = await http.request(method, f"/api/v1{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"


async def test_what_somebody_does_with_their_own_account_is_recorded(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await done(
        grace,
        ("PATCH", "/account", {"bio": "Compilers."}),
        ("POST", "/tokens", {"name": "cron"}),
        ("PUT", "/account/password", {"current": PASSWORD, "password": "another long one"}),
    )
    token = (await grace.get("/api/v1/tokens")).json()["tokens"][0]["id"]
    await done(
        grace,
        ("DELETE", f"/tokens/{token}", None),
        ("DELETE", "/session", None),
        ("POST", "/session", {"handle": "grace", "password": "another long one"}),
        ("DELETE", "/account", {"password": "another long one"}),
    )
    assert (await acts(ada, limit=8))[::-1] == [
        "account.describe",
        "token.create",
        "account.password",
        "session.begin",
        "token.delete",
        "session.end",
        "session.begin",
        "account.delete",
    ]


async def test_what_an_operator_gives_and_takes_back_is_recorded(site: Any) -> None:
    ada = await site.set_up()
    await done(ada, ("POST", "/accounts/invitations", {}), ("POST", "/accounts/invitations", {}))
    made = (await ada.post("/api/v1/accounts/invitations", json={})).json()["url"].partition("#")[2]
    person = {"token": made, "handle": "mo", "name": "Mo", "password": PASSWORD}
    await done(site.browser(), ("POST", "/invitations/accept", person))
    listed = (await ada.get("/api/v1/accounts/invitations")).json()["invitations"]
    await done(ada, ("DELETE", f"/accounts/invitations/{listed[0]['id']}", None))
    link = (await ada.post("/api/v1/accounts/mo/reset")).json()["url"].partition("#")[2]
    await done(site.browser(), ("POST", "/resets/use", {"token": link, "password": "another long one"}))
    found = await acts(ada, limit=20)
    for act in ("invitation.create", "invitation.accept", "invitation.revoke", "reset.create", "reset.use"):
        assert act in found, act


async def test_what_a_host_does_about_a_space_is_recorded(site: Any) -> None:
    ada = await site.set_up()
    await site.host("grace")
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk", "visibility": "private"})).json()["id"]
    path = f"/spaces/{space}"
    await done(
        ada,
        ("PUT", f"{path}/invited/grace", None),
        ("DELETE", f"{path}/invited/grace", None),
        ("PUT", f"{path}/door", {"reserved": 10}),
        ("POST", f"{path}/door/links", {"name": "Press", "places": 5}),
        ("PUT", f"{path}/pinned", {"link": "https://example.org/slides", "label": "Slides"}),
        ("DELETE", f"{path}/pinned", None),
        ("DELETE", f"{path}/passes", None),
    )
    assert (await acts(ada, space=space))[::-1] == [
        "space.create",
        "space.invite",
        "space.uninvite",
        "door.space",
        "door.link",
        "link.pin",
        "link.unpin",
        "space.end-passes",
    ]


async def test_a_host_reads_what_concerns_their_spaces_and_nothing_else(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    hers = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    mine = (await grace.post("/api/v1/spaces", json={"title": "Mine"})).json()["id"]
    await grace.post(f"/api/v1/spaces/{mine}/links", json={"role": "speaker"})
    assert await acts(grace) == ["link.create", "space.create"]
    assert await acts(grace, space=mine) == ["link.create", "space.create"]
    assert (await grace.get("/api/v1/audit", params={"space": hers})).status_code == 403
    assert await acts(ada, space=mine) == ["link.create", "space.create"]
    assert "session.begin" in await acts(ada)


async def test_whoever_holds_the_host_s_role_reads_what_was_done_on_the_stage_and_nothing_else(
    site: Any,
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    await ada.patch(path, json={"description": "Of tides"})
    hanna, carla, sam = [await site.speaker(ada, space, role) for role in ("host", "cohost", "speaker")]
    consented = await sam.post(f"{path}/stage/consent", json={**CONSENT, "name": "Sam"})
    await ada.post(f"{path}/floor/invite", json={"handle": "grace"})
    await carla.patch(path, json={"title": "Carla's"})
    await hanna.delete(f"{path}/floor/speakers/{consented.json()['speaker']}")
    lines = ["floor.remove", "backstage.refused", "floor.invite", "stage.consent", *["link.create"] * 3]
    assert await acts(hanna, space=space) == lines
    assert await acts(ada, space=space) == [*lines, "space.edit", "space.create"]
    for nobody in (carla, sam, grace):
        refused = await nobody.get("/api/v1/audit", params={"space": space})
        assert (refused.status_code, refused.json()["error"]["message"]) == (
            403,
            "You may not read the record of this stage.",
        )
    assert (await hanna.get("/api/v1/audit")).status_code == 403
    links = (await ada.get(f"{path}/links")).json()["links"]
    (carlas,) = [link["id"] for link in links if link["role"] == "cohost"]
    await ada.delete(f"{path}/links/{carlas}")
    await hanna.post(f"{path}/stage/consent", json={**CONSENT, "name": "Hanna"})
    graces = (await grace.post(f"{path}/stage/consent", json=CONSENT)).json()["speaker"]
    await enters(site, ada, path, graces)
    given = await hanna.put(f"{path}/floor/speakers/{graces}/place", json={"role": "host"})
    assert given.status_code == 204
    assert (await acts(grace, space=space))[0] == "floor.hand-over"
    assert await acts(grace) == []
    assert (await hanna.get("/api/v1/audit", params={"space": space})).status_code == 403


async def test_the_record_says_who_did_what_to_whom_on_a_stage(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/spaces/{space}"
    carla = await site.speaker(ada, space, "cohost", "Carla")
    sam = await site.speaker(ada, space, "speaker", "Sam")
    await carla.post(f"/api/v1{path}/stage/consent", json=CONSENT)
    sams_own = {**CONSENT, "browser": "a browser of Sam's"}
    sams = (await sam.post(f"/api/v1{path}/stage/consent", json=sams_own)).json()["speaker"]
    link = next(
        each for each in (await ada.get(f"/api/v1{path}/links")).json()["links"] if each["name"] == "Sam"
    )
    mute = f"{path}/stage/speakers/{sams}/mute"
    await done(
        carla,
        ("POST", mute, {"muted": True}),
        ("POST", mute, {"muted": False}),
        ("POST", f"{path}/floor/speakers/{sams}/block", {}),
    )
    await done(ada, ("DELETE", f"{path}/links/{link['id']}", None))
    entries = (await ada.get("/api/v1/audit", params={"space": space, "limit": 4})).json()["entries"]
    said = [(each["actor"]["name"], each["act"], each["detail"]["name"]) for each in entries[::-1]]
    assert said == [
        ("Carla", "floor.mute", "Sam"),
        ("Carla", "floor.mute", "Sam"),
        ("Carla", "floor.block", "Sam"),
        ("Ada", "link.take-back", "Sam"),
    ]
    assert [each["detail"]["muted"] for each in entries[::-1][:2]] == [True, False]


async def test_the_record_is_read_page_by_page_without_a_gap(site: Any) -> None:
    http = await site.set_up()
    for number in range(5):
        await http.post("/api/v1/tokens", json={"name": f"cron {number}"})
    whole = (await http.get("/api/v1/audit")).json()
    read, before = [], None
    while True:
        query = {"limit": 2} | ({"before": before} if before else {})
        page = (await http.get("/api/v1/audit", params=query)).json()
        read += page["entries"]
        before = page["next"]
        if before is None:
            break
    assert read == whole["entries"]
    assert len(read) >= 7


async def test_the_record_tells_what_let_somebody_in(site: Any) -> None:
    ada = await site.set_up()
    await site.host("grace")
    new = {"name": "Eve", "password": "correct horse battery"}
    await ada.patch("/api/v1/site", json={"open_sign_up": True})
    await site.browser().post("/api/v1/sign-up", json={"handle": "eve", **new})
    made = (await ada.post("/api/v1/accounts/invitations", json={})).json()["url"].partition("#")[2]
    mo = {"token": made, "handle": "mo", **new}
    await site.browser().post("/api/v1/invitations/accept", json=mo)
    made = (await ada.post("/api/v1/accounts/grace/reset")).json()["url"].partition("#")[2]
    body = {"token": made, "password": "another long one"}
    await site.browser().post("/api/v1/resets/use", json=body)
    entries = (await ada.get("/api/v1/audit", params={"limit": 100})).json()["entries"]
    begun = [entry["detail"]["by"] for entry in entries if entry["act"] == "session.begin"]
    assert begun[::-1] == ["setup", "password", "sign-up", "invitation", "reset"]


async def test_no_secret_ever_reaches_the_record(site: Any) -> None:
    http = await site.set_up()
    token = (await http.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    link = (await http.post("/api/v1/accounts/invitations", json={})).json()["url"].partition("#")[2]
    text = (await http.get("/api/v1/audit")).text
    for secret in (token, link, "correct horse battery"):
        assert secret not in text


async def test_what_the_local_key_does_is_its_own_and_nobody_s(site: Any) -> None:
    http = await site.set_up()
    local = site.operator()
    space = (await local.post("/api/v1/spaces", json={"title": "From the terminal"})).json()["id"]
    await local.post(f"/api/v1/spaces/{space}/notices", json={"text": "Soon"})
    await local.post(f"/api/v1/spaces/{space}/live")
    entries = (await http.get("/api/v1/audit", params={"space": space})).json()["entries"]
    assert {entry["act"] for entry in entries} == {"space.create", "notice.post", "space.live"}
    assert {entry["actor"]["label"] for entry in entries} == {"local"}
    assert {entry["actor"]["name"] for entry in entries} == {""}
    exported = (await http.get("/api/v1/account/export")).json()
    assert space not in {each["space"] for each in exported["audit"]}


async def test_who_takes_the_stage_by_the_local_key_is_one_person_with_its_operator(site: Any) -> None:
    http = await site.set_up()
    local = site.operator()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    asked = (await http.get(f"/api/v1/spaces/{space}/stage")).json()["consent"]
    body = {"text_id": asked["id"], "accepted": True}
    consent = f"/api/v1/spaces/{space}/stage/consent"
    speakers = {
        (await each.post(consent, json={**body, "name": name})).json()["speaker"]
        for each, name in ((http, "Ada"), (local, "Ada of the desk"))
    }
    assert len(speakers) == 1
    entries = (await http.get("/api/v1/audit", params={"space": space})).json()["entries"]
    assert [entry["actor"]["name"] for entry in entries if entry["act"] == "stage.consent"] == ["", "Ada"]


async def test_whoever_comes_and_goes_is_on_record_and_no_session_s_secret_is(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    stage = f"/api/v1/spaces/{space}/stage"
    sam = await site.speaker(ada, space, "speaker", "Sam")
    await sam.post(f"{stage}/consent", json=CONSENT)
    offer = {"content": SDP, "headers": {"content-type": "application/sdp"}}
    session = (await sam.post(f"{stage}/offer", json={"sdp": SDP})).json()["session"]
    await sam.delete(f"{stage}/sessions/{session}")
    source = (await sam.post(f"/whip/{space}", **offer)).headers["location"]
    assert (await sam.delete(source)).status_code == 200
    monitor = (await ada.post(f"/whep/{space}", **offer)).headers["location"]
    assert (await ada.delete(monitor)).status_code == 200
    entries = (await ada.get("/api/v1/audit", params={"space": space})).json()["entries"]
    lines = [(each["act"], each["detail"]) for each in entries if each["act"] != "stage.consent"]
    assert lines[::-1][2:] == [
        ("stage.enter", {"one_way": False}),
        ("stage.leave", {}),
        ("stage.enter", {"one_way": True}),
        ("stage.leave", {}),
        ("stage.monitor", {}),
        ("stage.monitor-end", {}),
    ]


async def test_a_seat_that_is_lost_is_on_record_with_whose_it_was(site: Any, wait_until: Any) -> None:
    ada = await site.set_up()
    space = SpaceId((await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])
    sam = await site.speaker(ada, space, "speaker", "Sam")
    consented = await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    speaker = SpeakerId(consented.json()["speaker"])
    for lost in (SpeakerId("nnnnnnn2"), speaker):
        site.bus.publish(seat_lost(space), SeatLost(space=space, speaker=lost))

    async def told() -> bool:
        return "stage.lose-seat" in await acts(ada, space=space)

    await wait_until(told)
    entries = (await ada.get("/api/v1/audit", params={"space": space})).json()["entries"]
    assert [each["detail"] for each in entries if each["act"] == "stage.lose-seat"] == [
        {"speaker": speaker, "name": "Sam"}
    ]


async def test_whoever_the_stage_does_not_take_or_let_speak_leaves_one_line_each_time(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    people = [await site.speaker(ada, space, "speaker", name) for name in ("Sam", "Lea", "Rita")]
    bodies = [{**CONSENT, "browser": name} for name in ("his", "hers", "another")]
    came = zip(people, bodies, strict=True)
    consented = [await each.post(f"{path}/stage/consent", json=body) for each, body in came]
    speakers = [answer.json()["speaker"] for answer in consented]
    sam, lea, rita = people
    mutes = [f"{path}/stage/speakers/{each}/mute" for each in speakers]
    await ada.post(mutes[0], json={"muted": True})
    await ada.delete(f"{path}/floor/speakers/{speakers[1]}")
    await ada.post(f"{path}/floor/speakers/{speakers[2]}/block", json={})

    async def taken_off(offer: Any) -> Any:
        raise TakenOff

    site.stage.answer_offer = taken_off
    offer = f"{path}/stage/offer"
    refused = [
        await sam.post(mutes[0], json={"muted": False}),
        await sam.post(offer, json={"sdp": SDP}),
        await lea.post(offer, json={"sdp": SDP}),
        await rita.post(offer, json={"sdp": SDP}),
    ]
    codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in refused]
    assert codes == [(403, "muted_by_host"), (403, "taken_off"), (403, "off_stage"), (403, "blocked")]
    entries = (await ada.get("/api/v1/audit", params={"space": space})).json()["entries"]
    tried = [each["detail"]["tried"] for each in entries if each["act"].endswith(".refused")]
    assert tried[::-1] == ["mute-self", *["POST /spaces/{space}/stage/offer"] * 3]


async def test_whoever_was_taken_off_leaves_once_more_without_a_line(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam, lea = [await site.speaker(ada, space, "speaker", name) for name in ("Sam", "Lea")]
    consented = [await each.post(f"{path}/stage/consent", json=CONSENT) for each in (sam, lea)]
    speakers = [f"{path}/floor/speakers/{answer.json()['speaker']}" for answer in consented]
    session = (await sam.post(f"{path}/stage/offer", json={"sdp": SDP})).json()["session"]
    await ada.delete(speakers[0])
    await ada.post(f"{speakers[1]}/block", json={})
    for each in (sam, lea):
        assert (await each.delete(f"{path}/stage/sessions/{session}")).status_code == 204
        assert (await each.delete(f"/whip/{space}/{session}")).status_code == 404
    assert site.stage.left == []
    assert (await acts(ada, space=space))[:2] == ["floor.block", "floor.remove"]


async def test_what_is_asked_for_on_the_way_is_no_line_in_the_record(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    private = {"title": "Talk", "visibility": "private", "passphrase": "open sesame"}
    space = (await ada.post("/api/v1/spaces", json=private)).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(ada, space, "speaker", "Sam")
    asked = [
        await sam.post(f"{path}/stage/offer", json={"sdp": SDP}),
        await grace.post(f"{path}/pass", json={}),
        await grace.post(f"{path}/pass", json={"passphrase": "guessed"}),
        await grace.post("/api/v1/session/proof", json={}),
    ]
    codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in asked]
    assert codes == [
        (403, "consent_needed"),
        (403, "pass_needed"),
        (403, "wrong_passphrase"),
        (403, "proof_needed"),
    ]
    wrong = {"handle": "grace", "password": "guessed it"}
    assert (await site.browser().post("/api/v1/session", json=wrong)).status_code == 401
    assert not [act for act in await acts(ada) if act.endswith(".refused")]


async def test_what_somebody_may_not_leaves_a_line_and_nothing_else(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    hers = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()
    space = f"/api/v1/spaces/{hers['id']}"
    before = (await ada.get(space)).json()
    refused = [
        await grace.patch(space, json={"title": "Mine now"}),
        await grace.post(f"{space}/notices", json={"text": "Come to mine"}),
        await grace.post("/api/v1/accounts/ada/suspend", json={"reason": "no"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert all(answer.json()["error"]["message"].startswith("You may not ") for answer in refused)
    assert (await grace.get(space)).status_code == 403
    assert (await ada.get(space)).json() == before
    entries = (await ada.get("/api/v1/audit", params={"limit": 3})).json()["entries"]
    assert [(each["act"], each["actor"]["handle"], each["space"]) for each in reversed(entries)] == [
        ("backstage.refused", "grace", hers["id"]),
        ("backstage.refused", "grace", hers["id"]),
        ("backstage.refused", "grace", None),
    ]
    assert entries[2]["detail"] == {"tried": "PATCH /spaces/{space}"}
