"""Who is blocked from a floor: as everybody they are there, and no longer than until the block is lifted."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.floor import CONSENT, SDP, Floor, consent, floor_of, view
from harness.floor_rules import ALLOWED
from rostra.bus.client import RemoteError
from rostra.bus.messages import Asking, FloorState, floor_state
from rostra.control.floor import Act, Place
from rostra.core.ids import SpaceId
from rostra.store.database import database_path


async def test_only_who_may_lift_blocks_sees_them(site: Any, accounts: Any) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator)
    block = await floor.blocked()
    for actor, http in floor.people.items():
        answer = await http.get(f"{floor.path}/floor/blocks")
        if (Act.UNBLOCK, actor, None) in ALLOWED:
            assert [each["id"] for each in answer.json()["blocks"]] == [block]
        else:
            assert answer.status_code == 403


async def test_a_blocked_guest_is_refused_by_browser_and_by_invitation_until_the_block_is_lifted(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(owner, space, "speaker", "Sam")
    body = {**CONSENT, "browser": "a browser of Sam's"}
    speaker = (await sam.post(f"{path}/stage/consent", json=body)).json()["speaker"]
    assert (await owner.post(f"{path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert site.stage.taken_off[-1].speakers == (speaker,)
    refused = await sam.post(f"{path}/stage/offer", json={"sdp": SDP})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
    assert "this browser and the invitation" in refused.json()["error"]["message"]
    floor = Floor(site, space, {}, {})
    with pytest.raises(Exception, match="this browser"):
        await floor.ask("again", name="Samuel", browser="a browser of Sam's")
    await floor.ask("another", name="Rita", browser="hers")
    await site.control.kill()
    await site.start()
    owner.base_url = sam.base_url = site.url
    owner.headers["origin"] = site.url
    assert (await sam.get(f"{path}/stage")).json()["error"]["code"] == "blocked"
    (block,) = (await owner.get(f"{path}/floor/blocks")).json()["blocks"]
    assert (await owner.delete(f"{path}/floor/blocks/{block['id']}")).status_code == 204
    await floor.ask("again", name="Samuel", browser="a browser of Sam's")


async def test_a_lifted_block_gives_back_what_it_took_and_nothing_else(site: Any, accounts: Any) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator)
    blocks, sam, carla = f"{floor.path}/floor/blocks", floor.people[Place.SPEAKER], floor.people[Place.COHOST]
    second = (await owner.post("/api/v1/spaces", json={"title": "Another talk"})).json()["id"]
    eve = await site.host("eve")
    await owner.post(f"/api/v1/spaces/{second}/floor/invite", json={"handle": "eve"})
    await owner.post(f"{floor.path}/floor/invite", json={"handle": "eve"})
    eves = await consent(eve, floor.path, "")

    async def opens(http: Any, path: str = floor.path) -> str:
        answer = (await http.get(f"{path}/stage")).json()
        return str(answer["error"]["code"] if "error" in answer else answer["me"]["place"])

    async def lift() -> None:
        for block in (await owner.get(blocks)).json()["blocks"]:
            assert (await owner.delete(f"{blocks}/{block['id']}")).status_code == 204

    for place in (Place.SPEAKER, Place.COHOST, Place.LISTENER):
        assert (await floor.act(Act.BLOCK, Place.OWNER, place)).status_code == 204
    whom = f"{floor.path}/floor/speakers/{eves}/block"
    assert (await owner.post(whom, json={"everywhere": True})).status_code == 204
    people = [sam, carla, floor.people[Place.LISTENER], eve]
    assert [await opens(http) for http in people] == ["blocked"] * 4
    await lift()
    assert [await opens(http) for http in people] == ["speaker", "speaker", "off_stage", "speaker"]
    assert await opens(eve, f"/api/v1/spaces/{second}") == "speaker"
    assert (await sam.post(f"{floor.path}/stage/offer", json={"sdp": SDP})).status_code == 200
    await floor.act(Act.BLOCK, Place.OWNER, Place.SPEAKER)
    await floor.act(Act.BLOCK, Place.OWNER, Place.SPEAKER)
    first, *_ = (await owner.get(blocks)).json()["blocks"]
    await owner.delete(f"{blocks}/{first['id']}")
    assert await opens(sam) == "blocked", "one is left"


async def test_who_is_there_as_two_is_judged_by_the_higher_place(site: Any, accounts: Any) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    carla = await site.speaker(owner, space, "cohost", "Carla")
    await consent(carla, floor.path, "")
    vouched = (await eve.get(f"{floor.path}/floor/me")).json()["voucher"]
    request = await floor.ask("eves", voucher=vouched)
    by_link = await site.speaker(owner, space, "cohost", "Eve")
    by_link.cookies = eve.cookies
    await consent(by_link, floor.path, "Eve")
    asked = f"{floor.path}/floor/requests/{request}"
    refused = await carla.post(f"{asked}/block", json={})
    assert (refused.status_code, "block a co-host" in refused.text) == (403, True)
    assert (await carla.post(f"{asked}/accept")).status_code == 204
    speaker = await consent(site.client("Speaker eves"), floor.path, "Eve Two")
    refused = await carla.post(f"{floor.path}/floor/speakers/{speaker}/block", json={})
    assert (refused.status_code, "block a co-host" in refused.text) == (403, True)
    refused = await carla.delete(f"{floor.path}/floor/speakers/{speaker}")
    assert (refused.status_code, "remove a co-host" in refused.text) == (403, True)
    with pytest.raises(RemoteError, match="A co-host may not ask"):
        await floor.ask("again", voucher=vouched)
    assert (await owner.post(f"{floor.path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert len(site.stage.taken_off[-1].speakers) == 2
    for gone in (by_link, site.client("Speaker eves")):
        assert (await gone.get(f"{floor.path}/stage")).status_code == 403


@pytest.mark.parametrize("came", [True, False])
async def test_a_guest_who_was_let_speak_in_two_tabs_goes_from_both(
    site: Any, accounts: Any, came: bool
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    speakers = []
    for tab in ("one", "two"):
        request = await floor.ask(tab, name="Lena", browser="hers")
        assert (await owner.post(f"{floor.path}/floor/requests/{request}/accept")).status_code == 204
        if tab == "one" or came:
            body = {**CONSENT, "name": f"Lena {tab}", "browser": "hers"}
            answer = await site.client(f"Speaker {tab}").post(f"{floor.path}/stage/consent", json=body)
            speakers.append(answer.json()["speaker"])
    assert (await owner.post(f"{floor.path}/floor/speakers/{speakers[0]}/block", json={})).status_code == 204
    assert set(site.stage.taken_off[-1].speakers) == set(speakers)
    assert (await site.client("Speaker two").get(f"{floor.path}/stage")).status_code == 403


@pytest.mark.parametrize("asks", [True, False])
async def test_a_blocked_account_that_signs_out_is_the_same_browser(
    site: Any, accounts: Any, asks: bool
) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    if asks:
        vouched = (await eve.get(f"{floor.path}/floor/me")).json()["voucher"]
        whom = f"requests/{await floor.ask('eves', voucher=vouched, browser='hers')}"
    else:
        await owner.post(f"{floor.path}/floor/invite", json={"handle": "eve"})
        body = {**CONSENT, "name": "Eve", "browser": "hers"}
        speaker = (await eve.post(f"{floor.path}/stage/consent", json=body)).json()["speaker"]
        whom = f"speakers/{speaker}"
    assert (await owner.post(f"{floor.path}/floor/{whom}/block", json={})).status_code == 204
    with pytest.raises(RemoteError) as refused:
        await floor.ask("again", name="Lena", browser="hers")
    assert refused.value.code == "blocked"
    bob = await site.host("bob")
    vouched = (await bob.get(f"{floor.path}/floor/me")).json()["voucher"]
    await floor.ask("bobs", voucher=vouched, browser="hers")


async def test_who_is_blocked_everywhere_has_no_say_on_any_other_stage_of_the_owner(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    paths, speakers = [], []
    for _ in range(2):
        space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
        paths.append(path := f"/api/v1/spaces/{space}")
        await owner.post(f"{path}/floor/invite", json={"handle": "eve"})
        speakers.append(await consent(eve, path, "Eve"))
    here, there = paths
    made = await owner.put(f"{there}/floor/speakers/{speakers[1]}/place", json={"role": "cohost"})
    assert made.status_code == 204
    slides = {"link": "https://example.org/slides", "label": "Slides"}
    assert (await eve.put(f"{there}/pinned", json=slides)).status_code == 200
    blocked = await owner.post(f"{here}/floor/speakers/{speakers[0]}/block", json={"everywhere": True})
    assert blocked.status_code == 204
    assert set(site.stage.taken_off[-1].speakers) == set(speakers)
    for refused in (
        await eve.put(f"{there}/pinned", json={**slides, "label": "More"}),
        await eve.post(f"{there}/floor/mute-all"),
        await eve.post(f"{there}/stage/offer", json={"sdp": SDP}),
    ):
        assert refused.status_code == 403
    again = await owner.post(f"{there}/floor/invite", json={"handle": "eve"})
    assert (again.status_code, "Lift the block" in again.text) == (409, True)


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("on_stage", [True, False])
async def test_who_is_blocked_everywhere_waits_in_no_queue_of_the_owner_and_is_let_speak_in_none(
    site: Any, accounts: Any, signed_in: bool, on_stage: bool
) -> None:
    operator, owner = accounts
    eve = await site.host("eve")
    here, there, theirs = [
        Floor(site, (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"], {}, {})
        for http in (owner, owner, operator)
    ]

    async def ask(floor: Floor, tab: str) -> str:
        if signed_in:
            return await floor.ask(tab, voucher=(await eve.get(f"{floor.path}/floor/me")).json()["voucher"])
        return await floor.ask(tab, name="Lena", browser="hers")

    asked = {tab: await ask(floor, tab) for tab, floor in (("there", there), ("theirs", theirs))}
    whom = f"requests/{await ask(here, 'here')}"
    if on_stage:
        assert (await owner.post(f"{here.path}/floor/{whom}/accept")).status_code == 204
        body = {**CONSENT, "name": "Lena", "browser": "hers"}
        came = await site.client("Speaker here").post(f"{here.path}/stage/consent", json=body)
        whom = f"speakers/{came.json()['speaker']}"
    async with site.bus.subscribe(floor_state(SpaceId(there.space)), FloorState) as told:
        blocked = await owner.post(f"{here.path}/floor/{whom}/block", json={"everywhere": True})
        assert blocked.status_code == 204
        async with asyncio.timeout(5):
            async for _, state in told:
                if [each.state for each in state.requests] == [Asking.BLOCKED]:
                    break
    for http, floor, waiting in ((owner, there, 0), (operator, theirs, 1)):
        assert len((await view(http, floor.path))["requests"]) == waiting
    accept = f"{there.path}/floor/requests/{asked['there']}/accept"
    with closing(sqlite3.connect(database_path(site.data))) as connection:  # one who waited before that
        connection.execute("UPDATE floor_requests SET state = 'waiting'")
        connection.commit()
    refused = await owner.post(accept)
    assert (refused.status_code, "Lift the block" in refused.text) == (409, True)
    (block,) = (await owner.get(f"{there.path}/floor/blocks")).json()["blocks"]
    assert (await owner.delete(f"{there.path}/floor/blocks/{block['id']}")).status_code == 204
    assert (await owner.post(accept)).status_code == 204


async def test_a_block_of_somebody_who_only_asks_ends_nobodys_pass(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    epoch = site.states[space].pass_epoch
    request = await floor.ask("asks", name="Lena", browser="hers")
    assert (await owner.post(f"{floor.path}/floor/requests/{request}/block", json={})).status_code == 204
    assert site.states[space].pass_epoch == epoch


async def test_a_guest_who_is_blocked_everywhere_changes_nothing_where_they_never_were(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    here, there = [
        (await owner.post("/api/v1/spaces", json={"title": title})).json()["id"] for title in ("A", "B")
    ]
    sam = await site.speaker(owner, here, "speaker", "Sam")
    speaker = await consent(sam, f"/api/v1/spaces/{here}", "")
    before = site.states[there]
    path = f"/api/v1/spaces/{here}/floor/speakers/{speaker}/block"
    assert (await owner.post(path, json={"everywhere": True})).status_code == 204
    assert site.states[there] == before


async def test_a_blocked_account_gets_no_pass_to_a_private_space(site: Any, accounts: Any) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    body = {"title": "Talk", "visibility": "private"}
    space = (await owner.post("/api/v1/spaces", json=body)).json()["id"]
    path = f"/api/v1/spaces/{space}"
    await owner.put(f"{path}/invited/eve")
    await owner.post(f"{path}/floor/invite", json={"handle": "eve"})
    accepted = {**CONSENT, "text_id": "private-and-recorded-1", "name": "Eve"}
    speaker = (await eve.post(f"{path}/stage/consent", json=accepted)).json()["speaker"]
    assert (await eve.post(f"{path}/pass", json={})).status_code == 200
    assert (await owner.post(f"{path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert (await eve.post(f"{path}/pass", json={})).status_code == 403


@pytest.mark.parametrize("again", ["the one she asked in", "the one she accepted in first"])
async def test_a_block_holds_for_every_browser_that_a_guest_came_with(
    site: Any, accounts: Any, again: str
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("hers", name="Lena", browser="the one she asked in")
    assert (await owner.post(f"{floor.path}/floor/requests/{request}/accept")).status_code == 204
    lena = site.client("Speaker hers")
    for browser in ("the one she accepted in first", "the one she came with last"):
        body = {**CONSENT, "name": "Lena", "browser": browser}
        speaker = (await lena.post(f"{floor.path}/stage/consent", json=body)).json()["speaker"]
    assert (await owner.post(f"{floor.path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    with pytest.raises(RemoteError) as refused:
        await floor.ask("again", name="Berta", browser=again)
    assert refused.value.code == "blocked"
    invited = await site.speaker(owner, space, "speaker", "Berta")
    answer = await invited.post(f"{floor.path}/stage/consent", json={**CONSENT, "browser": again})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked")
    await floor.ask("another", name="Berta", browser="somebody else's")


async def test_no_guest_accepts_being_heard_without_saying_by_what_a_block_is_to_know_them(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}/stage/consent"
    body = {each: value for each, value in CONSENT.items() if each != "browser"}
    sam = await site.speaker(owner, space, "speaker", "Sam")
    refused = await sam.post(path, json=body)
    assert (refused.status_code, "by what is a block to know" in refused.text) == (400, True)
    assert (await sam.post(path, json={**body, "browser": "his"})).status_code == 200
    assert (await owner.post(path, json=body)).status_code == 200
