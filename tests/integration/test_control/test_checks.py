"""Sound checks: whoever has a link can try, the host sees what they found, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.control.checks import MOST_PER_SPACE
from rostra.store.database import Database, database_path
from rostra.store.tables import SoundCheckRow

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
FOUND = {
    "microphone": "heard",
    "headphones": "echo",
    "way": "relay",
    "relay": "works",
    "loss_percent": 1.5,
    "round_trip_ms": 48,
}


@pytest.fixture
async def talk(site: Any) -> tuple[Any, str]:
    host = await site.set_up()
    space = (
        await host.post("/api/v1/spaces", json={"title": "Talk", "starts_at": "2031-01-01T20:00:00Z"})
    ).json()
    return host, space["id"]


def stage(space: str, leaf: str) -> str:
    return f"/api/v1/spaces/{space}/stage/{leaf}"


async def found(person: Any, space: str) -> list[dict[str, Any]]:
    answer = await person.get(stage(space, "checks"))
    assert answer.status_code == 200
    checks: list[dict[str, Any]] = answer.json()["checks"]
    return checks


async def test_the_newest_check_of_everybody_is_the_hosts_to_see(site: Any, talk: tuple[Any, str]) -> None:
    host, space = talk
    sam, kim = [await site.speaker(host, space, "speaker", name) for name in ("Sam", "Kim")]
    for person, seen in ((kim, FOUND), (sam, {}), (sam, FOUND)):
        assert (await person.put(stage(space, "check"), json=seen)).status_code == 204
    checks = await found(host, space)
    assert [check["name"] for check in checks] == ["Sam", "Kim"]
    assert FOUND.items() <= checks[0].items()
    assert (await sam.get(stage(space, "checks"))).status_code == 403


async def test_a_line_is_tried_without_consent_and_by_nobody_from_outside(
    site: Any, talk: tuple[Any, str]
) -> None:
    host, space = talk
    sam = await site.speaker(host, space, "speaker", "Sam")
    answer = await sam.post(stage(space, "check/offer"), json={"sdp": SDP})
    assert (answer.status_code, answer.json()) == (200, {"sdp": "v=0\r\nanswer\r\n"})
    assert [tried.sdp for tried in site.stage.tried] == [SDP]
    assert site.stage.offers == []
    other = (await host.post("/api/v1/spaces", json={"title": "Another"})).json()["id"]
    for leaf, body in (("check/offer", {"sdp": SDP}), ("check", FOUND)):
        asked = sam.post if leaf == "check/offer" else sam.put
        assert (await asked(stage(other, leaf), json=body)).status_code == 403


async def test_what_was_found_goes_with_the_link(site: Any, talk: tuple[Any, str]) -> None:
    host, space = talk
    sam = await site.speaker(host, space, "speaker", "Sam")
    await sam.put(stage(space, "check"), json=FOUND)
    (link,) = (await host.get(f"/api/v1/spaces/{space}/links")).json()["links"]
    assert (await host.delete(f"/api/v1/spaces/{space}/links/{link['id']}")).status_code == 204
    assert await found(host, space) == []


async def test_a_name_is_asked_of_those_whose_link_says_none_and_bad_findings_are_refused(
    site: Any, talk: tuple[Any, str]
) -> None:
    host, space = talk
    somebody = await site.speaker(host, space, "speaker", "")
    assert (await somebody.put(stage(space, "check"), json={**FOUND, "name": "Lee"})).status_code == 204
    assert (await found(host, space))[0]["name"] == "Lee"
    for wrong in ({"way": "by sea"}, {"loss_percent": 101}, {"round_trip_ms": -1}, {"extra": 1}):
        assert (await somebody.put(stage(space, "check"), json=wrong)).status_code == 400


async def test_only_so_many_are_kept(site: Any, talk: tuple[Any, str]) -> None:
    host, space = talk
    async with Database(database_path(site.data)) as database, database.session() as session:
        for number in range(MOST_PER_SPACE):
            words = {"microphone": "heard", "headphones": "clear", "way": "direct", "relay": "absent"}
            person = {"person": f"link:{number}", "name": f"Person {number}", "role": "speaker"}
            session.add(SoundCheckRow(space=space, at=number, **person, **words))
    sam = await site.speaker(host, space, "speaker", "Sam")
    await sam.put(stage(space, "check"), json=FOUND)
    names = [check["name"] for check in await found(host, space)]
    assert len(names) == MOST_PER_SPACE
    assert names[0] == "Sam"
    assert "Person 0" not in names
