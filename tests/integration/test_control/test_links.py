"""Links to a stage: who holds one, and taking one back."""

from __future__ import annotations

from typing import Any

from rostra.bus.messages import Off

from .test_suspension import consented


async def test_a_link_taken_back_opens_nothing_and_its_holder_is_off_the_stage(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "T"})).json()["id"]
    made = (await ada.post(f"/api/v1/spaces/{space}/links", json={"role": "speaker", "name": "Bob"})).json()
    bob = site.client(f"Speaker {made['token']}")
    speaker = await consented(bob, space)
    (link,) = (await ada.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    assert (link["name"], link["role"], link["used"]) == ("Bob", "speaker", True)
    assert made["token"] not in str(link)

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
