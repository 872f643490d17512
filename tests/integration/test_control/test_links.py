"""Links to a stage: who holds one, taking one back, and what becomes of those whose maker may make none."""

from __future__ import annotations

from typing import Any

import pytest

from harness.floor import enters
from rostra.bus.messages import Off

from .test_suspension import consented


async def test_a_link_taken_back_opens_nothing_and_its_holder_is_off_the_stage(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    made = (await ada.post(f"/api/v1/spaces/{space}/links", json={"role": "speaker", "name": "Bob"})).json()
    bob = site.client(f"Speaker {made['token']}")
    speaker = await consented(bob, space)
    (link,) = (await ada.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    assert link["id"] == made["id"]
    assert (link["name"], link["role"], link["used"]) == ("Bob", "speaker", True)
    assert made["token"] not in str(link)
    assert link["used_by"] == "Somebody"
    await consented(bob, space, "Robert")
    (link,) = (await ada.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    assert (link["name"], link["used_by"]) == ("Bob", "Robert")

    assert (await bob.delete(f"/api/v1/spaces/{space}/links/{link['id']}")).status_code == 403
    assert (await ada.delete(f"/api/v1/spaces/{space}/links/{link['id']}")).status_code == 204
    assert (await bob.get(f"/api/v1/spaces/{space}/stage")).status_code == 401
    assert [(off.speakers, off.why) for off in site.stage.taken_off] == [((speaker,), Off.LINK)]
    assert (await ada.get(f"/api/v1/spaces/{space}/links")).json()["links"] == []
    assert (await ada.delete(f"/api/v1/spaces/{space}/links/{link['id']}")).status_code == 404


async def test_links_are_for_those_who_make_them(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    grace = await site.host("grace")
    assert (await grace.get(f"/api/v1/spaces/{space}/links")).status_code == 403


async def link_of(http: Any, space: str, name: str) -> str:
    links = (await http.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    return str(next(link["id"] for link in links if link["name"] == name))


async def test_a_link_is_taken_back_from_what_its_holder_is_by_now(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    carla = await site.speaker(ada, space, "cohost", "Carla")
    bob = await site.speaker(ada, space, "speaker", "Bob")
    speaker = await consented(bob, space)
    place, link = f"{path}/floor/speakers/{speaker}/place", f"{path}/links/{await link_of(ada, space, 'Bob')}"
    await ada.post(f"{path}/live")
    await enters(site, ada, path, speaker)
    for role, called in (("cohost", "a co-host"), ("host", "a host")):
        assert (await ada.put(place, json={"role": role})).status_code == 204
        refused = await carla.delete(link)
        assert refused.status_code == 403
        assert refused.json()["error"]["message"] == f"A co-host may not take back the link of {called}."
    assert site.stage.taken_off == []
    assert (await ada.delete(link)).status_code == 204


async def test_a_link_that_nobody_used_is_taken_back_as_it_was_made(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    carla = await site.speaker(ada, space, "cohost", "Carla")
    allowed = {"host": False, "cohost": False, "speaker": True, "captioner": True}
    for role, may in allowed.items():
        await site.speaker(ada, space, role, role.title())
        link = f"/api/v1/spaces/{space}/links/{await link_of(ada, space, role.title())}"
        assert (await carla.delete(link)).status_code == (204 if may else 403), role


async def opens(http: Any, space: str) -> tuple[int, int]:
    """What the bearer of a link gets at the stage, and where passes to it are given out."""
    stage = await http.get(f"/api/v1/spaces/{space}/stage")
    given = await http.post(f"/api/v1/spaces/{space}/pass", json={})
    return stage.status_code, given.status_code


async def operator(site: Any, ada: Any, handle: str) -> Any:
    """Somebody whom ``ada`` made an operator."""
    http = await site.host(handle)
    assert (await ada.patch(f"/api/v1/accounts/{handle}", json={"role": "operator"})).status_code == 200
    return http


async def test_a_link_of_a_cohost_who_is_suspended_opens_nothing_unless_somebody_came_by_it(
    site: Any,
) -> None:
    ada, grace = await site.set_up(), await site.host("grace")
    body = {"title": "T", "visibility": "private"}
    space = (await ada.post("/api/v1/spaces", json=body)).json()["id"]
    floor = f"/api/v1/spaces/{space}/floor"
    assert (await ada.post(f"{floor}/invite", json={"handle": "grace"})).status_code == 204
    speaker = await consented(grace, space, "Grace")
    made = await ada.put(f"{floor}/speakers/{speaker}/place", json={"role": "cohost"})
    assert made.status_code == 204, made.text
    came, unused = [await site.speaker(grace, space, "speaker", name) for name in ("Bob", "Eve")]
    await consented(came, space, "Bob")
    of_ada = await site.speaker(ada, space, "speaker", "Sam")
    assert [await opens(each, space) for each in (came, unused, of_ada)] == [(200, 200)] * 3
    await ada.post("/api/v1/accounts/grace/suspend", json={})
    assert await opens(unused, space) == (401, 401)
    assert [await opens(each, space) for each in (came, of_ada)] == [(200, 200)] * 2
    await ada.post("/api/v1/accounts/grace/reinstate")
    assert await opens(unused, space) == (200, 200)


async def test_a_link_of_an_operator_who_is_suspended_opens_no_stage_and_gives_no_pass(site: Any) -> None:
    ada = await site.set_up()
    olga = await operator(site, ada, "olga")
    body = {"title": "T", "visibility": "private"}
    space = (await ada.post("/api/v1/spaces", json=body)).json()["id"]
    links = [await site.speaker(olga, space, role, "Olga's") for role in ("host", "cohost", "captioner")]
    await ada.post("/api/v1/accounts/olga/suspend", json={})
    assert [await opens(each, space) for each in links] == [(401, 401)] * 3
    for each in links:
        assert (await each.get(f"/api/v1/spaces/{space}/links")).status_code == 401


async def test_an_operator_who_is_none_any_more_leaves_no_way_to_lead_a_stage(site: Any) -> None:
    ada = await site.set_up()
    olga = await operator(site, ada, "olga")
    body = {"title": "T", "visibility": "private"}
    space = (await ada.post("/api/v1/spaces", json=body)).json()["id"]
    led = [await site.speaker(olga, space, role, role) for role in ("host", "cohost")]
    speaker = await site.speaker(olga, space, "speaker", "Sam")
    came = await site.speaker(olga, space, "cohost", "Carla")
    await consented(came, space, "Carla")
    await ada.patch("/api/v1/accounts/olga", json={"role": "member"})
    assert [await opens(each, space) for each in led] == [(401, 401)] * 2
    assert [await opens(each, space) for each in (speaker, came)] == [(200, 200)] * 2


@pytest.mark.parametrize("suspended", [True, False])
async def test_a_link_to_lead_that_nobody_used_goes_with_whoever_made_it(site: Any, suspended: bool) -> None:
    ada = await site.set_up()
    olga = await operator(site, ada, "olga")
    space = (await ada.post("/api/v1/spaces", json={"title": "T", "visibility": "private"})).json()["id"]
    led = [await site.speaker(olga, space, role, role) for role in ("host", "cohost")]
    speaker = await site.speaker(olga, space, "speaker", "Sam")
    came = await site.speaker(olga, space, "cohost", "Carla")
    await consented(came, space, "Carla")
    if suspended:
        await ada.post("/api/v1/accounts/olga/suspend", json={})
    assert (await ada.request("DELETE", "/api/v1/accounts/olga")).status_code == 204
    assert [await opens(each, space) for each in led] == [(401, 401)] * 2
    assert await opens(speaker, space) == ((401, 401) if suspended else (200, 200))
    assert await opens(came, space) == (200, 200)


async def test_who_is_taken_off_a_private_stage_may_still_listen(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T", "visibility": "private"})).json()["id"]
    sam = await site.speaker(ada, space, "speaker", "Sam")
    speaker = await consented(sam, space, "Sam")
    assert (await ada.delete(f"/api/v1/spaces/{space}/floor/speakers/{speaker}")).status_code == 204
    assert await opens(sam, space) == (403, 200)


async def test_a_link_made_by_the_data_folders_key_rests_on_nobodys_standing(site: Any) -> None:
    ada = await site.set_up()
    await operator(site, ada, "olga")
    space = (await ada.post("/api/v1/spaces", json={"title": "T", "visibility": "private"})).json()["id"]
    led = await site.speaker(site.operator(), space, "cohost", "Carla")
    assert (await site.operator().patch("/api/v1/accounts/ada", json={"role": "member"})).status_code == 200
    assert await opens(led, space) == (200, 200)


async def test_a_member_s_own_links_are_as_good_once_they_operate_nothing_any_more(site: Any) -> None:
    ada = await site.set_up()
    olga = await operator(site, ada, "olga")
    space = (await olga.post("/api/v1/spaces", json={"title": "Hers"})).json()["id"]
    cohost = await site.speaker(olga, space, "cohost", "Carla")
    await ada.patch("/api/v1/accounts/olga", json={"role": "member"})
    assert (await cohost.get(f"/api/v1/spaces/{space}/stage")).status_code == 200
