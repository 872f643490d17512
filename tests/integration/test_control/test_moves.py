"""Moves: who may send an audience where, which moves are refused, and what everybody then hears."""

from __future__ import annotations

from typing import Any

import pytest

from harness.floor import enters

from .test_suspension import consented


async def make(http: Any, title: str = "Talk", **fields: Any) -> str:
    body = {"title": title, "starts_at": "2031-01-01T20:00:00Z", **fields}
    answer = await http.post("/api/v1/spaces", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def move(http: Any, space: str, to: str) -> Any:
    return await http.post(f"/api/v1/spaces/{space}/move", json={"to": to})


async def test_a_host_moves_an_audience_and_both_spaces_know(site: Any, wait_until: Any) -> None:
    await site.set_up()
    ann = await site.host("ann")
    here, there = await make(ann, "Here"), await make(ann, "There")
    moved = await move(ann, here, there)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["moved_to"], moved.json()["moved_from"]) == (there, [])
    assert (await ann.get(f"/api/v1/spaces/{there}")).json()["moved_from"] == [here]
    await wait_until(lambda: site.states[here].moved_to == there)
    await wait_until(lambda: site.states[there].moved_from == (here,))
    revision = site.states[here].revision
    assert (await move(ann, here, there)).status_code == 200
    assert (await ann.get(f"/api/v1/spaces/{here}")).json()["revision"] == revision
    record = (await ann.get(f"/api/v1/audit?space={here}")).json()["entries"]
    assert [entry["act"] for entry in record].count("space.move") == 1
    assert (await ann.get(f"/api/v1/audit?space={there}")).json()["entries"][0]["act"] == "space.take-in"


async def test_the_studio_says_where_it_goes_on_and_leads_to_that_studio_whoever_has_a_place_there(
    site: Any,
) -> None:
    await site.set_up()
    ann, bob = await site.host("ann"), await site.host("bob")
    here, there = await make(ann, "Here"), await make(ann, "There", visibility="private")
    await ann.post(f"/api/v1/spaces/{here}/floor/invite", json={"handle": "bob"})
    stage = f"/api/v1/spaces/{here}/stage"
    assert (await ann.get(stage)).json()["moved"] is None
    await move(ann, here, there)
    to_host, to_guest = [(await http.get(stage)).json()["moved"] for http in (ann, bob)]
    assert (to_host["space"], to_host["title"]) == (there, "There")
    assert to_host["studio_url"].endswith(f"/studio/{there}")
    assert (to_guest["title"], to_guest["studio_url"]) == ("", None)
    assert to_guest["event_url"].endswith(f"/s/{there}")
    made = await ann.post(f"/api/v1/spaces/{here}/links", json={"role": "speaker", "name": "Ann"})
    key = {"authorization": f"Speaker {made.json()['token']}"}
    by_link = (await ann.get(stage, headers=key)).json()["moved"]
    assert by_link["studio_url"] == to_host["studio_url"], "signed in, she comes there as herself"
    for http in (bob, site.client()):
        assert (await http.get(stage, headers=key)).json()["moved"]["studio_url"] is None


@pytest.mark.parametrize(
    ("from_a", "to_an", "hidden", "named"),
    [
        ("public", "public", False, True),
        ("public", "public", True, False),
        ("public", "unlisted", False, False),
        ("unlisted", "unlisted", False, True),
    ],
)
async def test_a_stage_names_where_it_goes_on_as_its_page_does_but_for_whoever_speaks_there(
    site: Any, from_a: str, to_an: str, hidden: bool, named: bool
) -> None:
    operator = await site.set_up()
    ann, bob = await site.host("ann"), await site.host("bob")
    here, there = await make(ann, "Here", visibility=from_a), await make(ann, "There", visibility=to_an)
    await ann.post(f"/api/v1/spaces/{here}/floor/invite", json={"handle": "bob"})
    await move(ann, here, there)
    if hidden:
        await operator.put(f"/api/v1/spaces/{there}/hidden", json={"reason": "Not here."})
    stage = f"/api/v1/spaces/{here}/stage"
    to_host, to_guest = [(await http.get(stage)).json()["moved"]["title"] for http in (ann, bob)]
    assert (to_host, to_guest) == ("There", "There" if named else "")


