"""Spaces are scheduled, listed, changed; every other role hears of it; bad input gets a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from harness.floor import consent


async def create(http: Any, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/api/v1/spaces", json={"title": "Talk", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_scheduled_space_is_announced_to_all_roles(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await create(http, description="About tapes", starts_at="2030-01-31T20:00:00+01:00")
    await wait_until(lambda: space["id"] in site.states)
    state = site.states[space["id"]]
    assert (state.title, state.host_name, state.lifecycle) == ("Talk", "Ada", "scheduled")
    assert state.starts_at == 1_896_116_400_000
    assert space["event_url"] == f"http://127.0.0.1:8000/s/{space['id']}"


async def test_a_start_is_shown_in_its_own_zone_with_the_offset_of_that_day(site: Any) -> None:
    http = await site.set_up()
    winter = await create(http, starts_at="2030-01-31T19:00:00Z", time_zone="Europe/Berlin")
    summer = await create(http, starts_at="2030-07-31T19:00:00Z", time_zone="Europe/Berlin")
    assert winter["starts_at"] == "2030-01-31T20:00:00+01:00"
    assert summer["starts_at"] == "2030-07-31T21:00:00+02:00"


WRONG: list[tuple[object, str]] = [
    ({}, "“title” is missing"),
    ({"title": "   "}, "“title”"),
    ({"title": "x" * 201}, "“title”"),
    ({"title": "two\nlines"}, "one line"),
    ({"title": "T", "starts_at": "tomorrow"}, "The start is not a time"),
    ({"title": "T", "starts_at": "2030-01-31T20:00:00"}, "needs an offset"),
    ({"title": "T", "starts_at": "2001-01-31T20:00:00Z"}, "in the past"),
    ({"title": "T", "starts_at": "9999-12-31T20:00:00Z"}, "ten years"),
    ({"title": "T", "starts_at": 12}, "“start” must be text"),
    ({"title": "T", "time_zone": "Mars/Olympus"}, "time zone is not known"),
    ({"title": "T", "time_zone": "../../etc/passwd"}, "time zone is not known"),
    ({"title": "T", "colour": "red"}, "“colour” is not known here"),
    ([], "must be a JSON object"),
]


async def test_what_is_wrong_with_a_space_is_said_in_a_sentence(site: Any) -> None:
    http = await site.set_up()
    for body, words in WRONG:
        answer = await http.post("/api/v1/spaces", json=body)
        assert answer.status_code == 400, body
        error = answer.json()["error"]
        assert error["code"] == "bad_request"
        assert words in error["message"]


async def test_a_half_surrogate_in_a_title_is_refused_not_stored(site: Any) -> None:
    http = await site.set_up()
    answer = await http.post(
        "/api/v1/spaces", content=b'{"title": "\\ud800"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400


async def test_changing_a_space_counts_its_revision_up_and_tells_everyone(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await create(http)
    answer = await http.patch(
        f"/api/v1/spaces/{space['id']}", json={"title": "Better", "starts_at": "2030-01-31T20:00:00Z"}
    )
    assert answer.json()["title"] == "Better"
    assert answer.json()["starts_at"] == "2030-01-31T20:00:00+00:00"
    await wait_until(lambda: space["id"] in site.states and site.states[space["id"]].title == "Better")
    assert site.states[space["id"]].revision == 2


async def test_a_list_is_paged_without_losing_or_repeating_a_space(site: Any) -> None:
    http = await site.set_up()
    made = {(await create(http, title=f"Talk {n}", starts_at="2030-01-31T20:00:00Z"))["id"] for n in range(7)}
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await http.get("/api/v1/spaces", params={"limit": "3", **after})).json()
        seen += [space["id"] for space in page["spaces"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == 7
    assert set(seen) == made


async def test_a_list_can_be_narrowed_to_states(site: Any) -> None:
    http = await site.set_up()
    kept, gone = await create(http), await create(http)
    await http.post(f"/api/v1/spaces/{gone['id']}/cancel")
    page = (await http.get("/api/v1/spaces", params={"state": "scheduled"})).json()
    assert [space["id"] for space in page["spaces"]] == [kept["id"]]
    assert (await http.get("/api/v1/spaces", params={"state": "paused"})).status_code == 400
    assert (await http.get("/api/v1/spaces", params={"after": "x"})).status_code == 400


async def test_a_host_sees_only_their_own_spaces_and_cannot_name_another_host(site: Any) -> None:
    await create(await site.set_up())
    grace = await site.host("grace")
    own = await create(grace)
    page = (await grace.get("/api/v1/spaces")).json()
    assert [space["id"] for space in page["spaces"]] == [own["id"]]
    assert (await grace.post("/api/v1/spaces", json={"title": "T", "host": "ada"})).status_code == 403


async def test_an_operator_can_schedule_for_a_host(site: Any) -> None:
    ada = await site.set_up()
    await site.host("grace")
    assert (await create(ada, host="grace"))["host_name"] == "Grace"
    assert (await ada.post("/api/v1/spaces", json={"title": "T", "host": "nobody"})).status_code == 404


async def test_an_unknown_space_is_404_whatever_its_id_looks_like(site: Any) -> None:
    http = await site.set_up()
    for space in ("zzzzzzzzzz", "UPPER", "a'b", "..%2f..", "%00", "x" * 300):
        assert (await http.get(f"/api/v1/spaces/{space}")).status_code == 404, space


async def test_names_on_links_are_announced_host_first(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await create(http)
    await site.speaker(http, space["id"], "speaker", "Sam")
    await site.speaker(http, space["id"], "host", "Nora")
    await wait_until(
        lambda: space["id"] in site.states and site.states[space["id"]].people == ("Nora", "Sam")
    )


async def test_once_it_is_live_nobody_is_named_who_did_not_accept_to_be_heard(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = (await create(http))["id"]
    await site.speaker(http, space, "speaker", "Sam")
    bridge = await site.speaker(http, space, "speaker", "Bridge")
    await consent(bridge, f"/api/v1/spaces/{space}", "Bridge")
    await wait_until(lambda: site.states[space].people == ("Ada", "Bridge", "Sam"))
    await http.post(f"/api/v1/spaces/{space}/live")
    await wait_until(lambda: site.states[space].people == ("Bridge",))
    await http.post(f"/api/v1/spaces/{space}/end")
    await wait_until(lambda: bool(site.states[space].ended_at))
    assert (site.states[space].people, site.states[space].host_name) == (("Bridge",), "Ada")


async def test_every_act_stands_in_the_audit(site: Any) -> None:
    http = await site.set_up()
    space = await create(http)
    await http.patch(f"/api/v1/spaces/{space['id']}", json={"title": "Better"})
    await http.post(f"/api/v1/spaces/{space['id']}/cancel")
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        rows = database.execute("select actor, act, space from audit order by id").fetchall()
    assert [act for _, act, _ in rows] == [
        "account.create",
        "session.begin",
        "space.create",
        "space.edit",
        "space.cancel",
    ]
    assert rows[-1][0].startswith("account:")
    assert rows[-1][2] == space["id"]
