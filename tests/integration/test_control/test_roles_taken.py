"""Whoever is no operator or moderator any more keeps nothing of others' that came by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from harness.floor import SDP
from rostra.bus import messages as m
from rostra.core.ids import SpaceId, SpeakerId

from .conftest import PASSWORD, Site
from .test_suspension import consented


async def operator(site: Site, handle: str = "olga") -> Any:
    body = {"handle": handle, "name": handle.title(), "password": PASSWORD, "role": "operator"}
    assert (await site.operator().post("/api/v1/accounts", json=body)).status_code == 201
    http = site.browser()
    await http.post("/api/v1/session", json={"handle": handle, "password": PASSWORD})
    return http


async def make(http: Any, **fields: str) -> SpaceId:
    answer = await http.post("/api/v1/spaces", json={"title": "Us", "visibility": "private", **fields})
    return SpaceId(answer.json()["id"])


async def become(site: Site, role: str, handle: str = "olga") -> None:
    answer = await site.operator().patch(f"/api/v1/accounts/{handle}", json={"role": role})
    assert answer.status_code == 200, answer.text


def seen(speaker: str, role: m.Role = m.Role.COHOST) -> m.Speaker:
    return m.Speaker(speaker=SpeakerId(speaker), name="Olga", role=role, connected=True)


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    async for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_whoever_operates_no_more_is_off_the_stages_on_which_that_was_all_they_were(site: Any) -> None:
    await site.set_up()
    bob, olga = await site.host("bob"), await operator(site)
    plain, invited, own = await make(bob), await make(bob), await make(olga)
    body = {"handle": "olga"}
    assert (await bob.post(f"/api/v1/spaces/{invited}/floor/invite", json=body)).is_success
    speakers = {each: await consented(olga, each) for each in (plain, invited, own)}
    for stage, speaker in speakers.items():
        assert (await olga.post(f"/api/v1/spaces/{stage}/stage/offer", json={"sdp": SDP})).is_success
        site.stage.report(stage, seen(speaker))
    by_link = await site.speaker(bob, plain, "cohost", "Her desk")
    by_link.headers["cookie"] = f"rostra_session={olga.cookies['rostra_session']}"
    await consented(by_link, plain, "Her desk")
    await become(site, "moderator")
    assert [(off.speakers, off.why) for off in site.stage.taken_off] == [((speakers[plain],), m.Off.SEAT)]
    entered = {
        stage: (await olga.post(f"/api/v1/spaces/{stage}/stage/offer", json={"sdp": SDP})).status_code
        for stage in speakers
    }
    assert entered == {plain: 403, invited: 200, own: 200}


async def test_a_host_sees_at_once_what_may_be_done_to_whoever_operates_no_more(site: Any) -> None:
    await site.set_up()
    bob, olga = await site.host("bob"), await operator(site)
    space = await make(bob, visibility="public")
    assert (await bob.post(f"/api/v1/spaces/{space}/floor/invite", json={"handle": "olga"})).is_success
    site.stage.report(space, seen(await consented(olga, space)))
    async with bob.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream, asyncio.timeout(5):
        told = events(stream.aiter_lines())
        while (event := await anext(told))["state"] != "lobby":
            pass
        assert event["speakers"][0]["acts"] == ["mute"]
        await become(site, "member")
        while "remove" not in (await anext(told))["speakers"][0]["acts"]:
            pass


async def test_an_open_studio_shows_no_operators_view_once_they_are_none(site: Any) -> None:
    await site.set_up()
    bob, olga = await site.host("bob"), await operator(site)
    own, others = await make(olga), await make(bob)
    path = "/api/v1/spaces/{}/stage/stream".format
    async with olga.stream("GET", path(own)) as at_home, olga.stream("GET", path(others)) as elsewhere:
        mine, theirs = events(at_home.aiter_lines()), events(elsewhere.aiter_lines())
        assert [(await anext(each))["me"]["place"] for each in (mine, theirs)] == ["owner", "operator"]
        await become(site, "member")
        async with asyncio.timeout(2):
            assert [event async for event in theirs] == []
        site.stage.report(own, seen("s" * 12, m.Role.HOST))
        async with asyncio.timeout(2):
            assert (await anext(mine))["me"]["place"] == "owner"


async def test_an_open_studio_of_an_operator_who_was_invited_shows_a_speakers_view(site: Any) -> None:
    await site.set_up()
    bob, olga = await site.host("bob"), await operator(site)
    space = await make(bob)
    assert (await bob.post(f"/api/v1/spaces/{space}/floor/invite", json={"handle": "olga"})).is_success
    async with olga.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream, asyncio.timeout(5):
        told = events(stream.aiter_lines())
        assert (await anext(told))["me"]["place"] == "operator"
        await become(site, "member")
        while (await anext(told))["me"]["place"] != "speaker":
            pass
