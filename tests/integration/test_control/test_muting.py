"""Muting holds: over the stage's death and backstage's, and against the one whom a host muted."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rostra.bus.messages import Mute

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


class Scene:
    """A host, and Sam, who is on stage."""

    def __init__(self, site: Any, host: Any, sam: Any, space: str, speaker: str) -> None:
        self.site, self.host, self.sam = site, host, sam
        self._stage = f"/api/v1/spaces/{space}/stage"
        self._mute = f"{self._stage}/speakers/{speaker}/mute"

    async def mute(self, person: Any, muted: bool) -> Any:
        return await person.post(self._mute, json={"muted": muted})

    async def enter(self) -> tuple[bool, bool]:
        """Sam enters (again); how the stage was told to treat them."""
        assert (await self.sam.post(f"{self._stage}/offer", json={"sdp": SDP})).status_code == 200
        offer = self.site.stage.offers[-1]
        return offer.muted, offer.muted_by_host

    async def me(self) -> tuple[bool, bool]:
        me = (await self.sam.get(self._stage)).json()["me"]
        return me["muted"], me["muted_by_host"]


@pytest.fixture
async def scene(site: Any) -> Scene:
    host = await site.set_up()
    space = (await host.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    sam = await site.speaker(host, space, "speaker", "Sam")
    speaker = (await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)).json()["speaker"]
    scene = Scene(site, host, sam, space, speaker)
    assert await scene.enter() == (False, False)
    return scene


async def test_whom_the_host_muted_comes_back_muted_after_the_stage_and_backstage_died(scene: Scene) -> None:
    assert (await scene.mute(scene.host, True)).status_code == 204
    assert await scene.enter() == (True, True)
    async with scene.site.stage_away():
        await scene.site.control.kill()
        await scene.site.start()
    for person in (scene.host, scene.sam):
        person.base_url = scene.site.url
    assert await scene.me() == (True, True)
    assert await scene.enter() == (True, True)


async def test_whom_the_host_muted_cannot_undo_it_but_the_host_can(scene: Scene) -> None:
    await scene.mute(scene.host, True)
    refused = await scene.mute(scene.sam, False)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "muted_by_host"
    assert "The host muted you" in refused.json()["error"]["message"]
    assert [mute.muted for mute in scene.site.stage.mutes] == [True]
    assert (await scene.mute(scene.host, False)).status_code == 204
    assert await scene.enter() == (False, False)


async def test_muting_oneself_does_not_loosen_what_the_host_did(scene: Scene) -> None:
    await scene.mute(scene.host, True)
    assert (await scene.mute(scene.sam, True)).status_code == 204
    assert (await scene.mute(scene.sam, False)).status_code == 403


async def test_who_muted_themselves_may_undo_it(scene: Scene) -> None:
    assert (await scene.mute(scene.sam, True)).status_code == 204
    assert await scene.enter() == (True, False)
    assert (await scene.mute(scene.sam, False)).status_code == 204
    assert await scene.enter() == (False, False)


async def test_no_host_opens_the_microphone_of_somebody_who_muted_themselves(scene: Scene) -> None:
    await scene.mute(scene.sam, True)
    assert (await scene.mute(scene.host, False)).status_code == 204
    assert await scene.me() == (True, False)
    assert await scene.enter() == (True, False)
    assert [mute.muted for mute in scene.site.stage.mutes] == [True, True]


@pytest.mark.parametrize("first", ["sam", "host"])
async def test_a_host_takes_back_what_hosts_did_and_leaves_what_the_speaker_wished(
    scene: Scene, first: str
) -> None:
    both = [scene.sam, scene.host]
    for person in both if first == "sam" else reversed(both):
        assert (await scene.mute(person, True)).status_code == 204
    assert await scene.me() == (True, True)
    assert (await scene.mute(scene.host, False)).status_code == 204
    assert await scene.me() == (True, False)
    assert [(mute.muted, mute.by_host) for mute in scene.site.stage.mutes][-1] == (True, False)
    assert (await scene.mute(scene.sam, False)).status_code == 204
    assert await scene.enter() == (False, False)


async def test_a_mute_while_the_stage_is_away_holds_when_it_is_back(scene: Scene) -> None:
    async with scene.site.stage_away():
        assert (await scene.mute(scene.host, True)).status_code == 204
    assert await scene.enter() == (True, True)


async def test_a_mute_that_overtakes_an_offer_is_told_to_the_stage_after_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = scene.site.stage
    entered, let_in = asyncio.Event(), asyncio.Event()
    answer = stage.answer_offer

    async def slow(offer: Any) -> Any:
        entered.set()
        await let_in.wait()
        return await answer(offer)

    stage.answer_offer = slow
    entering = asyncio.create_task(scene.enter())
    await entered.wait()
    assert (await scene.mute(scene.host, True)).status_code == 204
    let_in.set()
    assert await entering == (False, False)
    assert [(mute.muted, mute.by_host) for mute in stage.mutes] == [(True, True)] * 2
    assert isinstance(stage.mutes[-1], Mute)


async def test_nobody_unheard_of_is_muted(scene: Scene) -> None:
    refused = await scene.host.post(f"{scene._stage}/speakers/nnnnnnn2/mute", json={"muted": True})
    assert refused.status_code == 404


async def test_an_open_page_learns_of_a_mute_while_the_stage_is_away(scene: Scene) -> None:
    stream = scene.sam.stream("GET", f"{scene._stage}/stream")
    async with scene.site.stage_away(), stream as answer, asyncio.timeout(5):
        told = (
            json.loads(line.removeprefix("data: "))["me"]
            async for line in answer.aiter_lines()
            if line.startswith("data: ")
        )
        assert not (await anext(told))["muted"]
        assert (await scene.mute(scene.host, True)).status_code == 204
        assert (await anext(told))["muted_by_host"]
        assert (await scene.mute(scene.host, False)).status_code == 204
        assert not (await anext(told))["muted"]


class TwoWays:
    """Ivy, whom Grace invited, and who holds a link of the same stage as well."""

    def __init__(self, site: Any, grace: Any, ivy: Any, space: str, token: str) -> None:
        self.site, self.grace, self._ivy = site, grace, ivy
        self.stage = f"/api/v1/spaces/{space}/stage"
        self._ways: dict[str, dict[str, str]] = {"account": {}, "link": {"authorization": f"Speaker {token}"}}

    async def accept(self, way: str) -> str:
        body = {**CONSENT, "name": "Ivy"}
        answer = await self._ivy.post(f"{self.stage}/consent", json=body, headers=self._ways[way])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["speaker"])

    async def enter(self, way: str) -> tuple[bool, bool]:
        """How the stage is told to treat her who comes that way."""
        headers = self._ways[way]
        answer = await self._ivy.post(f"{self.stage}/offer", json={"sdp": SDP}, headers=headers)
        assert answer.status_code == 200, answer.text
        offer = self.site.stage.offers[-1]
        return offer.muted, offer.muted_by_host

    async def mute(self, by: Any, speaker: str, muted: bool, way: str = "account") -> int:
        headers = self._ways[way] if by is self._ivy else {}
        address = f"{self.stage}/speakers/{speaker}/mute"
        answer = await by.post(address, json={"muted": muted}, headers=headers)
        return int(answer.status_code)

    async def mute_self(self, speaker: str, muted: bool, way: str) -> int:
        return await self.mute(self._ivy, speaker, muted, way)


@pytest.fixture
async def two_ways(site: Any) -> TwoWays:
    await site.set_up()
    ivy, grace = await site.host("ivy"), await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    token = (await grace.post(f"{path}/links", json={"name": "Ivy"})).json()["token"]
    assert (await grace.post(f"{path}/floor/invite", json={"handle": "ivy"})).status_code == 204
    return TwoWays(site, grace, ivy, space, token)


@pytest.mark.parametrize(("first", "then"), [("link", "account"), ("account", "link")])
async def test_whom_the_host_muted_comes_muted_by_another_way_in_of_the_same_account(
    two_ways: TwoWays, first: str, then: str
) -> None:
    known = await two_ways.accept(first)
    assert await two_ways.mute(two_ways.grace, known, True) == 204
    other = await two_ways.accept(then)
    assert other != known
    assert await two_ways.enter(then) == (True, True)
    assert await two_ways.mute_self(other, False, then) == 403
    assert await two_ways.mute(two_ways.grace, other, False) == 204
    assert await two_ways.enter(then) == (False, False)
    assert await two_ways.enter(first) == (False, False)


async def test_a_host_mutes_every_way_in_of_an_account_at_once_and_a_speaker_the_one_they_came_by(
    two_ways: TwoWays,
) -> None:
    link, account = await two_ways.accept("link"), await two_ways.accept("account")
    told = two_ways.site.stage.mutes
    for muted in (True, False):
        assert await two_ways.mute(two_ways.grace, link, muted) == 204
        assert {(mute.speaker, mute.muted) for mute in told} == {(link, muted), (account, muted)}
        told.clear()
    assert await two_ways.mute_self(link, True, "link") == 204
    assert [mute.speaker for mute in told] == [link]
    assert await two_ways.enter("account") == (False, False)


async def test_a_co_host_muted_as_a_speaker_is_heard_as_the_co_host_they_are(two_ways: TwoWays) -> None:
    link, account = await two_ways.accept("link"), await two_ways.accept("account")
    place = f"{two_ways.stage.removesuffix('stage')}floor/speakers/{account}/place"
    assert (await two_ways.grace.put(place, json={"role": "cohost"})).status_code == 204
    assert await two_ways.mute(two_ways.grace, link, True) == 204
    assert await two_ways.enter("account") == (False, False)
    assert await two_ways.enter("link") == (True, True)
