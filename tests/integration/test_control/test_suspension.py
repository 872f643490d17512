"""Suspended: off every stage, own spaces ended or hidden, every door shut; reinstated: all back."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from harness.floor import SDP
from rostra.bus import messages as m
from rostra.core.ids import SpaceId

PASSWORD = "correct horse battery"


async def suspend(site: Any, handle: str = "grace") -> Any:
    answer = await site.operator().post(f"/api/v1/accounts/{handle}/suspend", json={"reason": "spam"})
    assert answer.status_code == 200, answer.text
    return answer.json()["account"]


async def consented(http: Any, space: str, name: str = "Somebody") -> str:
    """Accept the sentence of a space; return the speaker's id."""
    asked = (await http.get(f"/api/v1/spaces/{space}/stage")).json()["consent"]
    body = {"text_id": asked["id"], "accepted": True, "name": name, "browser": name}
    answer = await http.post(f"/api/v1/spaces/{space}/stage/consent", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["speaker"])


async def test_every_way_in_is_refused_with_the_same_code_and_works_again_afterwards(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    token = (await grace.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    program = site.client(f"Bearer {token}")
    mark = (await suspend(site))["suspended"]
    assert mark["reason"] == "spam"
    assert (mark["by"], mark["label"]) == ("", "local")
    signing_in = await site.browser().post("/api/v1/session", json={"handle": "grace", "password": PASSWORD})
    refused = (
        await grace.get("/api/v1/session"),
        await grace.post("/api/v1/spaces", json={"title": "T"}),
        await program.get("/api/v1/spaces"),
        signing_in,
    )
    assert [answer.json()["error"]["code"] for answer in refused] == ["suspended"] * 4
    assert (await site.operator().post("/api/v1/accounts/grace/reinstate")).json()["account"][
        "suspended"
    ] is None
    assert [(await http.get("/api/v1/session")).status_code for http in (grace, program)] == [200, 200]


async def test_a_wrong_password_does_not_tell_that_an_account_is_suspended(site: Any) -> None:
    await site.set_up()
    await site.host("grace")
    await suspend(site)
    answer = await site.browser().post("/api/v1/session", json={"handle": "grace", "password": "wrong"})
    assert answer.json()["error"]["code"] == "sign_in_needed"


async def test_own_live_spaces_end_and_their_recording_stands(site: Any, wait_until: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Live"})).json()["id"]
    assert (await grace.post(f"/api/v1/spaces/{space}/live")).status_code == 200
    begun = time.monotonic()
    await suspend(site)
    await wait_until(lambda: site.states[space].lifecycle is m.Lifecycle.PUBLISHED, within_s=2)
    assert time.monotonic() - begun < 2
    assert site.states[space].ended_reason == "ended_by_site"


async def test_spaces_to_come_are_hidden_and_come_back(site: Any, wait_until: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = SpaceId((await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"])
    heard: list[object] = []
    async with site.bus.subscribe(m.space_state(space), m.SpaceState, m.Removed) as states:
        await suspend(site)
        async for _, state in states:
            heard.append(state)
            if isinstance(state, m.Removed):
                break
        await site.operator().post("/api/v1/accounts/grace/reinstate")
        async for _, state in states:
            heard.append(state)
            if isinstance(state, m.SpaceState):
                break
    assert isinstance(heard[-1], m.SpaceState)
    assert heard[-1].lifecycle is m.Lifecycle.SCHEDULED


async def told(site: Any, space: SpaceId, kind: type) -> Any:
    """What the other roles are told of a space, once it is a ``kind``."""
    async with (
        asyncio.timeout(5),
        site.bus.subscribe(m.space_state(space), m.SpaceState, m.Removed) as states,
    ):
        async for _, state in states:
            if isinstance(state, kind):
                return state
    raise AssertionError


async def test_what_was_called_off_meanwhile_is_seen_again_after_reinstatement(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = SpaceId((await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"])
    await suspend(site)
    assert (await site.operator().post(f"/api/v1/spaces/{space}/cancel")).status_code == 200
    await told(site, space, m.Removed)
    await site.operator().post("/api/v1/accounts/grace/reinstate")
    assert (await told(site, space, m.SpaceState)).lifecycle is m.Lifecycle.CANCELLED


async def test_going_live_while_the_host_is_suspended_ends_at_once(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = SpaceId((await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"])
    site.stage.begun, site.stage.begin = asyncio.Event(), asyncio.Event()
    going = asyncio.create_task(ada.post(f"/api/v1/spaces/{space}/live"))
    await site.stage.begun.wait()
    await suspend(site)
    site.stage.begin.set()
    answer = await going
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "suspended")
    assert site.stage.ended == {space}
    assert (await ada.get(f"/api/v1/spaces/{space}")).json()["state"] == "published"
    assert site.states[space].lifecycle is m.Lifecycle.SCHEDULED, "nobody was told that it began"


async def test_a_run_that_backstage_did_not_know_of_ends_with_the_suspension(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = SpaceId((await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"])
    await suspend(site)
    run = (await site.stage.live(m.GoLive(space=space, title="Soon"))).run
    site.stage.report(space, live=True, run=run)
    await wait_until(lambda: site.stage.ended == {space})

    async def over() -> bool:
        return bool((await ada.get(f"/api/v1/spaces/{space}")).json()["state"] == "published")

    await wait_until(over)


async def test_what_is_hidden_stays_hidden_when_backstage_restarts(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = SpaceId((await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"])
    await suspend(site)
    await site.restart()
    async with site.bus.subscribe(m.space_state(space), m.SpaceState, m.Removed) as states:
        async for _, state in states:
            assert isinstance(state, m.Removed)
            break


async def test_a_speaker_on_anothers_stage_is_off_and_the_space_goes_on(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await site.operator().patch("/api/v1/accounts/grace", json={"role": "operator"})
    space = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    speaker = await consented(grace, space)
    assert (await ada.post(f"/api/v1/spaces/{space}/live")).status_code == 200
    await suspend(site)
    asked, *_ = site.stage.taken_off
    assert asked.speakers == (speaker,)
    assert asked.space is None
    assert asked.why is m.Off.SUSPENDED
    refused = await grace.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": "v=0\r\n"})
    assert refused.json()["error"]["code"] == "suspended"
    assert site.states[space].lifecycle is m.Lifecycle.LIVE
    await site.operator().post("/api/v1/accounts/grace/reinstate")
    back = await grace.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": "v=0\r\n"})
    assert back.status_code == 200


async def test_somebody_signed_in_who_came_by_a_link_is_off_too_and_the_link_is_no_way_back(
    site: Any,
) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    token = (await ada.post(f"/api/v1/spaces/{space}/links", json={"role": "speaker"})).json()["token"]
    grace.headers["authorization"] = f"Speaker {token}"
    speaker = await consented(grace, space)
    await suspend(site)
    assert {asked.speakers for asked in site.stage.taken_off} == {(speaker,)}, "once, or again to be sure"
    without_cookie = site.client(f"Speaker {token}")
    for http in (grace, without_cookie):
        answer = await http.get(f"/api/v1/spaces/{space}/stage")
        assert answer.json()["error"]["code"] == "suspended"
    await site.operator().post("/api/v1/accounts/grace/reinstate")
    assert (await grace.get(f"/api/v1/spaces/{space}/stage")).status_code == 200


async def test_whoever_signs_in_after_accepting_by_a_link_is_known_by_their_account(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    space = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    guest = await site.speaker(ada, space, "speaker", "Grace")
    speaker = await consented(guest, space, "Grace")
    signed_in = {"cookie": f"rostra_session={grace.cookies['rostra_session']}"}
    offer = f"/api/v1/spaces/{space}/stage/offer"
    for _ in range(2):
        assert (await guest.post(offer, json={"sdp": SDP}, headers=signed_in)).status_code == 200
    told = (await site.operator().get("/api/v1/accounts/grace/export")).json()
    by_account = {row["account"]: row for row in told["consents"]}
    assert len(told["consents"]) == 2, "what was accepted signed out, and once for the account"
    mine, before = by_account[told["account"]["id"]], by_account[None]
    assert {**mine, "id": 0, "account": None} == {**before, "id": 0}
    assert "stage.enter" in {line["act"] for line in told["audit"]}
    await suspend(site)
    assert {asked.speakers for asked in site.stage.taken_off} == {(speaker,)}
    refused = await guest.post(offer, json={"sdp": SDP})
    assert refused.json()["error"]["code"] == "suspended"


async def test_nobody_begins_a_space_for_a_suspended_host(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Soon"})).json()["id"]
    cohost = await site.speaker(grace, space, "cohost", "Carl")
    await consented(cohost, space)
    await suspend(site)
    anew = await site.operator().post("/api/v1/spaces", json={"title": "For her", "host": "grace"})
    assert anew.json()["error"]["code"] == "suspended"
    for path, body in ((f"/{space}/live", None), (f"/{space}/stage/offer", {"sdp": "v=0\r\n"})):
        answer = await cohost.post(f"/api/v1/spaces{path}", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "suspended"), path


async def test_a_stage_that_was_away_is_asked_until_it_has_done_it(site: Any, wait_until: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Live"})).json()["id"]
    await grace.post(f"/api/v1/spaces/{space}/live")
    async with site.stage_away():
        await suspend(site)
        assert (await grace.get("/api/v1/session")).json()["error"]["code"] == "suspended"
        assert site.states[space].lifecycle is m.Lifecycle.LIVE
    await wait_until(lambda: site.states[space].lifecycle is m.Lifecycle.PUBLISHED)


async def test_a_suspension_outlives_a_restart_in_the_middle_of_it(site: Any, wait_until: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Live"})).json()["id"]
    await grace.post(f"/api/v1/spaces/{space}/live")
    async with site.stage_away():
        await suspend(site)
        await site.restart()
    await wait_until(lambda: site.states[space].lifecycle is m.Lifecycle.PUBLISHED)


async def test_a_studio_that_is_open_goes_dark(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await site.operator().patch("/api/v1/accounts/grace", json={"role": "operator"})
    space = (await ada.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    async with grace.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream:
        chunks = stream.aiter_text()
        assert "Hers" in await anext(chunks)
        await suspend(site)
        async with asyncio.timeout(2):
            assert "Hers" not in "".join([chunk async for chunk in chunks])