async def test_chains_and_circles_are_refused_with_what_is_wrong(site: Any) -> None:
    http = await site.set_up()
    a, b, c = [await make(http, name) for name in "ABC"]
    assert (await move(http, a, b)).status_code == 200
    for space, to, words in (
        (a, a, "to itself"),
        (a, c, "moved already"),
        (b, a, "in circles"),
        (b, c, "a second time"),
        (c, a, "has moved itself"),
    ):
        answer = await move(http, space, to)
        assert answer.status_code == 409, (space, to)
        assert words in answer.json()["error"]["message"]
    assert (await move(http, c, b)).status_code == 200
    assert (await move(http, a, "nothinghere")).status_code == 404


async def test_nobody_moves_anything_from_or_to_a_space_of_others(site: Any) -> None:
    ada = await site.set_up()
    ann, bob = await site.host("ann"), await site.host("bob")
    anns, bobs = await make(ann), await make(bob)
    from_there = "You may not move this conversation."
    to_there = "You may not move another conversation here."
    for who, space, to, sentence in (
        (ann, anns, bobs, to_there),
        (ann, bobs, anns, from_there),
        (bob, anns, bobs, from_there),
    ):
        answer = await move(who, space, to)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, sentence)
    by_link = await site.speaker(ann, anns, "host", "Guest")
    assert (await move(by_link, anns, bobs)).status_code == 403
    assert (await move(ada, anns, bobs)).status_code == 200


async def test_whoever_was_handed_the_host_s_role_moves_the_audience_to_a_space_of_their_own(
    site: Any,
) -> None:
    await site.set_up()
    ann, bob = await site.host("ann"), await site.host("bob")
    anns, bobs = await make(ann), await make(bob)
    path = f"/api/v1/spaces/{anns}"
    await ann.post(f"{path}/floor/invite", json={"handle": "bob"})
    speaker = await consented(bob, anns)
    assert (await move(bob, anns, bobs)).status_code == 403, "a speaker"
    place = f"{path}/floor/speakers/{speaker}/place"
    await enters(site, ann, path, speaker)
    assert (await ann.put(place, json={"role": "host"})).status_code == 204
    assert (await bob.get(f"{path}/stage")).json()["me"]["may"]["move"]
    assert (await move(bob, bobs, anns)).status_code == 403, "nobody is sent to somebody else's"
    assert (await move(bob, anns, bobs)).status_code == 200


async def test_what_is_over_moves_nowhere_and_takes_nobody_in(site: Any) -> None:
    http = await site.set_up()
    over, coming = await make(http), await make(http)
    await http.post(f"/api/v1/spaces/{over}/cancel")
    assert "over" in (await move(http, over, coming)).json()["error"]["message"]
    assert "nothing would be heard" in (await move(http, coming, over)).json()["error"]["message"]


async def test_a_space_that_moved_ahead_of_its_start_goes_live_no_more(site: Any) -> None:
    http = await site.set_up()
    here, there = await make(http), await make(http)
    await move(http, here, there)
    refused = await http.post(f"/api/v1/spaces/{here}/live")
    assert (refused.status_code, refused.json()["error"]["detail"]) == (409, {"moved_to": there})
    assert (await http.post(f"/api/v1/spaces/{there}/live")).status_code == 200


async def test_a_live_space_moves_and_is_still_to_be_ended(site: Any) -> None:
    http = await site.set_up()
    here, there = await make(http), await make(http)
    await http.post(f"/api/v1/spaces/{here}/live")
    assert (await move(http, here, there)).json()["state"] == "live"
    ended = await http.post(f"/api/v1/spaces/{here}/end")
    assert (ended.json()["state"], ended.json()["moved_to"]) == ("published", there)


@pytest.mark.parametrize("body", [{}, {"to": 7}, {"to": "x" * 200}, {"to": "a", "more": 1}])
async def test_a_move_that_names_no_space_is_refused(site: Any, body: Any) -> None:
    http = await site.set_up()
    assert (await http.post(f"/api/v1/spaces/{await make(http)}/move", json=body)).status_code == 400
