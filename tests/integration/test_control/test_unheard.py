"""What a stage did not hear, because it or the bus was away, it is told again once it reports otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from rostra.bus.messages import Off, Role, Speaker
from rostra.control import unheard
from rostra.core.ids import SpeakerId


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unheard, "LOOK_S", 0.02)


class Talk:
    """One space with Sam on stage, who came by a link."""

    def __init__(self, site: Any, host: Any, space: str, link: str, speaker: str) -> None:
        self.site, self.host, self.space = site, host, space
        self.path = f"/api/v1/spaces/{space}"
        self.link = f"{self.path}/links/{link}"
        self.whom = f"{self.path}/floor/speakers/{speaker}"
        self.mute = f"{self.path}/stage/speakers/{speaker}/mute"
        self.sam = Speaker(speaker=SpeakerId(speaker), name="Sam", role=Role.SPEAKER)
        self._samples = count()

    def report(self) -> None:
        """As the stage does while it is live: there is something new each time."""
        self.site.stage.report(self.space, self.sam, samples=next(self._samples))

    def reporting(self, ready: Callable[[], bool]) -> Callable[[], bool]:
        """Report until ``ready``."""

        def look() -> bool:
            self.report()
            return ready()

        return look


async def begun(site: Any, wait_until: Any, *, visibility: str, text_id: str) -> Talk:
    host = await site.set_up()
    fields = {"title": "Talk", "visibility": visibility}
    space = (await host.post("/api/v1/spaces", json=fields)).json()["id"]
    made = (await host.post(f"/api/v1/spaces/{space}/links", json={"role": "speaker", "name": "Sam"})).json()
    sam = site.client(f"Speaker {made['token']}")
    consent = {"text_id": text_id, "accepted": True, "browser": "his"}
    speaker = (await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=consent)).json()["speaker"]
    talk = Talk(site, host, space, made["id"], speaker)
    talk.report()
    await wait_until(lambda: space in site.states and site.states[space].lifecycle == "lobby")
    await asyncio.sleep(0.1)  # looked at
    return talk


@pytest.fixture
async def talk(site: Any, wait_until: Any) -> Talk:
    return await begun(site, wait_until, visibility="public", text_id="live-and-recorded-1")


@pytest.mark.parametrize(
    ("act", "why"), [("remove", Off.SEAT), ("block", Off.BLOCKED), ("take the link back", Off.LINK)]
)
@pytest.mark.parametrize("restarts", [False, True])
async def test_whoever_was_taken_off_is_off_once_the_stage_is_back(
    talk: Talk, wait_until: Any, act: str, why: Off, restarts: bool
) -> None:
    stage = talk.site.stage
    async with talk.site.stage_away():
        if act == "remove":
            answer = await talk.host.delete(talk.whom)
        elif act == "block":
            answer = await talk.host.post(f"{talk.whom}/block", json={"everywhere": True})
        else:
            answer = await talk.host.delete(talk.link)
        assert answer.is_success, answer.text
        if restarts:
            await talk.site.control.kill()
            await talk.site.start()
    assert stage.taken_off == []
    await wait_until(talk.reporting(lambda: bool(stage.taken_off)))
    off = stage.taken_off[0]
    expected = Off.SEAT if restarts else why
    assert (off.speakers, off.space, off.why) == ((talk.sam.speaker,), talk.space, expected)


async def test_a_role_and_a_mute_that_the_stage_missed_are_told_again(talk: Talk, wait_until: Any) -> None:
    stage = talk.site.stage
    async with talk.site.stage_away():
        assert (await talk.host.put(f"{talk.whom}/place", json={"role": "cohost"})).status_code == 204
        assert (await talk.host.post(talk.mute, json={"muted": True})).status_code == 204
    assert stage.recasts == stage.mutes == []
    await wait_until(talk.reporting(lambda: bool(stage.recasts and stage.mutes)))
    assert (stage.recasts[0].speaker, stage.recasts[0].role) == (talk.sam.speaker, Role.COHOST)
    mute = stage.mutes[0]
    assert (mute.speaker, mute.muted, mute.by_host) == (talk.sam.speaker, True, True)
    assert stage.taken_off == []


async def test_whoever_has_not_accepted_terms_that_the_stage_missed_is_off_it(
    site: Any, wait_until: Any
) -> None:
    talk = await begun(site, wait_until, visibility="private", text_id="private-and-recorded-1")
    async with site.stage_away():
        assert (await talk.host.patch(talk.path, json={"visibility": "public"})).is_success
    assert site.stage.taken_off == []
    await wait_until(talk.reporting(lambda: bool(site.stage.taken_off)))
    off = site.stage.taken_off[0]
    assert (off.speakers, off.space, off.why) == ((talk.sam.speaker,), talk.space, Off.TERMS)


async def test_one_report_alone_takes_nobody_off(talk: Talk) -> None:
    async with talk.site.stage_away():
        await talk.host.put(f"{talk.whom}/place", json={"role": "listener"})
    talk.report()
    await asyncio.sleep(0.3)  # looked at often
    assert talk.site.stage.taken_off == []


async def test_whoever_is_there_as_they_should_be_is_left_alone(talk: Talk, wait_until: Any) -> None:
    seen = iter(range(100))
    await wait_until(talk.reporting(lambda: next(seen) == 60))
    stage = talk.site.stage
    assert stage.taken_off == stage.recasts == stage.mutes == []
