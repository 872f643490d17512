"""Nobody on stage passes for somebody else there, however they came and whenever they accepted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from rostra.bus.client import RemoteError
from rostra.bus.messages import FLOOR_ASK, Asked, AskToSpeak, Off, Role, Speaker
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import database_path

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


class Stage:
    """One space of Grace, on whose stage people come and go."""

    def __init__(self, site: Any, ada: Any, grace: Any, space: str, wait_until: Any) -> None:
        self.site, self.ada, self.grace, self.space, self._wait_until = site, ada, grace, space, wait_until
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
    ada = await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    return Stage(site, ada, grace, space, wait_until)


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


@pytest.mark.parametrize("name", ["x" * 41, "Mallo аdmin", "G"])  # the second with a Cyrillic letter
async def test_accounts_and_links_bear_only_what_is_a_name_for_everybody(stage: Stage, name: str) -> None:
    new = {"handle": "mallory", "name": name, "password": "correct horse battery", "role": "member"}
    refused = [
        await stage.grace.patch("/api/v1/account", json={"name": name}),
        await stage.ada.post("/api/v1/accounts", json=new),
        await stage.grace.post(f"{stage.path}/links", json={"name": name}),
    ]
    assert [(each.status_code, each.json()["error"]["code"]) for each in refused] == [(400, "bad_name")] * 3


async def _was_called(stage: Stage, handle: str, name: str) -> Any:
    """An account under a name from before names were held to anything."""
    http = await stage.site.host(handle)
    with closing(sqlite3.connect(database_path(stage.site.data))) as connection:
        connection.execute("UPDATE accounts SET name = ? WHERE handle = ?", (name, handle))
        connection.commit()
    return http


async def _asks(stage: Stage, http: Any, request: str) -> str:
    voucher = (await http.get(f"{stage.path}/floor/me")).json()["voucher"]
    asked = AskToSpeak(space=SpaceId(stage.space), request=request, name="", browser="hers", voucher=voucher)
    await stage.site.bus.request(FLOOR_ASK, asked, Asked)
    (waiting,) = (await stage.told(stage.grace))["requests"]
    return str(waiting["name"])


async def test_a_longer_name_of_an_older_account_is_cut_on_stage_and_in_the_queue(stage: Stage) -> None:
    long = "Wilhelmina Alexandrina Petronella van Oranje-Nassau"
    mina = await _was_called(stage, "mina", long)
    assert (await mina.patch("/api/v1/account", json={"name": long, "bio": "A queen."})).status_code == 200
    cut = "Wilhelmina Alexandrina Petronella van..."
    assert await _asks(stage, mina, "b" * 64) == cut
    await stage.grace.post(f"{stage.path}/floor/invite", json={"handle": "mina"})
    for name in ("", long, cut):
        assert (await stage.accept(mina, name)).json()["name"] == cut


async def test_whose_older_name_is_none_is_asked_for_another(stage: Stage) -> None:
    mallory = await _was_called(stage, "mallory", "Mallo аdmin")
    with pytest.raises(RemoteError) as told:
        await _asks(stage, mallory, "c" * 64)
    assert told.value.code == "bad_name"
    await stage.grace.post(f"{stage.path}/floor/invite", json={"handle": "mallory"})
    refused = await stage.accept(mallory, "")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_name")
    assert (await stage.accept(mallory, "Mallory")).json()["name"] == "Mallory"
