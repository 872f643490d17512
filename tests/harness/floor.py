"""A live space with somebody at every place of its floor, over the API; and what is asked of it there."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

import httpx

from harness.waiting import until
from rostra.bus.messages import (
    FLOOR_ASK,
    Asked,
    AskToSpeak,
    Role,
    Speaker,
)
from rostra.control.floor import Act, Place
from rostra.core.ids import SpaceId, SpeakerId

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}
BY_LINK = (Place.HOST, Place.ACTING, Place.COHOST, Place.SPEAKER, Place.LISTENER)
WHY = {"reason": "Too many strangers"}


@dataclass
class Floor:
    """A live space with somebody at every place; ``people`` ask, ``speakers`` are whom they are on stage."""

    site: Any
    space: str
    people: dict[Place, httpx.AsyncClient]
    speakers: dict[Place, str]
    request: str = ""
    block: str = ""

    @property
    def path(self) -> str:
        return f"/api/v1/spaces/{self.space}"

    async def act(  # noqa: PLR0912 (a table of addresses)
        self, act: Act, actor: Place, target: Place | None = None, *, undo: bool = False
    ) -> httpx.Response:
        """Do one thing over the API; ``undo`` takes a mute back."""
        http, floor = self.people[actor], f"{self.path}/floor"
        whom = f"{floor}/speakers/{self.speakers[target]}" if target is not None else ""
        own = f"{self.path}/stage/speakers/{self.speakers[actor]}/mute"
        match act:
            case Act.ACCEPT | Act.DECLINE:
                return await http.post(f"{floor}/requests/{await self.waiting()}/{act}")
            case Act.SEE_FLOOR:
                return await http.get(f"{self.path}/links")
            case Act.INVITE:
                return await http.post(f"{floor}/invite", json={"handle": "ivy"})
            case Act.INVITE_COHOST | Act.INVITE_HOST:
                return await http.post(f"{self.path}/links", json={"role": act.removeprefix("invite-")})
            case Act.TAKE_LINK_BACK:
                return await http.delete(f"{self.path}/links/{await self.link(target)}")
            case Act.MUTE_SELF:
                return await http.post(own, json={"muted": not undo})
            case Act.MUTE:
                address = f"{self.path}/stage/speakers/{self.speakers[target or actor]}/mute"
                return await http.post(address, json={"muted": not undo})
            case Act.MUTE_ALL:
                return await http.post(f"{floor}/mute-all")
            case Act.LISTENER | Act.PROMOTE | Act.DEMOTE | Act.HAND_OVER:
                roles = {Act.PROMOTE: "cohost", Act.DEMOTE: "speaker", Act.HAND_OVER: "host"}
                return await http.put(f"{whom}/place", json={"role": roles.get(act, "listener")})
            case Act.REMOVE:
                return await http.delete(whom)
            case Act.BLOCK | Act.BLOCK_EVERYWHERE:
                return await http.post(f"{whom}/block", json={"everywhere": act is Act.BLOCK_EVERYWHERE})
            case Act.UNBLOCK:
                return await http.delete(f"{floor}/blocks/{await self.blocked()}")
            case Act.LOCK:
                return await http.put(f"{floor}/lock", json=WHY)
            case Act.UNLOCK:
                return await http.delete(f"{floor}/lock")
            case Act.TAKE_BACK:
                return await http.post(f"{floor}/take-back")
            case Act.GO_LIVE:
                return await http.post(f"{self.path}/live")
            case Act.END:
                return await http.post(f"{self.path}/end", json=WHY)
        raise AssertionError(act)

    async def link(self, holder: Place | None) -> str:
        """The link by which somebody came."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            came = "select person from consents where speaker = ?"
            ((person,),) = database.execute(came, (self.speakers[holder or Place.LISTENER],))
            return str(person).removeprefix("link:")

    async def waiting(self) -> str:
        """A request that waits."""
        if not self.request:
            self.request = await self.ask()
        return self.request

    async def blocked(self) -> str:
        """Somebody whom the owner has blocked."""
        if not self.block:
            owner, floor = self.people[Place.OWNER], f"{self.path}/floor"
            await owner.post(f"{floor}/requests/{await self.ask()}/block", json={})
            held = (await owner.get(f"{floor}/blocks")).json()["blocks"]
            (self.block,) = [block["id"] for block in held if not block["everywhere"]]
        return self.block

    async def ask(self, secret: str = "", **about: str) -> str:
        """A listener asks to speak, as the door passes it on."""
        request = sha256((secret or token_hex()).encode()).hexdigest()
        asked = AskToSpeak(
            space=SpaceId(self.space), request=request, **{"name": "Lena", "browser": request, **about}
        )
        await self.site.bus.request(FLOOR_ASK, asked, Asked)
        return request

    def kept(self) -> dict[str, list[Any]]:
        """Everything in the database but the record."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            found = database.execute("select name from sqlite_master where type = 'table'")
            tables = [name for (name,) in found]
            return {
                name: database.execute(f"select * from {name} order by 1").fetchall()
                for name in tables
                if name not in ("audit", "sqlite_sequence")
            }

    def lines(self, act: str) -> list[str]:
        """The record's lines of an act: who."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            return [who for (who,) in database.execute("select actor from audit where act = ?", (act,))]


async def consent(http: httpx.AsyncClient, path: str, name: str) -> str:
    answer = await http.post(f"{path}/stage/consent", json={**CONSENT, "name": name, "browser": token_hex()})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["speaker"])


async def floor_of(
    site: Any, owner: httpx.AsyncClient, operator: httpx.AsyncClient, *, live: bool = True
) -> Floor:
    """Somebody at every place: the co-hosts came by link, one of them acts as host once it is live."""
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    people = {
        Place.OPERATOR: operator,
        Place.OWNER: owner,
        Place.HOST: await site.speaker(owner, space, "host", "Hanna"),
        Place.ACTING: await site.speaker(owner, space, "cohost", "Axel"),
        Place.COHOST: await site.speaker(owner, space, "cohost", "Carla"),
        Place.SPEAKER: await site.speaker(owner, space, "speaker", "Sam"),
        Place.LISTENER: await site.speaker(owner, space, "speaker", "Luis"),
    }
    names = {Place.OPERATOR: "Ada", Place.OWNER: "Grace"}
    speakers = {place: await consent(http, path, names.get(place, "")) for place, http in people.items()}
    off = await owner.delete(f"{path}/floor/speakers/{speakers[Place.LISTENER]}")
    assert off.status_code == 204
    if live:
        await owner.post(f"{path}/live")
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        database.execute(
            "update spaces set acting_person = (select person from consents where speaker = ?) where id = ?",
            (speakers[Place.ACTING], space),
        )
        database.commit()
    return Floor(site, space, people, speakers)


async def view(http: httpx.AsyncClient, path: str) -> Any:
    return (await http.get(f"{path}/stage")).json()


async def enters(
    site: Any, http: httpx.AsyncClient, path: str, *speakers: str, connected: bool = True
) -> None:
    """Nobody but these is on stage, and backstage has heard so; not ``connected``, their seats are kept."""
    space = path.rpartition("/")[2]
    present = [
        Speaker(speaker=SpeakerId(each), name=each, role=Role.SPEAKER, connected=connected)
        for each in speakers
    ]
    run = site.states[space].run
    site.stage.report(space, *present, live=run is not None, run=run)
    await until(on_stage(http, path, len(present)), what="they are on stage", within_s=5)


def on_stage(http: httpx.AsyncClient, path: str, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether backstage has heard of so many on stage."""

    async def heard() -> bool:
        return len((await view(http, path))["speakers"]) == count

    return heard
