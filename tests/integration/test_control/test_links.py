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
    assert link["id"] == made["id"]
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
