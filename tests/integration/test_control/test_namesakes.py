"""Nobody on stage passes for somebody else there, however they came and whenever they accepted."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.bus.client import RemoteError
from rostra.bus.messages import FLOOR_ASK, Asked, AskToSpeak, Off, Role, Speaker
from rostra.core.ids import SpaceId, SpeakerId

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


class Stage:
    """One space of Grace, on whose stage people come and go."""

    def __init__(self, site: Any, grace: Any, space: str, wait_until: Any) -> None:
        self.site, self.grace, self.space, self._wait_until = site, grace, space, wait_until
        self.path = f"/api/v1/spaces/{space}"

    async def link(self, role: str = "speaker", name: str = "") -> Any:
        return await self.site.speaker(self.grace, self.space, role, name)

    async def accept(self, person: Any, name: str) -> Any:
        return await person.post(f"{self.path}/stage/consent", json={**CONSENT, "name": name})

    async def enter(self, person: Any) -> Any:
        return await person.post(f"{self.path}/stage/offer", json={"sdp": SDP})

    async def told(self, person: Any) -> Any:
        return (await person.get(f"{self.path}/stage")).json()

    async def holds(self, **speakers: str) -> None:
        """The stage reports these, by name, and backstage has heard it."""
        there = [
            Speaker(speaker=SpeakerId(speaker), name=name, role=Role.SPEAKER)
            for name, speaker in speakers.items()
        ]
        self.site.stage.report(self.space, *there)

        async def heard() -> bool:
            return [each["name"] for each in (await self.told(self.grace))["speakers"]] == list(speakers)

        await self._wait_until(heard)


@pytest.fixture
async def stage(site: Any, wait_until: Any) -> Stage:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    return Stage(site, grace, space, wait_until)


async def test_of_two_who_accepted_under_one_name_the_second_on_stage_chooses_another(stage: Stage) -> None:
    first, second = await stage.link(), await stage.link()
    one = (await stage.accept(first, "Alex")).json()["speaker"]
    assert (await stage.accept(second, "ALEX")).status_code == 200
    await stage.holds(Alex=one)
    refused = await stage.enter(second)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "name_taken")
    assert (await stage.enter(first)).status_code == 200, "who was there comes back"
    assert (await stage.accept(second, "Alex B.")).status_code == 200
    assert (await stage.enter(second)).status_code == 200


async def test_nobody_takes_the_name_of_an_owner_or_a_co_host_who_has_not_come(stage: Stage) -> None:
    guest = await stage.link()
    await stage.link("cohost", "Cleo")
    for name in ("ɢʀᴀᴄᴇ", "Cleo"):
        refused = await stage.accept(guest, name)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "name_taken"), name
    asked = AskToSpeak(space=SpaceId(stage.space), request="a" * 64, name="Grace", browser="hers")
    with pytest.raises(RemoteError) as told:
        await stage.site.bus.request(FLOOR_ASK, asked, Asked)
    assert told.value.code == "name_taken"


async def test_the_owner_comes_under_their_own_name_and_who_bears_it_goes(stage: Stage) -> None:
    guest = await stage.link()
    speaker = (await stage.accept(guest, "G. Hopper")).json()["speaker"]
    await stage.holds(**{"G. Hopper": speaker})
    assert (await stage.accept(stage.grace, "G Hopper")).status_code == 200
    assert (await stage.enter(stage.grace)).status_code == 200
    off = stage.site.stage.taken_off[-1]
    assert (off.speakers, off.why) == ((speaker,), Off.NAME)
    assert "come back under another one" in (await stage.told(guest))["me"]["off"]
